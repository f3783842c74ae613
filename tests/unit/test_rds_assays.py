"""A Seurat object that was saved with another assay active: raw counts of genes are read, and what was left is told."""

import numpy as np
import pytest

from tests.unit import rds_writer as w
from tests.unit.test_rds_refuses import opened, refused
from tests.unit.test_reader_table import streamed

RAW, OTHER = [[1, 2, 0], [0, 0, 3]], [[7, 9, 0], [0, 0, 8]]
EMPTY = w.s4("dgCMatrix", i=w.integers([]), p=w.integers([0]), Dim=w.integers([0, 0]), x=w.numbers([]))


def assay(of_class="Assay", raw=False, **slots):
    return w.s4(of_class, **{"counts": w.matrix() if raw else w.matrix(x=w.numbers([7, 9, 8])), **slots})


def seurat(path, active, **assays):
    body = w.seurat(assays=w.listed(list(assays.values()), names=w.text(list(assays))), active=active)
    return w.write(path / "a.rds", body)


CASES = {
    "SCT active": ({"RNA": assay(raw=True), "SCT": assay("SCTAssay")}, "SCT", "assay: RNA (not SCT (active))"),
    "ADT active": ({"ADT": assay(), "RNA": assay(raw=True)}, "ADT", "assay: RNA (not ADT (active))"),
    "RNA and another": ({"RNA": assay(raw=True), "decont": assay()}, "decont", "assay: RNA (not decont (active))"),
    "Spatial": ({"Spatial": assay(raw=True), "SCT": assay()}, "SCT", "assay: Spatial (not SCT (active))"),
    "active of two": ({"Xenium": assay(raw=True), "Blank": assay()}, "Xenium", "assay: Xenium (not Blank)"),
    "peaks by class": ({"open": assay("ChromatinAssay"), "x": assay(raw=True)}, "open", "assay: x (not open (active))"),
    "RNA without counts": (
        {"RNA": assay(counts=EMPTY), "Spatial": assay(raw=True)}, "RNA", "assay: Spatial (not RNA (active))"
    ),
    "one": ({"first": assay(raw=True)}, "first", "assay: first"),
}  # fmt: skip


@pytest.mark.parametrize(("assays", "active", "told"), CASES.values(), ids=CASES)
def test_raw_counts_of_genes_are_read_whatever_is_active(tmp_path, assays, active, told):
    source = opened(seurat(tmp_path, active, **assays))
    np.testing.assert_array_equal(streamed(source), RAW)
    assert [str(choice) for choice in source.choices] == [told, "layer: counts"]


@pytest.mark.parametrize("name", ["SCT", "ADT", "decont"])
def test_an_assay_that_is_named_is_read(tmp_path, name):
    path = seurat(tmp_path, "RNA", RNA=assay(raw=True), **{name: assay()})
    source = opened(path, assay=name)
    np.testing.assert_array_equal(streamed(source), OTHER)
    assert str(source.choices[0]) == f"assay: {name} (not RNA (active))"


@pytest.mark.parametrize(
    ("assays", "active"),
    [({"SCT": assay(), "ADT": assay()}, "SCT"), ({"ADT": assay()}, "ADT"), ({"x": assay("SCTAssay")}, "x"),
     ({"a": assay(), "b": assay(), "SCT": assay()}, "SCT")],
)  # fmt: skip
def test_what_cannot_be_decided_is_refused_and_the_key_settles_it(tmp_path, assays, active):
    path = seurat(tmp_path, active, **assays)
    refused(r"rds\.assay: it is not clear which assay holds the raw counts .*; name the one to read: `rds", path)
    assert streamed(opened(path, assay=next(iter(assays)))).tolist() == OTHER


def test_layers_that_were_left_are_told_and_empty_ones_are_none(tmp_path):
    path = seurat(tmp_path, "RNA", RNA=assay(raw=True, data=w.matrix(), **{"scale.data": EMPTY}))
    assert str(opened(path).choices[1]) == "layer: counts (not data)"
    empty = seurat(tmp_path, "RNA", RNA=assay(counts=EMPTY, data=w.matrix(x=w.numbers([7, 9, 8]))))
    refused(r"assay 'RNA' \(Assay\) has no layer 'counts' that is not empty; name one that it has: data$", empty)
    assert streamed(opened(empty, layer="data")).tolist() == OTHER
    nothing = seurat(tmp_path, "RNA", RNA=assay(counts=EMPTY))
    refused(r"all layers of the assay 'RNA' \(Assay\) are empty; name an assay that is not empty", nothing)
    refused("are empty, of others there are ADT;", seurat(tmp_path, "RNA", RNA=assay(counts=EMPTY), ADT=assay()))
