"""Data sets of several files: scanned one by one, put together over the genes that all have."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.cells.index import NO_COUNTS
from rankstudy.cells.selection import select_cells
from rankstudy.cells.shards import extract_cells, read_counts, write_shard
from rankstudy.cells.tables import BATCHES, CELL_TYPES, CELLS, SELECTION, SELECTION_REPORT
from rankstudy.core.errors import StudyError
from tests.unit.helpers import (
    index_outputs,
    labels_text,
    put_together,
    role,
    run_index,
    run_scan,
    table_text,
    toy_counts,
    write_h5ad,
    write_text,
)

N_CELLS = 10
# the second file has its genes in another order, lacks g1 and g4, and has one that the first lacks
GENES = {"one": ["g0", "g1", "g2", "g3", "g4", "g5"], "two": ["g5", "g3", "extra", "g0", "g2"]}
COMMON = ["g0", "g2", "g3", "g5"]
CELLS_OF_BOTH = [f"c{i}" for i in range(N_CELLS)]
KINDS = ["A", "B"] * 5
COUNTS = {name: toy_counts(N_CELLS, len(genes), seed=len(genes)) for name, genes in GENES.items()}
ROLES = {"cell_type": role("kind"), "batch": role("part")}


def as_h5ad(folder, name, counts=None, kinds=KINDS, genes=None, **obs):
    counts, genes = COUNTS[name] if counts is None else counts, genes or GENES[name]
    path = write_h5ad(
        folder / f"{name}.h5ad", sp.csr_matrix(counts), obs={"kind": kinds, **obs}, cells=CELLS_OF_BOTH, genes=genes
    )
    return path, {"format": "h5ad"}


def as_table(folder, name, rows="genes"):
    counts = COUNTS[name]
    text = table_text(counts.T, GENES[name], CELLS_OF_BOTH)
    if rows == "cells":
        text = table_text(counts, CELLS_OF_BOTH, GENES[name])
    labels = write_text(folder / f"{name}.labels.csv", labels_text(CELLS_OF_BOTH, {"kind": KINDS}))
    return write_text(folder / f"{name}.csv", text), {"format": "table", "labels": labels, "rows": rows}


FORMS = pytest.mark.parametrize(
    "make", [as_h5ad, as_table, lambda f, n: as_table(f, n, "cells")], ids=["h5ad", "genes", "cells"]
)


def scan_both(folder, make=as_h5ad, **changes):
    settings = {"several_parts": True, "annotations": ROLES, **changes}
    return [run_scan(folder, *make(folder, part), part=part, **settings) for part in GENES]


def select(folder, **changes):
    """Select of the index in a folder; return the tables `selection` and `selection_report`."""
    out = [str(folder / f"{name}.parquet") for name in ("selection", "report")]
    settings = {"min_cells": 2, "cells_per_type": None, "cell_types": None, **changes}
    index = index_outputs(folder)
    select_cells(
        index["cells"], index["types"], dataset="toy", seed=0, **settings, selection_out=out[0], report_out=out[1]
    )
    return SELECTION.read(out[0]), SELECTION_REPORT.read(out[1])


def counts_by_cell(shard):
    return dict(zip(shard.obs_names, shard.X.toarray(), strict=True))


def expected_counts(part):
    """Return the counts of each cell of a file over the common genes, by cell id."""
    at = [GENES[part].index(gene) for gene in COMMON]
    return {f"toy:{part}/{c}": COUNTS[part][i, at] for i, c in enumerate(CELLS_OF_BOTH)}


@FORMS
def test_cells_of_the_same_name_in_two_files_stay_two_cells(tmp_path, make):
    cells, types, _ = put_together(tmp_path, scan_both(tmp_path, make))
    assert cells["cell_id"].tolist() == [f"toy:{part}/{c}" for part in GENES for c in CELLS_OF_BOTH]
    assert cells["cell_name"].tolist() == CELLS_OF_BOTH * 2 and cells["row"].tolist() == [*range(N_CELLS)] * 2
    assert cells["part"].tolist() == cells["batch"].tolist() == ["one"] * N_CELLS + ["two"] * N_CELLS
    assert types.set_index("cell_type")[["n_cells", "n_batches"]].to_numpy().tolist() == [[10, 2], [10, 2]]
    sums = np.concatenate([COUNTS[part].sum(axis=1) for part in GENES])
    np.testing.assert_array_equal(cells["n_counts"], sums)  # over all genes of the file, not the common ones only


def test_common_genes_stand_in_the_order_of_the_first_file_with_their_sums(tmp_path):
    *_, genes = put_together(tmp_path, scan_both(tmp_path))
    assert genes["gene"].tolist() == COMMON
    whole = np.vstack([np.array(list(expected_counts(part).values())) for part in GENES])
    np.testing.assert_array_equal(genes["n_counts"], whole.sum(axis=0))
    np.testing.assert_array_equal(genes["n_cells"], (whole > 0).sum(axis=0))


@FORMS
def test_extracted_cells_of_all_files_have_their_own_counts_of_the_common_genes(tmp_path, make):
    put_together(tmp_path, scan_both(tmp_path, make))
    selection, _ = select(tmp_path)
    assert len(selection) == 2 * N_CELLS
    extracted = []
    for part in GENES:
        extracted.append(str(tmp_path / f"{part}.extracted.h5ad"))
        extract_cells(
            *make(tmp_path, part), str(tmp_path / "selection.parquet"), str(tmp_path / "genes.parquet"), part=part,
            several_parts=True, output=extracted[-1],
        )  # fmt: skip
    found = {}
    for slug in ("a", "b"):
        write_shard(extracted, str(tmp_path / "selection.parquet"), slug, str(tmp_path / f"{slug}.h5ad"))
        shard = read_counts(str(tmp_path / f"{slug}.h5ad"))
        assert shard.var_names.tolist() == COMMON
        assert shard.obs_names.tolist() == selection.loc[selection["slug"] == slug, "cell_id"].tolist()
        found |= counts_by_cell(shard)
    wanted = expected_counts("one") | expected_counts("two")
    assert found.keys() == wanted.keys()
    for cell, counts in wanted.items():
        np.testing.assert_array_equal(found[cell], counts)


@FORMS
def test_a_file_of_which_no_cell_was_selected_gives_none(tmp_path, make):
    put_together(tmp_path, scan_both(tmp_path, make))
    selection, _ = select(tmp_path)
    SELECTION.write(selection[selection["part"] == "one"], tmp_path / "selection.parquet")
    extracted = []
    for part in GENES:
        extracted.append(str(tmp_path / f"{part}.extracted.h5ad"))
        extract_cells(
            *make(tmp_path, part), str(tmp_path / "selection.parquet"), str(tmp_path / "genes.parquet"), part=part,
            several_parts=True, output=extracted[-1],
        )  # fmt: skip
    assert ad.read_h5ad(extracted[1]).shape == (0, len(COMMON))
    write_shard(extracted, str(tmp_path / "selection.parquet"), "a", str(tmp_path / "a.h5ad"))
    assert read_counts(str(tmp_path / "a.h5ad")).shape == (5, len(COMMON))


def test_a_cell_is_not_read_from_the_file_of_another_part(tmp_path):
    put_together(tmp_path, scan_both(tmp_path))
    select(tmp_path)
    with pytest.raises(StudyError, match="has changed since it was indexed"):
        extract_cells(
            *as_h5ad(tmp_path, "two"), str(tmp_path / "selection.parquet"), str(tmp_path / "genes.parquet"), part="one",
            several_parts=True, output=str(tmp_path / "x.h5ad"),
        )  # fmt: skip


def test_files_without_a_common_gene_are_refused(tmp_path):
    scanned = scan_both(tmp_path)
    other = as_h5ad(tmp_path, "two", genes=[f"ENSG{i}" for i in range(5)])
    scanned[1] = run_scan(tmp_path, *other, part="two", several_parts=True, annotations=ROLES)
    with pytest.raises(StudyError, match="data set toy: its parts have no gene in common: they begin with"):
        put_together(tmp_path, scanned)
    assert not list(tmp_path.glob("*.parquet"))


def test_a_gene_is_flagged_where_every_file_flags_it(tmp_path):
    flags = {"one": [True, True, True, False, False, True], "two": [True, True, True, False, True]}
    scanned = []
    for part, flagged in flags.items():
        counts = sp.csr_matrix(COUNTS[part])
        path = write_h5ad(
            tmp_path / f"{part}.h5ad", counts, obs={"kind": KINDS}, var={"hv": flagged}, genes=GENES[part]
        )
        scanned.append(run_scan(tmp_path, path, {"format": "h5ad"}, part=part, several_parts=True, flag_column="hv"))
    *_, genes = put_together(tmp_path, scanned)
    assert genes.set_index("gene")["flagged"].to_dict() == {"g0": False, "g2": True, "g3": False, "g5": True}


def test_another_number_of_cells_in_a_part_is_refused_with_both_numbers(tmp_path):
    message = (
        r"data set toy: .*two\.h5ad: 10 cells found, 1,000 expected; correct `parts\.two\.cells`, "
        r"or give the file that was meant"
    )
    with pytest.raises(StudyError, match=message):
        run_scan(tmp_path, *as_h5ad(tmp_path, "two"), part="two", several_parts=True, cells_expected=1000)
    run_scan(tmp_path, *as_h5ad(tmp_path, "two"), part="two", several_parts=True, cells_expected=10)


def test_the_name_of_the_part_serves_as_a_label(tmp_path):
    roles = {"cell_type": role("part"), "batch": role("part", r"^(o)", "rest"), "donor": role("kind")}
    cells, types, _ = put_together(tmp_path, scan_both(tmp_path, annotations=roles))
    assert types["cell_type"].tolist() == ["one", "two"] and cells["donor"].tolist() == KINDS * 2
    assert cells["batch"].tolist() == ["o"] * N_CELLS + ["rest"] * N_CELLS


DOUBLETS = {"class": ["SNG", "SNG", "DBL", "SNG", None, "SNG", "SNG", "SNG", "AMB", "SNG"]}


def kept(values=("SNG",), column="class"):
    return {"column": column, "values": list(values)}


def test_cells_that_are_not_kept_are_listed_and_neither_counted_nor_selected(tmp_path):
    cells, types, genes = run_index(tmp_path, *as_h5ad(tmp_path, "one", **DOUBLETS), keep=kept())
    wanted = [None, None, "class is DBL", None, "no class", None, None, None, "class is AMB", None]
    assert cells["left_out"].tolist() == wanted and len(genes) == 6
    assert types.set_index("cell_type")["n_cells"].to_dict() == {"A": 2, "B": 5}
    selection, report = select(tmp_path)
    assert selection["cell_id"].tolist() == [f"toy:c{i}" for i in (0, 6, 1, 3, 5, 7, 9)]
    found = {(r.cell_type, r.reason): r.n_cells for r in report.itertuples()}
    assert found == {
        ("A", "selected"): 2,
        ("A", "class is DBL"): 1,
        ("A", "class is AMB"): 1,
        ("A", "no class"): 1,
        ("B", "selected"): 5,
    }
    assert report["n_cells"].sum() == len(cells)


def test_a_type_of_which_no_cell_is_kept_is_no_type_of_the_study(tmp_path):
    kinds = ["A", "B", "odd", "A", "A", "B", "B", "B", "odd", "A"]
    _, types, _ = run_index(tmp_path, *as_h5ad(tmp_path, "one", kinds=kinds, **DOUBLETS), keep=kept())
    assert types["cell_type"].tolist() == ["A", "B"]
    _, report = select(tmp_path)
    assert report.loc[report["cell_type"] == "odd", "reason"].tolist() == ["class is AMB", "class is DBL"]
    with pytest.raises(StudyError, match="no cell type 'odd'"):
        select(tmp_path, cell_types=["A", "odd"])


def test_a_column_or_value_of_keep_that_does_not_exist_is_refused(tmp_path):
    path, read = as_h5ad(tmp_path, "one", **DOUBLETS)
    with pytest.raises(StudyError, match=r"no column 'clas' \(did you mean 'class'\?\)"):
        run_scan(tmp_path, path, read, keep=kept(column="clas"))
    message = r"keep\.values: .*one\.h5ad: singlet does not occur in 'class'; name values that it holds: AMB, DBL, SNG"
    with pytest.raises(StudyError, match=message):
        run_scan(tmp_path, path, read, keep=kept(["singlet"]))
    with pytest.raises(StudyError, match=r"keep\.values: .*: AMX does not occur in 'class'"):
        run_scan(tmp_path, path, read, keep=kept(["SNG", "AMX"]))


def test_one_of_several_files_may_lack_a_value_of_keep_but_not_all_of_them(tmp_path):
    values = kept(["SNG", "AMB", "rare"])
    one = run_scan(tmp_path, *as_h5ad(tmp_path, "one", **DOUBLETS), part="one", several_parts=True, keep=values)
    two = run_scan(
        tmp_path,
        *as_h5ad(tmp_path, "two", **{"class": ["rare"] * N_CELLS}),
        part="two",
        several_parts=True,
        keep=values,
    )
    cells, *_ = put_together(tmp_path, [one, two])
    assert cells["left_out"].notna().sum() == 2
    with pytest.raises(
        StudyError, match=r"keep\.values: .*two\.h5ad: SNG does not occur in 'class'; name values that it holds: rare"
    ):
        run_scan(
            tmp_path,
            *as_h5ad(tmp_path, "two", **{"class": ["rare"] * N_CELLS}),
            part="two",
            several_parts=True,
            keep=kept(),
        )


def test_a_data_set_of_which_no_kept_cell_has_a_label_is_refused(tmp_path):
    kinds = [None, None, "A", None, "B", None, None, None, "A", None]
    with pytest.raises(StudyError, match="cell_type: no cell that is kept has a label"):
        run_index(tmp_path, *as_h5ad(tmp_path, "one", kinds=kinds, **DOUBLETS), keep=kept())


def fractional_second(folder):
    """Write both files, where three cells of the second have a value that is not whole; return what is scanned."""
    counts = COUNTS["two"].copy()
    counts[[1, 4, 7], 0] += 0.5
    one, two = as_h5ad(folder, "one"), as_h5ad(folder, "two", counts)
    settings = {"several_parts": True, "annotations": ROLES, "values": "by_batch"}
    return [run_scan(folder, *made, part=part, **settings) for part, made in (("one", one), ("two", two))]


def test_a_batch_without_counts_is_left_out_where_counts_are_needed(tmp_path, caplog):
    cells, types, _ = put_together(tmp_path, fractional_second(tmp_path), values="by_batch", needs="proportions")
    assert cells["left_out"].tolist() == [None] * N_CELLS + [NO_COUNTS] * N_CELLS
    assert types.set_index("cell_type")[["n_cells", "n_batches"]].to_numpy().tolist() == [[5, 1], [5, 1]]
    assert "10 cells are left out: batches two have no raw counts" in caplog.text
    selection, report = select(tmp_path)
    assert set(selection["batch"]) == {"one"}
    assert report.loc[~report["selected"], ["reason", "n_cells"]].to_numpy().tolist() == [[NO_COUNTS, 5]] * 2


def test_a_batch_without_counts_takes_part_where_ranks_alone_are_compared(tmp_path):
    cells, types, _ = put_together(tmp_path, fractional_second(tmp_path), values="by_batch", needs="order")
    assert cells["left_out"].isna().all() and types["n_cells"].tolist() == [10, 10]
    selection, _ = select(tmp_path)
    assert selection["batch"].value_counts().to_dict() == {"one": 10, "two": 10}


@pytest.mark.parametrize("needs", ["counts", "order"])
def test_the_table_of_batches_says_which_have_counts(tmp_path, needs):
    put_together(tmp_path, fractional_second(tmp_path), values="by_batch", needs=needs)
    out = index_outputs(tmp_path)
    wanted = [["toy", "one", 10, 0, "counts"], ["toy", "two", 10, 3, "not whole"]]
    assert BATCHES.read(out["batches"]).to_numpy().tolist() == wanted
    assert pd.read_csv(out["batches_tsv"], sep="\t").to_numpy().tolist() == wanted


def test_where_every_batch_has_counts_none_is_left_out_and_nothing_is_warned(tmp_path, caplog):
    scanned = scan_both(tmp_path, values="by_batch")
    cells, *_ = put_together(tmp_path, scanned, values="by_batch")
    assert cells["left_out"].isna().all() and "left out" not in caplog.text


def test_a_data_set_whose_batches_all_lack_counts_is_refused(tmp_path):
    counts = COUNTS["one"] + 0.5
    scanned = run_scan(tmp_path, *as_h5ad(tmp_path, "one", counts), values="by_batch")
    with pytest.raises(StudyError, match=r"no batch of toy has raw counts.*`spaces: \[rank\]`"):
        put_together(tmp_path, [scanned], values="by_batch")


def test_the_order_of_the_files_decides_the_order_only(tmp_path):
    scanned = scan_both(tmp_path)
    cells, types, genes = put_together(tmp_path, scanned)
    turned = put_together(tmp_path, scanned[::-1])
    pd.testing.assert_frame_equal(turned[0].sort_values("cell_id", ignore_index=True), cells)
    pd.testing.assert_frame_equal(turned[1], types)
    assert turned[2]["gene"].tolist() == ["g5", "g3", "g0", "g2"]
    pd.testing.assert_frame_equal(turned[2].sort_values("gene", ignore_index=True), genes)


def test_the_index_holds_tables_as_declared(tmp_path):
    put_together(tmp_path, scan_both(tmp_path))
    for name, declared in (("cells", CELLS), ("types", CELL_TYPES), ("batches", BATCHES)):
        assert declared.read(index_outputs(tmp_path)[name]).columns.tolist() == declared.names
