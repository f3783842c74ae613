"""Which types of a data set are alike, which cells and types stand out, and two measures at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from markupsafe import Markup

from rankstudy.measures.tables import ALIKE_ACROSS, UNLIKE_WITHIN
from rankstudy.report.article.study import Dataset
from rankstudy.report.article.text import Grid, Section, code, grid, joined, label, text

_TYPES = {
    ALIKE_ACROSS: "Different types that are most alike",
    UNLIKE_WITHIN: "Types whose own cells are least alike",
}
_CELLS = {
    ALIKE_ACROSS: "Cells of different types that are most alike",
    UNLIKE_WITHIN: "Cells of one type that are least alike",
}


def types(dataset: Dataset) -> Section:
    """Return which types are alike, and the outliers."""
    said = [
        text(
            "Outliers are types and cells that are more alike, or less alike, than their labels say: here those of the "
            "space {}.",
            code(dataset.main),
        ),
        *by_kind(dataset, "outlier_types", outlier_types),
    ]
    return Section(
        "types",
        "Which types are alike, and outliers",
        said,
        list(by_kind(dataset, "outlier_cells", outlier_cells)),
        folded=True,
    )


def by_kind(dataset: Dataset, name: str, shown: Callable[[Dataset, str, list[dict[str, Any]]], Grid]) -> Iterator[Grid]:
    """Yield a table for each kind of outlier in the main space."""
    sides = ("type_a", "type_b", *(("cell_a", "cell_b", "batch_a", "batch_b") if name == "outlier_cells" else ()))
    where = {"seed": dataset.study.first, "space": dataset.main}
    rows = dataset.rows(name, "kind", "place", *sides, **where)
    for kind in dict.fromkeys(row["kind"] for row in rows):
        yield shown(dataset, kind, [row for row in rows if row["kind"] == kind])


def _both(one: str, other: str) -> Markup:
    return joined([label(one), *([label(other)] if other != one else [])], ", ")


def outlier_types(dataset: Dataset, kind: str, found: list[dict[str, Any]]) -> Grid:
    """Return outliers as types, with their medians in every space."""
    rows = []
    for row in found:
        pair = {side: row[side] for side in ("type_a", "type_b")}
        where = {"space": dataset.main, "kind": kind, "place": row["place"]}
        medians = (dataset.of_first("pair_summaries", "median", space=space, **pair) for space in dataset.spaces)
        rows.append([_both(*pair.values()), dataset.of_first("outlier_types", "n", **where), *medians])
    caption = text("{}, in the space {}, with their medians in every space.", _TYPES[kind], code(dataset.main))
    measured = [
        text("{}<br><small>{}</small>", dataset.study.title(space), dataset.study.declared(space)["measure"])
        for space in dataset.spaces
    ]
    return grid(caption, ["Types", "Pairs", *measured], rows, note=dataset.values.short)


def outlier_cells(dataset: Dataset, kind: str, found: list[dict[str, Any]]) -> Grid:
    """Return outliers as pairs of cells."""
    rows = []
    for row in found:
        where = {"space": dataset.main, "kind": kind, "place": row["place"]}
        rows.append(
            [
                _both(row["type_a"], row["type_b"]),
                text("{}<br>{}", code(row["cell_a"]), code(row["cell_b"])),
                _both(row["batch_a"], row["batch_b"]),
                dataset.of_first("outlier_cells", "value", **where),
            ]
        )
    measure = dataset.study.declared(dataset.main)["measure"]
    caption = text("{}, in the space {}.", _CELLS[kind], code(dataset.main))
    return grid(caption, ["Types", "Cells", "Batches", measure], rows, words=[1, 2], note=dataset.values.short)


def joint(dataset: Dataset) -> Section | None:
    """Return how two measures go together; None where no pair of spaces was asked for."""
    if not dataset.about["joint"]:
        return None
    title = dataset.study.title
    pairs = [text("{} against {}", title(x), title(y)) for x, y in dataset.about["joint"]]
    said = [text("Row by row, x against y: {}.", joined(pairs, "; "))]
    if any(dataset.study.declared(y)["model"] for _, y in dataset.about["joint"]):
        said.append(
            Markup(
                "If a model’s distances were those of the expression in another form, the pairs of a row would lie "
                "along one rising line, and the same line within types and between types. Width of the cloud across "
                "that line is what the two measures do not share."
            )
        )
    return Section("joint", "Two measures at once", said, folded=True)


def controls(dataset: Dataset) -> Section | None:
    """Return what the controls must score, and what they do; None without controls."""
    if not dataset.controls:
        return None
    rows = []
    for row in dataset.rows("gates", "gate", "statistic", seed=dataset.study.first):
        found = (dataset.span("gates", column, style="probability", **row) for column in ("least", "found", "most"))
        rows.append([label(row["gate"]), label(row["statistic"]), *found])
    ranges = ", with ranges over seeds" if dataset.study.several else ""
    caption = text("What the controls must score and do{}.", ranges)
    columns = ["What must hold", "Statistic", "Least", "Found", "Most"]
    said = grid(caption, columns, rows, words=[1], note=dataset.values.short)
    return Section("controls", "Controls", [said], folded=True)
