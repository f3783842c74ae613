"""How well the spaces of a data set keep its types apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, OWN_TYPE
from rankstudy.report.article.compared import Pair, compared_with, curves, reference, smallest, verdict_of
from rankstudy.report.article.sentences.answer import of_dataset, with_meaning
from rankstudy.report.article.sentences.verdicts import badge
from rankstudy.report.article.study import Dataset
from rankstudy.report.article.text import NONE, Grid, Section, code, grid, joined, label, listed, text
from rankstudy.report.tables import ANSWERED


def answer(dataset: Dataset) -> Section:
    """Return the answer of a data set: every space beside the one that all are compared with."""
    has_curves = bool(curves(dataset))
    against = reference(dataset)
    tables = [] if against is None else [beside_reference(dataset, against)]
    resampled = [] if against is None else [drawn_anew(dataset)]
    details = [adjusted(dataset, against)] if against and compared_with(dataset, against) else []
    if has_curves:
        return Section("answer", "Every space", resampled, [*tables, *details])
    return Section("answer", "In short", [of_dataset(dataset), *tables, *resampled], details)


def beside_reference(dataset: Dataset, against: str) -> Grid:
    """Return each space with its AUROC and, for three statistics, its difference from the reference and the verdict."""
    study = dataset.study
    used = [(statistic, smallest(dataset, statistic)) for statistic in ANSWERED]
    used = [(statistic, k) for statistic, k in used if compared_with(dataset, against, statistic)]
    rows = [
        [
            with_meaning(study, space),
            dataset.interval("intervals", space=space, statistic=AUROC, cell_type=None),
            *(_compared(dataset, space, against, statistic, k) for statistic, k in used),
            *([by_metric(dataset, space, against)] if used else []),
        ]
        for space in dataset.spaces
    ]
    names = {AUROC: "AUROC: difference", OWN_TYPE: "Own type, nearest", ACROSS: "Own type, other batches"}
    return grid(
        _caption(dataset, against),
        ["Space", "AUROC", *(names[statistic] for statistic, _ in used), *(["Compared by"] if used else [])],
        rows,
        words=[2 + len(used)],
        note=dataset.values.short,
    )


def _caption(dataset: Dataset, against: str) -> Markup:
    number = dataset.of_first("intervals", "n_cells", space=against, statistic=AUROC, cell_type=None)
    words = "Every space, with intervals, on all {} cells; differences are from {}{}."
    but = ", of spaces without a curve" if curves(dataset) else ""
    return text(words, number, dataset.study.title(against), but)


def _compared(dataset: Dataset, space: str, against: str, statistic: str, k: int | None) -> Markup:
    if space not in compared_with(dataset, against, statistic):
        return NONE
    where = {"space": space, "reference": against, "statistic": statistic, "k": k}
    verdict = verdict_of(dataset, statistic, k, Pair(space, against))
    return text("{} {}", badge(verdict), dataset.interval("differences", **where))


def by_metric(dataset: Dataset, space: str, against: str) -> Markup:
    """Return the metric of what a space is compared with."""
    if space not in compared_with(dataset, against):
        return NONE
    where = {"space": space, "reference": against, "statistic": AUROC, "seed": dataset.study.first}
    return label(dataset.rows("differences", "metric", **where)[0]["metric"])


def drawn_anew(dataset: Dataset) -> Markup:
    """Return what the intervals resample, and what that leaves out."""
    where = {"seed": dataset.study.first, "space": dataset.main, "cell_type": None, "statistic": AUROC}
    (row,) = dataset.rows("intervals", "levels", "note", **where)
    what = text("Resampled for the intervals: {}.", label(row["levels"]))
    return what if row["note"] is None else text("{} That is: {}.", what, label(row["note"]))


def adjusted(dataset: Dataset, against: str) -> Grid:
    """Return the differences by the AUROC with their p-values."""
    rows = []
    for space in compared_with(dataset, against):
        where = {"space": space, "reference": against, "statistic": AUROC}
        verdict = verdict_of(dataset, AUROC, None, Pair(space, against))
        p_values = (dataset.of_first("differences", name, style="probability", **where) for name in ("p", "p_holm"))
        rows.append([dataset.study.title(space), dataset.interval("differences", **where), *p_values, badge(verdict)])
    caption = text("AUROC less that of {}: p-values alone, and adjusted over all spaces.", dataset.study.title(against))
    return grid(caption, ["Space", "Difference", "p", "Adjusted p", "Verdict"], rows, words=[4])


def separation(dataset: Dataset) -> Section:
    """Return how alike cells are within and between types."""
    said = [pairs(dataset), joined([weakest(dataset), *below_chance(dataset)])]
    return Section("separation", "Within and between types", said, [effects(dataset), by_type(dataset)])


def pairs(dataset: Dataset) -> Markup:
    """Return how many pairs of cells are compared."""
    study, where = dataset.study, {"space": dataset.main, "cell_type": None}
    return text(
        "{} pairs of cells, {} within a type and {} between types, each measured in every space.",
        dataset.derived("sum", "pair_summaries", "n", seed=study.first, space=dataset.main),
        dataset.of_first("effect_sizes", "n_within", **where),
        dataset.of_first("effect_sizes", "n_between", **where),
    )


def weakest(dataset: Dataset) -> Markup:
    """Return the type that the main space separates least."""
    where = {"space": dataset.main, "seed": dataset.study.first}
    rows = dataset.rows("effect_sizes", "cell_type", "auroc", **where)
    least = min((row["auroc"], row["cell_type"]) for row in rows if row["cell_type"] is not None)[1]
    return text(
        "In the space {}, {} is separated least (AUROC {}).",
        code(dataset.main),
        label(least),
        dataset.value("effect_sizes", "auroc", cell_type=least, style="probability", **where),
    )


def types_below_chance(dataset: Dataset, space: str) -> list[str]:
    """Return the types whose own pairs are, in every replicate, more often less alike than those with others."""
    low: dict[str, int] = {}
    for row in dataset.rows("effect_sizes", "cell_type", "auroc", "auroc_error", space=space):
        if row["cell_type"] is not None and row["auroc"] + row["auroc_error"] < 0.5:
            low[row["cell_type"]] = low.get(row["cell_type"], 0) + 1
    return sorted(name for name, n in low.items() if n == len(dataset.study.seeds))


def below_chance(dataset: Dataset) -> Iterator[Markup]:
    """Yield a sentence for the main space, if it has types whose cells are less like each other than like others."""
    found = types_below_chance(dataset, dataset.main)

    def with_number(cell_type: str) -> Markup:
        where = {"space": dataset.main, "cell_type": cell_type, "style": "probability"}
        return text("{} ({})", label(cell_type), dataset.span("effect_sizes", "auroc", **where))

    if found:
        yield text(
            "Cells of {} are more often less like each other than like cells of other types.",
            listed(found, with_number),
        )


def over_seeds(dataset: Dataset) -> str:
    """Return what stands below a value, for the caption of a table."""
    return "; below the values, the range over the seeds" if dataset.study.several else ""


def effects(dataset: Dataset) -> Grid:
    """Return AUROC, binning error and medians of each space."""
    rows = []
    for space in dataset.spaces:
        where: dict[str, Any] = {"space": space, "cell_type": None}
        medians = ("median_within", "median_between", "difference")
        rows.append(
            [
                dataset.study.title(space),
                dataset.study.declared(space)["measure"],
                dataset.with_range("effect_sizes", "auroc", style="probability", **where),
                dataset.of_first("effect_sizes", "auroc_error", digits=2, **where),
                *(dataset.with_range("effect_sizes", column, **where) for column in medians),
            ]
        )
    caption = text(
        "Separation of the types in each space{}. Medians and differences are in the unit of each measure and do not "
        "compare across spaces; a positive difference means more alike within a type.",
        over_seeds(dataset),
    )
    columns = ["Space", "Measure", "AUROC", "Binning, at most", "Median within", "Median between", "Difference"]
    return grid(caption, columns, rows, words=[1], note=dataset.values.short)


def by_type(dataset: Dataset) -> Grid:
    """Return the AUROC of each type in each space."""
    names = dataset.rows("effect_sizes", "cell_type", seed=dataset.study.first, space=dataset.main)
    rows = [
        [
            label(row["cell_type"]),
            *(
                dataset.with_range(
                    "effect_sizes", "auroc", space=space, cell_type=row["cell_type"], style="probability"
                )
                for space in dataset.spaces
            ),
        ]
        for row in names
        if row["cell_type"] is not None
    ]
    caption = text("AUROC of each cell type: its own pairs against its pairs with others{}.", over_seeds(dataset))
    return grid(caption, ["Cell type", *map(dataset.study.title, dataset.spaces)], rows, note=dataset.values.short)
