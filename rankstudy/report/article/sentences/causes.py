"""Whether it is the encoding or the sequencer: depth, twins, ties and reconstruction in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from rankstudy.measures.causes.tables import AS_MEASURED, CONTROLS, LIBRARY_SIZE, ONE_TOTAL, SAME_MEAN, THINNED
from rankstudy.measures.uncertainty.tables import AUROC
from rankstudy.measures.verdict import BETTER, WORSE
from rankstudy.report.article.compared import Pair
from rankstudy.report.article.looked_at import by, encodings, has_causes, pairs
from rankstudy.report.article.numbers import Number
from rankstudy.report.article.sentences import twins
from rankstudy.report.article.sentences.settings import called
from rankstudy.report.article.sentences.verdicts import badge
from rankstudy.report.article.study import Dataset, Study
from rankstudy.report.article.text import NONE, Grid, Section, grid, joined, listed, text
from rankstudy.report.causes import is_open, mending, open_in_words, openness, treated_in_order

HEADING = "Is it the encoding or the sequencer?"
KEY = "causes"
_DECIDED = {BETTER: "better", WORSE: "worse"}
Row = dict[str, Any]


def section(dataset: Dataset) -> Section | None:
    """Return what depth, counting and ties do to the encodings, or why that is not known; None where nobody asked."""
    if not has_causes(dataset.study):
        return None
    if not encodings(dataset):
        return Section(KEY, HEADING, [LEFT_OUT])
    details = [
        mended(dataset),
        one_total(dataset),
        depth_table(dataset),
        twins.twins(dataset),
        twins.full_depth(dataset),
        twins.twin_table(dataset),
        *twins.ties(dataset),
        *twins.reconstruction(dataset),
        cells(dataset),
    ]
    return Section(KEY, HEADING, [of_first(dataset)], details, figures=1)


LEFT_OUT = Markup(
    "Depth, twins, ties and changes of one gene are left out here: they draw and change molecules, and these values "
    "are no whole counts."
)


# -- depth -------------------------------------------------------------------------------------------------------------


def thinned(dataset: Dataset, pair: Pair, statistic: str = AUROC) -> list[Row]:
    """Return the differences of a pair as measured and thinned, the deepest first, each with the row that it is."""
    where = {**pair._asdict(), **by(dataset, "depth_differences", pair.space), "statistic": statistic}
    columns = ("treatment", "keep", "low", "high", "verdict")
    rows = dataset.rows("depth_differences", *columns, seed=dataset.study.first, **where)
    known = [row for row in rows if row["treatment"] in (AS_MEASURED, THINNED)]
    return [
        {**row, "where": {**where, "treatment": row["treatment"], "keep": row["keep"]}}
        for row in treated_in_order(known)
    ]


def _keep(dataset: Dataset, row: Row) -> Number:
    return dataset.of_first("depth_differences", "keep", **row["where"], style="percent", digits=2)


def _difference(dataset: Dataset, row: Row) -> Markup:
    how = {"style": "probability", **row["where"]}
    return text(
        "{} [{}, {}]", *(dataset.of_first("depth_differences", of, **how) for of in ("estimate", "low", "high"))
    )


def of_first(dataset: Dataset) -> Markup:
    """Return the difference of the first pair at most and least depth, and at which depths it is open."""
    found = pairs(dataset)
    if not found:
        return Markup("No encoding is compared with another one by depth.")
    pair = found[0]
    rows = thinned(dataset, pair)
    return text(
        "{} less {} in AUROC: {} as measured, {} with {} of the molecules. Its interval contains zero {}.",
        called(dataset, pair.space),
        called(dataset, pair.reference),
        _difference(dataset, rows[0]),
        _difference(dataset, rows[-1]),
        _keep(dataset, rows[-1]),
        where_open(dataset, rows),
    )


def where_open(dataset: Dataset, rows: Sequence[Row]) -> Markup:
    """Return at which depths the interval of a difference contains 0: the set as it is, whatever its shape."""
    words, places = open_in_words(openness([is_open(row) for row in rows]))
    return text(words, *(_keep(dataset, rows[place]) for place in places))


def mended(dataset: Dataset) -> Markup:
    """Return which encodings deeper sequencing would help beside the reference, and which it is not shown to."""
    found = pairs(dataset)
    if not found:
        return Markup("")
    of = mending({pair.space: thinned(dataset, pair) for pair in found})
    reference = called(dataset, found[0].reference)

    def names(spaces: Sequence[str]) -> Markup:
        return joined((called(dataset, space) for space in spaces), "; ")

    if not any(of):
        return text("No encoding is worse than {} at any depth, so depth has nothing to mend.", reference)
    said = [
        text("What would deeper sequencing mend, beside {} (AUROC, as declared)?", reference),
        text("Worse, and by less the deeper the cells: {}.", names(of.narrowed)) if of.narrowed else "",
        text("Worse at a lower depth, and no longer as measured: {}.", names(of.closed)) if of.closed else "",
        text("Worse, and not shown to be so by less with depth: {}.", names(of.stays)) if of.stays else "",
        "Cells deeper than these were not seen.",
    ]
    return joined(said)


def _separation(dataset: Dataset, space: str, treatment: str, statistic: str = AUROC) -> Number:
    where = {**by(dataset, "depths", space), "treatment": treatment, "statistic": statistic}
    return dataset.of_first("depths", "value", style="probability", **where)


def one_total(dataset: Dataset) -> Markup:
    """Return what is left of the separation where all cells have one total, beside cells of the same mean."""
    shown = [*pairs(dataset)[:1][0]] if pairs(dataset) else encodings(dataset)[:1]
    known = [dataset.has("depths", seed=dataset.study.first, treatment=of) for of in (ONE_TOTAL, SAME_MEAN)]
    if not all(known):
        return Markup("")
    names = [called(dataset, space) for space in shown]
    at_one, at_mean = (
        listed([_separation(dataset, space, treatment) for space in shown]) for treatment in (ONE_TOTAL, SAME_MEAN)
    )
    return text(
        "With all cells at one total of {} molecules, depth cannot help (library size alone: {}): {} separate types "
        "with an AUROC of {}; thinned to the same mean, with totals as unequal as they were, of {}.",
        dataset.of_first("cause_cells", "total"),
        _separation(dataset, LIBRARY_SIZE, ONE_TOTAL),
        listed(names),
        at_one,
        at_mean,
    )


def depth_table(dataset: Dataset) -> Grid:
    """Return the AUROC of each encoding and control at every depth, with the verdict beside the reference."""
    first = encodings(dataset)[0]
    rows = dataset.rows(
        "depths", "treatment", "keep", seed=dataset.study.first, **by(dataset, "depths", first), statistic=AUROC
    )
    treated = treated_in_order(rows)
    heads = [_head(dataset, first, row) for row in treated]
    known = [name for name in (*encodings(dataset), *CONTROLS) if dataset.has("depths", space=name)]
    caption = Markup("AUROC by depth, on the same cells; words: beside the reference, adjusted over all depths.")
    return grid(
        caption,
        ["Encoding", *heads],
        [[twins.title(dataset, name), *(_at(dataset, name, row) for row in treated)] for name in known],
    )


def _head(dataset: Dataset, space: str, row: Row) -> Any:
    if row["treatment"] in (ONE_TOTAL, SAME_MEAN):
        return row["treatment"].capitalize()
    where = {**by(dataset, "depths", space), **row, "statistic": AUROC}
    return dataset.of_first("depths", "keep", **where, style="percent", digits=2)


def _at(dataset: Dataset, space: str, row: Row) -> Markup:
    where = {**by(dataset, "depths", space), "treatment": row["treatment"], "statistic": AUROC}
    if row["treatment"] in (AS_MEASURED, THINNED):
        where["keep"] = row["keep"]
    if not dataset.has("depths", seed=dataset.study.first, **where):
        return NONE
    value = dataset.of_first("depths", "value", style="probability", **where)
    found = dataset.rows("depth_differences", "verdict", seed=dataset.study.first, **where)
    return text("{}{}", value, text("<br>{}", badge(found[0]["verdict"], _DECIDED)) if _is_decided(found) else "")


def _is_decided(rows: Sequence[Row]) -> bool:
    return bool(rows) and rows[0]["verdict"] in _DECIDED


def cells(dataset: Dataset) -> Markup:
    """Return of which cells all this is, and what they leave out."""
    columns = ("cells", "drawn", "compared", "below_total", "total", "undefined")
    return text(
        "All of this is of the same {} cells at every depth; of {} drawn from {}, {} below the one total of {} "
        "molecules and {} without a vector at some depth are left out.",
        *(dataset.of_first("cause_cells", column) for column in columns),
    )


# -- the first page ----------------------------------------------------------------------------------------------------


def everywhere(study: Study) -> Section | None:
    """Return for the first page what least depth decides of the first pair; None where it decides nothing anywhere."""
    said = [words for dataset in study.datasets for words in _decided(dataset)]
    return Section(KEY, HEADING, [joined(said[:1] if not study.few else said)]) if said else None


def _decided(dataset: Dataset) -> list[Markup]:
    found = pairs(dataset) if encodings(dataset) else []
    rows = thinned(dataset, found[0]) if found else []
    if not rows or rows[-1]["verdict"] not in _DECIDED or rows[0]["verdict"] == rows[-1]["verdict"]:
        return []
    return [
        text(
            'With {} of the molecules {} separates types {} than {}: {}; as measured by {} (<a href="{}#{}">{}</a>).',
            _keep(dataset, rows[-1]),
            called(dataset, found[0].space),
            _DECIDED[rows[-1]["verdict"]],
            called(dataset, found[0].reference),
            _difference(dataset, rows[-1]),
            _difference(dataset, rows[0]),
            dataset.page,
            KEY,
            dataset.study.called(dataset.name),
        )
    ]
