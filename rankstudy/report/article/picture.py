"""The picture of the first page: the differences of one pair of spaces, in every data set, on one axis."""

from __future__ import annotations

from typing import Any, NamedTuple

from markupsafe import Markup

from rankstudy.measures.verdict import BETTER, WORSE
from rankstudy.report.article.compared import STATISTICS
from rankstudy.report.article.sentences.answer import answers, headline
from rankstudy.report.article.sentences.verdicts import asked, in_words
from rankstudy.report.article.study import Study
from rankstudy.report.article.text import joined, text

_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_MOST_TICKS = 2
_KINDS = {BETTER: "better", WORSE: "worse"}


class Picture(NamedTuple):
    """A drawing made of elements of the page, what it shows in words, and its caption."""

    drawing: Markup
    alt: str
    caption: Markup


def picture(study: Study) -> Picture | None:
    """Return a mark and an interval for each number, and where no difference would be; None where nothing is compared.

    Few data sets have a mark for each statistic; many have one, for the statistic of the first sentence.
    """
    rows = answers(study)
    if not rows:
        return None
    shown = [row for statistic in (STATISTICS if study.few else STATISTICS[:1]) for row in answers(study, statistic)]
    half = max(abs(row[end]) for row in shown for end in ("low", "high"))
    step = next((step for step in _STEPS if half / step <= _MOST_TICKS + 0.5), 1.0)
    scale = max(half, step) * 1.08
    lines = joined((_group(study, row["dataset"], study.called(row["dataset"]), scale) for row in rows), "")
    if not study.few:
        lines = joined((_line(study.called(row["dataset"]), row, scale) for row in rows), "")
    drawing = text('<div class="forest" aria-hidden="true">{}{}</div>', lines, _axis(step, scale))
    one, other = (study.title(rows[0][side]) for side in ("space", "against"))
    what = asked(STATISTICS[0], "")[0].lower()
    caption = text(
        "Difference{}, {} less {}: points with intervals; to the left, worse.",
        "" if study.few else f" over {what}",
        one,
        other,
    )
    return Picture(drawing, headline(study).striptags(), caption)


def _group(study: Study, dataset: str, title: Markup, scale: float) -> Markup:
    lines = [
        _line(asked(statistic, "")[0], row, scale)
        for statistic in STATISTICS
        for row in answers(study, statistic)
        if row["dataset"] == dataset
    ]
    return text('<p class="of">{}</p>{}', title, joined(lines, ""))


def _line(name: Any, row: dict[str, Any], scale: float) -> Markup:
    low, high, at = (f"{50 + 50 * row[end] / scale:.2f}" for end in ("low", "high", "estimate"))
    return text(
        '<div class="row"><span class="name">{}</span><span class="track {}" title="{}"><i class="ends" style="left: '
        '{}%; right: {:.2f}%"></i><i class="point" style="left: {}%"></i></span></div>',
        name,
        _KINDS.get(row["verdict"], "open"),
        in_words(row["verdict"]),
        low,
        100 - float(high),
        at,
    )


def _axis(step: float, scale: float) -> Markup:
    """Return the axis: its ends are symmetric, and its ticks are multiples of the step."""
    reach = int(scale / step)
    ticks = [
        text(
            '<i style="left: {:.2f}%">{}</i>',
            50 + 50 * place * step / scale,
            f"{place * step:+.3g}".replace("-", "\N{MINUS SIGN}") if place else "0",
        )
        for place in range(-reach, reach + 1)
    ]
    return text(
        '<div class="row axis"><span class="name"></span><span class="ticks">{}</span></div>', joined(ticks, "")
    )
