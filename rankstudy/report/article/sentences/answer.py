"""The answer: the first sentence of the article, its numbers, and whether it holds everywhere."""

from __future__ import annotations

from typing import Any, NamedTuple

from markupsafe import Markup

from rankstudy.measures.uncertainty.tables import AUROC
from rankstudy.report.article.compared import (
    Pair,
    against_of,
    compared_with,
    first_pair,
    reference,
    verdict_of,
)
from rankstudy.report.article.numbers import Number
from rankstudy.report.article.sentences import settings
from rankstudy.report.article.sentences.verdicts import asked, badge, beside, depends, in_words, scope
from rankstudy.report.article.study import Dataset, Study
from rankstudy.report.article.text import NONE, Grid, grid, joined, label, listed, sentence, text
from rankstudy.report.tables import ANSWERED


class Card(NamedTuple):
    """A number of the first screen: what it is, and a row for each data set, or for the two at the ends."""

    name: str
    question: Markup
    rows: list[tuple[Any, Number, Number, Number, Markup]]


def answers(study: Study, statistic: str = AUROC) -> list[dict[str, Any]]:
    """Return the rows of the table `answer` for a statistic."""
    return study.numbers.rows(
        "", "answer", "dataset", "space", "against", "estimate", "low", "high", "verdict", "k", statistic=statistic
    )


def of_answer(study: Study, column: str, dataset: str, statistic: str, **how: Any) -> Number:
    """Return a number of the table `answer`."""
    return study.numbers.value("", "answer", column, dataset=dataset, statistic=statistic, **how)


def headline(study: Study) -> Markup:
    """Return the one sentence of the study: how the first encoding and what it is compared with separate types.

    Where that was asked in many settings, it is the declared one, and then in how many of all it is so.
    """
    rows = answers(study)
    if not rows:
        return _alone(study)
    one, other = study.title(rows[0]["space"]), study.title(rows[0]["against"])
    found = list(dict.fromkeys(row["verdict"] for row in rows))
    curved = settings.curved(study)
    where = ", in the declared setting" if curved else ""
    if len(found) > 1 and curved and study.few:
        parts = [_one_of_few(study, row) for row in rows]
        return text("{}{}: {}.", depends(one, other), where, joined(parts, "; "))
    if len(found) > 1:
        said = text("{}{}: {}", depends(one, other), where, _by_dataset(study, rows))
    else:
        said = text("{}{}{}", beside(found[0], one, other), where, scope(len(rows), _replicates(study)))
    over_all = text("Over all settings: {}.", settings.everywhere(study)) if curved else ""
    return joined([sentence(said), over_all])


def _one_of_few(study: Study, row: dict[str, Any]) -> Markup:
    """Return what a data set says in the declared setting, and in brackets over all settings, if it has curves."""
    (dataset,) = (dataset for dataset in study.datasets if dataset.name == row["dataset"])
    said = text("{} in {}", in_words(row["verdict"]), label(dataset.title))
    if dataset not in settings.curved(study):
        return said
    return text("{} (over all settings {})", said, settings.counts(dataset, first_pair(dataset)))


def _replicates(study: Study) -> int:
    """Return of how many replicates the answer is: one, where curves are not of all."""
    seeds = [len({row["seed"] for row in dataset.rows("curves", "seed")}) for dataset in settings.curved(study)]
    return min([len(study.seeds), *seeds])


def _by_dataset(study: Study, rows: list[dict[str, Any]]) -> Markup:
    """Return the verdicts with the data sets that have them: by name if they are few, else how many."""
    grouped: dict[str, list[str]] = {}
    for row in rows:
        grouped.setdefault(row["verdict"], []).append(row["dataset"])
    if study.few:
        parts = [text("{} in {}", in_words(v), listed(names, study.called)) for v, names in grouped.items()]
        return joined(parts, "; ")
    counted = [
        text(
            "{} in {}", in_words(v), study.numbers.derived("count", "", "answer", "dataset", statistic=AUROC, verdict=v)
        )
        for v in grouped
    ]
    return text(
        "{} of {}", joined(counted, ", "), study.numbers.derived("count", "", "answer", "dataset", statistic=AUROC)
    )


def _alone(study: Study) -> Markup:
    """Return what there is to say of a study that compares its first encoding with nothing."""
    dataset = study.datasets[0]
    where = {"space": dataset.main, "cell_type": None, "style": "probability"}
    return text(
        "By {}, a pair of cells of one type is more alike than a pair of two types with probability {} in {}; this run "
        "compares it with no other space.",
        study.title(dataset.main),
        dataset.span("effect_sizes", "auroc", **where),
        label(dataset.title),
    )


def measure_of_the_pair(study: Study) -> Markup:
    """Return how the two spaces of the first sentence are compared: in which settings, or by which measure.

    Nothing without a pair.
    """
    rows = answers(study)
    if not rows:
        return Markup("")
    if curved := settings.curved(study):
        return joined([settings.bracket(curved[0]), settings.what_decides(study), settings.declaration(study)])
    one, other = (study.declared(rows[0][side]) for side in ("space", "against"))
    if one["metric"] == other["metric"]:
        return text(
            "Like with like: {} and {}. Better and worse take all comparisons together.",
            one["measure"],
            other["measure"],
        )
    return text(
        "{} by {}, {} by {}: the difference is one of the encoding and of the measure. Better and worse take all "
        "comparisons together.",
        study.title(rows[0]["space"]),
        one["measure"],
        study.title(rows[0]["against"]),
        other["measure"],
    )


def cards(study: Study) -> list[Card]:
    """Return the numbers of the first screen, one for each statistic that the table `answer` has."""
    return [_card(study, statistic) for statistic in ANSWERED if answers(study, statistic)]


def _card(study: Study, statistic: str) -> Card:
    rows = sorted(answers(study, statistic), key=lambda row: row["estimate"])
    shown = rows if len(rows) == 1 else [rows[0], rows[-1]]
    k = None if rows[0]["k"] is None else of_answer(study, "k", rows[0]["dataset"], statistic)
    lines = [
        (
            text("{}: {} against {}", study.called(row["dataset"]), *_sides(study, row["dataset"], statistic)),
            *_ends(study, row["dataset"], statistic),
            badge(row["verdict"]),
        )
        for row in shown
    ]
    return Card(*asked(statistic, k), lines)


def _sides(study: Study, dataset: str, statistic: str) -> list[Number]:
    return [of_answer(study, side, dataset, statistic, style="probability") for side in ("value", "value_against")]


def _ends(study: Study, dataset: str, statistic: str) -> tuple[Number, Number, Number]:
    one, low, high = (
        of_answer(study, column, dataset, statistic, style="probability") for column in ("estimate", "low", "high")
    )
    return one, low, high


def everywhere(study: Study) -> Grid | None:
    """Return the differences of the first pair in each data set and statistic; None where there is no pair."""
    shown = [statistic for statistic in ANSWERED if answers(study, statistic)]
    if not shown:
        return None
    pair = answers(study)[0]
    rows = [
        [_link(dataset), *(_difference(study, dataset.name, statistic) for statistic in shown)]
        for dataset in study.datasets
        if any(row["dataset"] == dataset.name for row in answers(study))
    ]
    return grid(
        text(
            "{} less {}{}: differences with intervals.",
            study.title(pair["space"]),
            study.title(pair["against"]),
            ", in the declared setting, on the cells of the curves" if settings.curved(study) else "",
        ),
        ["Data set", *(ANSWERED[statistic] for statistic in shown)],
        rows,
    )


def _of(study: Study, dataset: str, statistic: str) -> list[dict[str, Any]]:
    return [row for row in answers(study, statistic) if row["dataset"] == dataset]


def _link(dataset: Dataset) -> Markup:
    return text('<a href="{}">{}</a>', dataset.page, dataset.study.called(dataset.name))


def _difference(study: Study, dataset: str, statistic: str) -> Markup:
    found = _of(study, dataset, statistic)
    if not found:
        return NONE
    return text("{} {}<br><small>[{}, {}]</small>", badge(found[0]["verdict"]), *_ends(study, dataset, statistic))


def every_space(study: Study) -> Grid | None:
    """Return the AUROC of every space less that of the reference, in each data set; None if nothing is compared.

    Encodings that have a specification curve are not among them.
    """
    references = {dataset.name: reference(dataset) for dataset in study.datasets}
    shown = [dataset for dataset in study.datasets if references[dataset.name]]
    if not shown:
        return None
    against = [study.title(name) for name in dict.fromkeys(references[d.name] for d in shown)]
    spaces = study.spaces("encoding", "baseline", "model")
    found = {space: [_beside(dataset, space, references[dataset.name]) for dataset in shown] for space in spaces}
    rows = [
        [with_meaning(study, space) if study.few else study.title(space), *cells]
        for space, cells in found.items()
        if set(cells) != {NONE}
    ]
    caption = text(
        "AUROC of each {}space less that of {} by the same measure (by correlation where there is none), same cells; "
        "coloured where it is better or worse in every replicate, all comparisons taken together.",
        "other " if settings.curved(study) else "",
        listed(against),
    )
    return grid(caption, ["Space", *(_link(dataset) for dataset in shown)], rows) if rows else None


def with_meaning(study: Study, space: str) -> Markup:
    """Return the title of a space with what it keeps of a cell."""
    return text("{} <small>{}</small>", study.title(space), study.declared(space)["meaning"])


def _beside(dataset: Dataset, space: str, against: str) -> Markup:
    if space not in compared_with(dataset, against):
        return NONE
    verdict = verdict_of(dataset, AUROC, None, Pair(space, against))
    where = {"space": space, "reference": against, "statistic": AUROC, "style": "probability"}
    kind = {"better": "better", "worse": "worse"}.get(verdict, "open")
    return text(
        '<span class="verdict {}" title="{}">{}</span>',
        kind,
        in_words(verdict),
        dataset.of_first("differences", "estimate", **where),
    )


def of_dataset(dataset: Dataset) -> Markup:
    """Return the first sentence of the page of a data set."""
    pair = first_pair(dataset)
    study = dataset.study
    if pair is None:
        where = {"space": dataset.main, "cell_type": None, "style": "probability"}
        return text(
            "By {}, a pair of cells of one type is more alike than a pair of two types with probability {}; nothing is "
            "compared with it.",
            study.title(dataset.main),
            dataset.span("effect_sizes", "auroc", **where),
        )
    verdict = verdict_of(dataset, AUROC, None, pair)
    where = {"space": pair.space, "reference": pair.reference, "statistic": AUROC, "style": "probability"}
    numbers = (dataset.of_first("differences", column, **where) for column in ("estimate", "low", "high"))
    return text(
        "{}: the difference of their AUROC is {} [{}, {}].",
        beside(verdict, study.title(pair.space), study.title(against_of(dataset, pair))),
        *numbers,
    )
