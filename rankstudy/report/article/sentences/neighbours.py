"""Neighbours, batches and label transfer of a data set, and relations at a cutoff."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from rankstudy.measures.neighbours.tables import COMPARED, TRANSFERRED
from rankstudy.measures.relations.tables import REACHED
from rankstudy.measures.uncertainty.tables import ACROSS, BATCH_DRIVEN, OWN_TYPE
from rankstudy.report.article.batches import alike_by_batch
from rankstudy.report.article.compared import Pair, compared_with, reference, verdict_of
from rankstudy.report.article.sentences.verdicts import badge, by_verdict
from rankstudy.report.article.study import Dataset
from rankstudy.report.article.text import NONE, Bullets, Grid, Section, code, grid, joined, label, listed, text


def fewest(dataset: Dataset) -> int:
    """Return the size of the smaller neighbourhood."""
    where = {"seed": dataset.study.first, "space": dataset.main, "cell_type": None}
    return dataset.rows("batch_driven", "k", **where)[0]["k"]


def has_batches(dataset: Dataset) -> bool:
    """Return whether anything can be said about batches."""
    where = {"seed": dataset.study.first, "space": dataset.main, "cell_type": None, "k": fewest(dataset)}
    return dataset.has("batch_driven", reason=COMPARED, **where)


def neighbours(dataset: Dataset) -> Section:
    """Return of which types and batches the nearest cells are."""
    said: list[Any] = []
    if has_batches(dataset):
        said.append(batch_driven(dataset))
        against = reference(dataset)
        if against is not None and compared_with(dataset, against, BATCH_DRIVEN):
            said.append(
                text(
                    "Fewer batch-driven neighbours are better, but not where the own type has lost neighbours too: a "
                    "space that mixes types has its neighbours from everywhere. Compared with {}:",
                    dataset.study.title(against),
                )
            )
            said.append(by_verdict(dataset, BATCH_DRIVEN, fewest(dataset), against))
        said += outweighed(dataset)
    else:
        said.append(Markup("All cells are of one batch, so nothing can be said about batches."))
    return Section("neighbours", "Nearest cells and batches", said, [of_types_and_batches(dataset)])


def batch_driven(dataset: Dataset) -> Markup:
    """Return the share of batch-driven neighbours in the main space, and by chance."""
    where = {"space": dataset.main, "cell_type": None, "k": fewest(dataset)}
    return text(
        "Of the {} nearest cells of a cell, {} are of another type in the space {}, and {} of another type and of the "
        "cell’s own batch: batch-driven neighbours, of which chance would give {}.",
        dataset.of_first("batch_driven", "k", **where),
        dataset.span("batch_driven", "other_types", style="percent", **where),
        code(dataset.main),
        dataset.span("batch_driven", "share", style="percent", **where),
        dataset.of_first("batch_driven", "expected", style="percent", **where),
    )


def outweighed(dataset: Dataset) -> list[Any]:
    """Return where two types of one batch are more alike than one type is across batches, or which come closest."""
    cases = alike_by_batch(dataset)
    if not cases:
        return []
    if cases[0]["outweighs"]:
        heading = text("Here the batch outweighs the type, in the space {}:", code(dataset.main))
        return [heading, Bullets([joined([_less_alike(dataset, case), _depth(dataset, case)]) for case in cases])]
    words = text(
        "No two types of one batch are more alike, by median in the space {}, than one type is across batches.",
        code(dataset.main),
    )
    return [joined([words, _closest(dataset, cases[0]), _depth(dataset, cases[0])])]


def _medians(dataset: Dataset, case: dict[str, Any]) -> tuple[Any, Any]:
    across, inside = (
        dataset.of_first("batch_pairs", "median", space=dataset.main, **case[side]) for side in ("across", "inside")
    )
    return across, inside


def _less_alike(dataset: Dataset, case: dict[str, Any]) -> Markup:
    across, inside = _medians(dataset, case)
    kind = label(case["cell_type"])
    return text(
        "{} from {} and {} is less alike (median {}) than {} and {} within {} ({}).",
        *(kind, *map(label, case["batches"]), across, kind, label(case["other"]), label(case["within"]), inside),
    )


def _closest(dataset: Dataset, case: dict[str, Any]) -> Markup:
    across, inside = _medians(dataset, case)
    kind = label(case["cell_type"])
    return text(
        "{} comes closest: its cells from {} and {} (median {}), against {} and {} within {} ({}).",
        *(kind, *map(label, case["batches"]), across, kind, label(case["other"]), label(case["within"]), inside),
    )


def _depth(dataset: Dataset, case: dict[str, Any]) -> Markup:
    """Return how many genes are detected in a type in each of two batches."""

    def detected(batch: str) -> Markup:
        genes = dataset.value("type_batches", "median_genes", cell_type=case["cell_type"], batch=batch, digits=4)
        return text("{} in {}", genes, label(batch))

    return text(
        "The batches differ in depth (genes detected in the median cell of {}: {}), so what looks like an effect of "
        "the batch may be one of depth.",
        label(case["cell_type"]),
        listed(case["batches"], detected),
    )


def of_types_and_batches(dataset: Dataset) -> Grid:
    """Return for each space which of the nearest cells are of the own type, of another, and batch-driven."""
    k, against = fewest(dataset), reference(dataset)
    rows = []
    for space in dataset.spaces:
        where = {"space": space, "cell_type": None, "k": k, "style": "probability"}
        chance = dataset.of_first("batch_driven", "expected", **where) if has_batches(dataset) else NONE
        rows.append(
            [
                dataset.study.title(space),
                _interval(dataset, space, OWN_TYPE, k),
                dataset.of_first("batch_driven", "other_types", **where),
                _interval(dataset, space, BATCH_DRIVEN, k),
                chance,
                _verdict(dataset, space, against, k),
            ]
        )
    caption = text(
        "The {} nearest cells, with intervals: of the own type and, in any batch, of another one; batch-driven are "
        "those of another type in the same batch. The verdict is on these, beside the own type.",
        dataset.of_first("batch_driven", "k", space=dataset.main, cell_type=None, k=k),
    )
    columns = ["Space", "Own type", "Another type", "of these, batch-driven", "by chance", "Verdict"]
    return grid(caption, columns, rows, words=[5], note=dataset.values.short)


def _interval(dataset: Dataset, space: str, statistic: str, k: int) -> Markup:
    where = {"space": space, "statistic": statistic, "k": k}
    if not dataset.has("intervals", seed=dataset.study.first, **where):
        return NONE
    return dataset.interval("intervals", **where)


def _verdict(dataset: Dataset, space: str, against: str | None, k: int) -> Markup:
    if against is None or space not in compared_with(dataset, against, BATCH_DRIVEN):
        return NONE
    return badge(verdict_of(dataset, BATCH_DRIVEN, k, Pair(space, against)))


def transfer(dataset: Dataset) -> Section:
    """Return how well labels carry over from the other batches."""
    k = fewest(dataset)
    where = {"space": dataset.main, "held_out": None, "k": k}
    (row,) = dataset.rows("label_transfer", "reason", seed=dataset.study.first, **where)
    if row["reason"] != TRANSFERRED:
        return Section("transfer", "Label transfer", [text("Nothing to transfer: {}.", label(row["reason"]))])
    said = [joined([transferred(dataset, where), left_out(dataset, where)])]
    against = reference(dataset)
    if against is not None and compared_with(dataset, against, ACROSS):
        title = dataset.study.title(against)
        said.append(text("By the share of the votes for a cell’s own type, compared with {}:", title))
        said.append(by_verdict(dataset, ACROSS, k, against))
    return Section("transfer", "Label transfer across batches", said, [scores(dataset, k)])


def transferred(dataset: Dataset, where: dict[str, Any]) -> Markup:
    """Return the accuracy of label transfer in the main space, beside that of drawn labels."""
    return text(
        "If one batch had no labels, the {} nearest cells of the other batches would give {} of its cells their own "
        "type in the space {}; labels drawn from the other batches, {}.",
        dataset.of_first("label_transfer", "k", **where),
        dataset.span("label_transfer", "accuracy", style="percent", **where),
        code(dataset.main),
        dataset.of_first("label_transfer", "expected_accuracy", style="percent", **where),
    )


def left_out(dataset: Dataset, where: dict[str, Any]) -> Markup:
    """Return how many cells have no cell of their type in another batch."""
    if dataset.has("label_transfer", seed=dataset.study.first, n_left_out=0, **where):
        return Markup("Every cell has its type in another batch too.")
    return text(
        "Left out are {} cells of types that occur in one batch only; {} are left.",
        dataset.of_first("label_transfer", "n_left_out", **where),
        dataset.of_first("label_transfer", "n_cells", **where),
    )


def scores(dataset: Dataset, k: int) -> Grid:
    """Return accuracy, macro F1 and votes of each space."""
    rows = []
    for space in dataset.spaces:
        where = {"space": space, "held_out": None, "k": k}
        found = (dataset.ends("label_transfer", name, "probability", **where) for name in ("accuracy", "macro_f1"))
        rows.append([dataset.study.title(space), *found, _interval(dataset, space, ACROSS, k)])
    caption = Markup("Label transfer over all batches, with intervals; the votes are of all cells and all batches.")
    columns = ["Space", "Accuracy", "Macro F1", "Votes for the own type"]
    return grid(caption, columns, rows, note=dataset.values.short)


def cutoffs(dataset: Dataset) -> Section:
    """Return which share of a cell's relations at a cutoff is of its own type."""
    return Section("cutoffs", "Relations at a cutoff", [at_cutoffs(dataset)], [operating_points(dataset)], folded=True)


def _targets(dataset: Dataset) -> list[dict[str, Any]]:
    where = {"seed": dataset.study.first, "space": dataset.main, "cell_type": None}
    return dataset.rows("operating_points", "target", "reason", **where)


def at_cutoffs(dataset: Dataset) -> Markup:
    """Return from which similarity on pairs of one type make up a share of all pairs, in the main space."""

    def one(row: dict[str, Any]) -> Markup:
        where = {"space": dataset.main, "target": row["target"], "cell_type": None}
        target = dataset.of_first("operating_points", "target", style="percent", digits=2, **where)
        if row["reason"] != REACHED:
            return text("{} of all pairs at no cutoff ({})", target, label(row["reason"]))
        return text(
            "{} of all pairs from {} on, where {} of the pairs of one type are left",
            target,
            dataset.of_first("operating_points", "cutoff", **where),
            dataset.ends("operating_points", "recall", "percent", between=" ", **where),
        )

    return text(
        "At a given similarity, which share of a cell’s relations is of its own type? In the space {}, pairs of one "
        "type make up {}.",
        code(dataset.main),
        joined(map(one, _targets(dataset)), "; "),
    )


def operating_points(dataset: Dataset) -> Grid:
    """Return cutoff and recall of each space, for each share of pairs of one type."""
    targets = [row["target"] for row in _targets(dataset)]
    columns: list[Any] = ["Space"]
    for target in targets:
        where = {"space": dataset.main, "cell_type": None, "target": target, "style": "percent", "digits": 2}
        columns += [text("{}: cutoff", dataset.of_first("operating_points", "target", **where)), "recall"]
    rows = [
        [dataset.study.title(space), *(cell for target in targets for cell in _point(dataset, space, target))]
        for space in dataset.spaces
    ]
    caption = Markup(
        "Where pairs of one type reach a share of all pairs, and how many of them are left there: the recall; cutoffs "
        "are in the unit of each measure. In brackets: intervals, where enough cells have a relation left."
    )
    return grid(caption, columns, rows, note=dataset.values.short)


def _point(dataset: Dataset, space: str, target: float) -> tuple[Any, Any]:
    where = {"space": space, "target": target, "cell_type": None}
    if not dataset.has("operating_points", seed=dataset.study.first, reason=REACHED, **where):
        return "never", NONE
    cutoff = dataset.ends("operating_points", "cutoff", "number", **where)
    return cutoff, dataset.ends("operating_points", "recall", "percent", **where)
