"""Whether the answer depends on how one asks: the specification curves in words."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from rankstudy.measures.settings.tables import (
    AS_MEASURED,
    CENTRED,
    DEPTH,
    MEASURE,
    ONE_TOTAL,
    PANEL,
    PARTS,
    SELECTED,
    SHARED,
)
from rankstudy.measures.uncertainty.tables import AUROC
from rankstudy.report.article.compared import Pair, curves, declared, first_pair
from rankstudy.report.article.numbers import Number
from rankstudy.report.article.page_names import METHODS
from rankstudy.report.article.sentences.verdicts import badge, beside
from rankstudy.report.article.study import Dataset, Study
from rankstudy.report.article.text import Grid, Section, grid, joined, label, listed, sentence, text
from rankstudy.report.curves import usual_reference
from rankstudy.report.tables import ANSWERED

_NAMES = {MEASURE: "the measure", CENTRED: "centring", PANEL: "the panel of genes", DEPTH: "depth"}
_SHORT = {MEASURE: "measure", CENTRED: "centring", PANEL: "genes", DEPTH: "depth"}
PART_VALUES: dict[str, dict[Any, str]] = {
    MEASURE: {"correlation": "correlation", "cosine": "cosine similarity"},
    CENTRED: {False: "not centred", True: "the mean cell subtracted"},
    PANEL: {SELECTED: "the selected genes", SHARED: "the genes that several models share"},
    DEPTH: {AS_MEASURED: "depth as measured", ONE_TOTAL: "all cells at one total"},
}
NO_TEST = Markup(
    "Counts of settings describe and are no test, and a setting with a verdict need not differ from one without."
)


def curved(study: Study) -> list[Dataset]:
    """Return the data sets in which the pair of the first sentence has a specification curve."""
    return [dataset for dataset in study.datasets if first_pair(dataset) in curves(dataset)]


def has_curves(study: Study) -> bool:
    """Return whether any pair of encodings has a specification curve."""
    return any(map(curves, study.datasets))


def called(dataset: Dataset, encoding: str) -> Markup:
    """Return the title of an encoding, be it a space of the study or not."""
    if encoding in dataset.everything:
        return dataset.study.title(encoding)
    return label(dataset.study.about["encodings"][encoding])


def of_curve(dataset: Dataset, pair: Pair, column: str, **how: Any) -> Number:
    """Return a number of the table `curves`, of all statistics together."""
    return dataset.of_first("curves", column, statistic=None, **pair._asdict(), **how)


def counts(dataset: Dataset, pair: Pair) -> Markup:
    """Return in how many settings a pair is better (with the joint interval), worse and open."""
    return text(
        'better in {} of {} settings <span class="bracket">[{}–{}]</span>, worse in {}, open in {}',
        *(of_curve(dataset, pair, column) for column in ("better", "settings", "least", "most", "worse", "open")),
    )


def everywhere(study: Study) -> Markup:
    """Return in how many of all settings the first pair is better, worse and open, where it has curves."""
    shown = curved(study)
    if len(study.datasets) == 1:
        return counts(shown[0], first_pair(shown[0]))
    if study.few:
        return joined((text("{} ({})", counts(d, first_pair(d)), label(d.title)) for d in shown), "; ")
    return listed(_most(shown, kind) for kind in ("better", "worse"))


def _most(datasets: list[Dataset], kind: str) -> Markup:
    """Return the largest share of settings of a kind in any data set."""

    def numbers(dataset: Dataset) -> list[Number]:
        return [of_curve(dataset, first_pair(dataset), column) for column in (kind, "settings")]

    def share(dataset: Dataset) -> float:
        of, among = (number.raw for number in numbers(dataset))
        return of / among

    found = max(datasets, key=share)
    return text("{} in up to {} of {} settings ({})", kind, *numbers(found), found.study.called(found.name))


def bracket(dataset: Dataset) -> Markup:
    """Return what the bracket of a count is."""
    return text(
        "In brackets: between how many are truly better, {} for all verdicts together.",
        of_curve(dataset, curves(dataset)[0], "level", style="percent", digits=2),
    )


def what_decides(study: Study) -> Markup:
    """Return which parts of a setting decide on the first pair, and where."""
    found = {dataset.name: tuple(deciding(dataset, first_pair(dataset))) for dataset in curved(study)}
    if not any(found.values()):
        return _NOTHING_DECIDES
    if not study.few:
        return text("What decides somewhere: {}.", _parts({part for parts in found.values() for part in parts}))
    alike = {parts: [name for name, of in found.items() if of == parts] for parts in dict.fromkeys(found.values())}
    said = [
        text("{} in {}", _parts(parts) if parts else "no part alone", listed(names, study.called))
        for parts, names in alike.items()
    ]
    return sentence(text("What decides: {}", joined(said, "; ") if len(said) > 1 else _parts(found.popitem()[1])))


def deciding(dataset: Dataset, pair: Pair) -> list[str]:
    """Return the parts of a setting that decide, by any statistic."""
    rows = dataset.rows("deciders", "part", "decides", seed=dataset.study.first, **pair._asdict())
    found = {row["part"] for row in rows if row["decides"]}
    return [part for part in PARTS if part in found]


def _parts(parts: Any) -> Markup:
    return listed([_NAMES[part] for part in PARTS if part in parts])


_NOTHING_DECIDES = Markup("No part of a setting decides alone.")


def declared_words(setting: dict[str, Any]) -> str:
    """Return a setting in words."""
    return ", ".join(PART_VALUES[part][setting[part]] for part in PARTS)


def declared_by(study: Study) -> str:
    """Return the setting that the configuration declares, in words."""
    setting = {part: study.setting(f"settings.declared.{part}") for part in PARTS}
    return declared_words({**setting, CENTRED: setting[CENTRED] == "True"})


def declaration(study: Study) -> Markup:
    """Return which setting was declared, and where the reason stands."""
    words = 'Declared beforehand: {} (<a href="{}#methods-settings">why</a>).'
    return text(words, declared_by(study), METHODS)


def section(dataset: Dataset) -> Section | None:
    """Return how the answer of a data set depends on the setting; None where no pair has a curve."""
    pairs = curves(dataset)
    if not pairs:
        return None
    first = first_pair(dataset)
    pair = first if first in pairs else pairs[0]
    said = [joined([direction(dataset, pair), over_settings(dataset, pair)]), table(dataset)]
    details = [cells(dataset), deciders(dataset)]
    return Section("curve", "Does it depend on how one asks?", said, details, figures=1)


def direction(dataset: Dataset, pair: Pair) -> Markup:
    """Return what a pair shows in the declared setting."""
    setting = declared(dataset, pair)
    where = {**pair._asdict(), "statistic": AUROC, **setting, "style": "probability"}
    row = dataset.rows(
        "specifications", "verdict", seed=dataset.study.first, **pair._asdict(), statistic=AUROC, **setting
    )[0]
    return text(
        "As declared ({}), {}: the difference of their AUROC is {} [{}, {}].",
        declared_words(setting),
        beside(row["verdict"], called(dataset, pair.space), called(dataset, pair.reference)),
        *(dataset.of_first("specifications", column, **where) for column in ("estimate", "low", "high")),
    )


def over_settings(dataset: Dataset, pair: Pair) -> Markup:
    """Return the counts of a pair with their joint interval, and what decides."""
    return text(
        "Over all settings {} is {}. {} {} {}",
        called(dataset, pair.space),
        counts(dataset, pair),
        bracket(dataset),
        by_flips(dataset, pair),
        NO_TEST,
    )


def by_flips(dataset: Dataset, pair: Pair) -> Markup:
    """Return which parts decide, and how many verdicts change beyond chance if that part alone is flipped."""

    def flipped(part: str) -> Markup:
        where = {"seed": dataset.study.first, **pair._asdict(), "part": part}
        beyond, flips = (dataset.derived("sum", "deciders", column, **where) for column in ("beyond", "flips"))
        return text("{} ({} of {} flips)", _NAMES[part], beyond, flips)

    parts = deciding(dataset, pair)
    if not parts:
        return _NOTHING_DECIDES
    return text("What decides, as flipping it alone changes the verdict beyond chance: {}.", listed(parts, flipped))


def cells(dataset: Dataset) -> Markup:
    """Return of which cells the curves are, and what they leave out."""
    drawn = [dataset.of_first("curve_cells", column) for column in ("cells", "drawn", "compared")]
    (row,) = dataset.rows("curve_cells", "total", seed=dataset.study.first)
    without = [text("{} without a vector in some setting", dataset.of_first("curve_cells", "undefined"))]
    if row["total"] is not None:
        below, total = (dataset.of_first("curve_cells", column) for column in ("below_total", "total"))
        without = [text("{} below the one total of {} molecules", below, total), *without]
    said = text("All settings are of the same {} cells; of {} drawn from {},", *drawn)
    return joined([said, text("{} are left out.", listed(without)), *left_out(dataset)])


def left_out(dataset: Dataset) -> list[Markup]:
    """Return what the curves of a data set leave out, and why."""
    rows = dataset.rows("curve_omissions", "what", "reason", seed=dataset.study.first)
    said = [text("{} ({})", label(row["what"]), label(row["reason"])) for row in rows]
    return [sentence(text("Left out: {}", joined(said, "; ")))] if said else []


def table(dataset: Dataset) -> Grid:
    """Return every pair: its difference in the declared setting, the counts of its settings, and what decides."""
    rows = [_row(dataset, pair) for pair in curves(dataset)]
    caption = text(
        "Every encoding less {}, unless another one is named: AUROC in the declared setting, and settings that carry a "
        "claim (three statistics).",
        called(dataset, usual_reference(curves(dataset))),
    )
    columns = ["Encoding", "Declared", "Better", "Worse", "Open", "What decides"]
    return grid(caption, columns, rows, words=[5], note=dataset.values.short)


def _name(dataset: Dataset, pair: Pair) -> Markup:
    """Return what a pair is called in a table: by what it is compared with only where that is not the usual one."""
    if pair.reference == usual_reference(curves(dataset)):
        return called(dataset, pair.space)
    return text("{} less {}", called(dataset, pair.space), called(dataset, pair.reference))


def _row(dataset: Dataset, pair: Pair) -> list[Any]:
    where = {**pair._asdict(), "statistic": AUROC, **declared(dataset, pair)}
    verdict = dataset.rows("specifications", "verdict", seed=dataset.study.first, **where)[0]["verdict"]
    better, least, most, worse, neither = (
        of_curve(dataset, pair, column) for column in ("better", "least", "most", "worse", "open")
    )
    return [
        _name(dataset, pair),
        text("{} {}", badge(verdict), dataset.interval("specifications", **where)),
        text("{} <small>[{}–{}]</small>", better, least, most),
        worse,
        neither,
        ", ".join(_SHORT[part] for part in deciding(dataset, pair)) or "none",
    ]


def deciders(dataset: Dataset) -> Grid:
    """Return how much of the variance over settings each part makes, alone and with others, by statistic."""
    columns = ("space", "reference", "statistic", "part", "first_order", "total")
    rows = []
    for row in dataset.rows("deciders", *columns, seed=dataset.study.first):
        where = {column: row[column] for column in columns[:4]}
        shares = (
            dataset.ends("deciders", column, "percent", **where) if row[column] is not None else "not above chance"
            for column in columns[4:]
        )
        changed, turned, beyond, flips = (
            dataset.of_first("deciders", column, **where) for column in ("changed", "turned", "beyond", "flips")
        )
        name = _name(dataset, Pair(row["space"], row["reference"]))
        rows.append([name, ANSWERED[row["statistic"]], _NAMES[row["part"]], *shares, flips, changed, turned, beyond])
    caption = Markup(
        "Shares of the variance of the true differences over the settings, sampling variance subtracted: due to a part "
        "alone, and to it with others; and, of the pairs of settings that differ in it alone, those with two verdicts, "
        "with opposite ones, and with two whose differences differ beyond chance."
    )
    heads = [
        "Encoding",
        "Statistic",
        "Part",
        "Alone",
        "With others",
        "Flips",
        "Two verdicts",
        "Opposite",
        "Beyond chance",
    ]
    return grid(caption, heads, rows, words=[1, 2])
