"""Selection of cells: who takes part, what is said of the others."""

import numpy as np
import pandas as pd
import pytest

from rankstudy.cells.selection import select_cells
from rankstudy.cells.tables import CELL_TYPES, CELLS, SELECTION, SELECTION_REPORT
from rankstudy.core.cell_types import slugs
from rankstudy.core.errors import StudyError

SIZES = {"T cell": 30, "B cell": 12, "rare": 3, "NK": 8}


def make_cells(sizes, *, unlabelled=2, empty=1):
    """Return the table `cells`: types of given sizes over two batches, cells without label or counts."""
    labels = [label for label, n in sizes.items() for _ in range(n)] + [None] * unlabelled
    labels += [next(iter(sizes))] * empty
    names = slugs(sorted(sizes))
    cells = pd.DataFrame({"cell_type": labels, "slug": [names.get(label) for label in labels]})
    numbers = cells.groupby("cell_type", dropna=False).cumcount()
    cells["cell_name"] = [f"{label}-{n}" for label, n in zip(labels, numbers, strict=True)]
    cells["batch"] = [f"batch{n % 2}" for n in numbers]
    cells["n_counts"] = [100.0] * (len(cells) - empty) + [0.0] * empty
    cells = cells.assign(
        dataset="toy", cell_id="toy:" + cells["cell_name"], donor=None, n_genes=5, part="0", left_out=None
    )
    return cells.assign(row=np.arange(len(cells)))[CELLS.names]


def select(tmp_path, cells, **changes):
    usable = cells[cells["cell_type"].notna() & (cells["n_counts"] > 0)]
    types = usable.groupby(["cell_type", "slug"]).agg(n_cells=("cell_id", "size"), n_batches=("batch", "nunique"))
    types = types.reset_index().assign(dataset="toy", median_counts=100.0, median_genes=5.0)[CELL_TYPES.names]
    CELLS.write(cells, tmp_path / "cells.parquet")
    CELL_TYPES.write(types, tmp_path / "types.parquet")
    settings = {"seed": 0, "min_cells": 5, "cells_per_type": 10, "cell_types": None, **changes}
    out = {"selection_out": str(tmp_path / "s.parquet"), "report_out": str(tmp_path / "r.parquet")}
    select_cells(str(tmp_path / "cells.parquet"), str(tmp_path / "types.parquet"), dataset="toy", **settings, **out)
    return SELECTION.read(out["selection_out"]), SELECTION_REPORT.read(out["report_out"])


@pytest.mark.parametrize("expected", [None, 3])
def test_the_number_of_types_that_take_part_can_be_expected(tmp_path, expected):
    assert select(tmp_path, make_cells(SIZES), types_expected=expected)[0]["cell_type"].nunique() == 3


def test_another_number_of_types_than_expected_is_an_error_with_both_numbers(tmp_path):
    with pytest.raises(StudyError, match=r"toy: 3 cell types with at least min_cells = 5 cells found, 4 expected"):
        select(tmp_path, make_cells(SIZES), types_expected=4)


def test_types_of_enough_cells_take_part_with_at_most_the_number_asked_for(tmp_path):
    selection, _ = select(tmp_path, make_cells(SIZES))
    assert selection["cell_type"].value_counts().to_dict() == {"T cell": 10, "B cell": 10, "NK": 8}
    assert selection[["slug", "cell_id"]].equals(selection[["slug", "cell_id"]].sort_values(["slug", "cell_id"]))
    assert (selection["n_counts"] > 0).all()


def test_the_selected_rows_are_those_of_the_index(tmp_path):
    cells = make_cells(SIZES)
    selection, _ = select(tmp_path, cells)
    found = cells.set_index("cell_id").loc[selection["cell_id"]]
    for column in ("row", "part", "cell_type", "batch", "n_counts"):
        assert found[column].tolist() == selection[column].tolist()


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        (
            {},
            {
                ("T cell", "selected"): 10,
                ("T cell", "not drawn: more than cells_per_type = 10"): 20,
                ("T cell", "no counts"): 1,
                ("B cell", "selected"): 10,
                ("B cell", "not drawn: more than cells_per_type = 10"): 2,
                ("NK", "selected"): 8,
                ("rare", "type has fewer than min_cells = 5"): 3,
                (None, "no cell type"): 2,
            },
        ),
        (
            {"cell_types": ["NK", "T cell"], "cells_per_type": None},
            {
                ("T cell", "selected"): 30,
                ("T cell", "no counts"): 1,
                ("B cell", "not in selection.cell_types"): 12,
                ("NK", "selected"): 8,
                ("rare", "not in selection.cell_types"): 3,
                (None, "no cell type"): 2,
            },
        ),
    ],
)
def test_the_report_accounts_for_every_cell(tmp_path, changes, wanted):
    cells = make_cells(SIZES)
    selection, report = select(tmp_path, cells, **changes)
    found = {(t, r): n for t, r, n in report[["cell_type", "reason", "n_cells"]].itertuples(index=False)}
    assert found == wanted and report["n_cells"].sum() == len(cells)
    assert report.loc[report["selected"], "n_cells"].sum() == len(selection)
    assert ((report["reason"] == "selected") == report["selected"]).all()
    batches = report.set_index(["cell_type", "reason"])["n_batches"]
    assert batches[("NK", "selected")] == 2 and batches[("T cell", "no counts")] == 1


def test_same_seed_same_cells_other_seed_other_cells(tmp_path):
    draws = [set(select(tmp_path, make_cells(SIZES), seed=seed)[0]["cell_id"]) for seed in (3, 3, 4)]
    assert draws[0] == draws[1] != draws[2]


def test_the_order_of_the_cells_in_the_file_changes_nothing(tmp_path):
    cells = make_cells(SIZES)
    first = select(tmp_path, cells)[0]
    shuffled = cells.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(select(tmp_path, shuffled)[0], first)


def test_types_of_the_same_size_are_drawn_independently(tmp_path):
    selection = select(tmp_path, make_cells({"A": 40, "B": 40, "C": 40}, empty=0))[0]
    numbers = selection["cell_id"].str.extract(r"-(\d+)$")[0].groupby(selection["cell_type"]).apply(set)
    assert numbers["A"] != numbers["B"] != numbers["C"] != numbers["A"]


def test_another_type_changes_no_draw(tmp_path):
    few = select(tmp_path, make_cells({"T cell": 30, "B cell": 12}))[0]
    more = select(tmp_path, make_cells({"A new one": 50, "T cell": 30, "B cell": 12, "Z": 40}))[0]
    kept = more[more["cell_type"].isin(["T cell", "B cell"])]
    assert kept["cell_id"].tolist() == few["cell_id"].tolist()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"min_cells": 13},
            r"1 cell types of toy have at least min_cells = 13 cells.*largest types: T cell 30, B cell 12",
        ),
        ({"min_cells": 99}, "0 cell types of toy"),
        (
            {"cell_types": ["T cel", "NK"]},
            r"no cell type 'T cel' \(did you mean 'T cell'\?\).*B cell, NK, T cell, rare",
        ),
        ({"cell_types": ["T cell", "rare"]}, r"'rare' has 3 usable cells, fewer than selection.min_cells = 5"),
    ],
)
def test_too_little_to_compare_is_refused_and_nothing_is_written(tmp_path, changes, message):
    with pytest.raises(StudyError, match=message):
        select(tmp_path, make_cells(SIZES), **changes)
    assert not (tmp_path / "s.parquet").exists() and not (tmp_path / "r.parquet").exists()
