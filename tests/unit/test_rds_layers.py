"""Layers of a version 5 assay by their exact names, and vectors that R keeps as a rule instead of values."""

import numpy as np
import pytest

from rankstudy.core.errors import StudyError
from rankstudy.sources.readers.rds import source as source_module
from tests.unit import rds_writer as w
from tests.unit.test_rds_refuses import opened
from tests.unit.test_reader_table import streamed

GENES, CELLS = ["g1", "g2", "g3"], ["c1", "c2", "c3"]


def log_map(names, layers, has):
    """Return which layer has which name."""
    flags = [int(name in has[layer]) for layer in layers for name in names]
    dimnames = w.listed([w.text(names), w.text(layers)])
    return w.integers(flags, kind=10, dim=w.integers([len(names), len(layers)]), dimnames=dimnames)


def column(values):
    """Return a matrix of one cell, without names."""
    rows = np.flatnonzero(values).tolist()
    parts = {"i": w.integers(rows), "p": w.integers([0, len(rows)]), "Dim": w.integers([len(values), 1])}
    unnamed = w.listed([w.NULL, w.NULL])
    return w.s4("dgCMatrix", **parts, Dimnames=unnamed, x=w.numbers([values[row] for row in rows]))


def assay5(cells_of, values_of):
    """Return a Seurat object with an assay of version 5 whose layers have all genes, each of one cell."""
    layers = list(cells_of)
    nothing = w.listed([], names=w.text([]), **{"class": w.text(["data.frame"]), "row.names": w.text([])})
    assay = w.s4(
        "Assay5",
        layers=w.listed([column(values_of[name]) for name in layers], names=w.text(layers)),
        features=log_map(GENES, layers, dict.fromkeys(layers, GENES)),
        cells=log_map(CELLS, layers, cells_of),
        **{"meta.data": nothing},
    )
    return w.seurat(assay=assay)


def test_parts_of_a_layer_are_those_with_its_name_and_a_dot(tmp_path):
    cells_of = {"counts.1": ["c1"], "counts_raw": ["c3"], "counts.2": ["c2"], "countsx.1": ["c3"], "x.counts.1": ["c3"]}
    values = dict.fromkeys(cells_of, [9, 9, 9]) | {"counts.1": [1, 0, 2], "counts.2": [0, 3, 0]}
    source = opened(w.write(tmp_path / "a.rds", assay5(cells_of, values)))
    assert source.cell_names == ["c1", "c2"] and source.gene_names == GENES
    np.testing.assert_array_equal(streamed(source), [[1, 0, 2], [0, 3, 0]])
    np.testing.assert_array_equal(streamed(opened(source.path, layer="counts_raw")), [[9, 9, 9]])


def test_a_layer_that_only_begins_alike_is_none(tmp_path):
    path = w.write(tmp_path / "a.rds", assay5({"counts_raw": ["c3"]}, {"counts_raw": [9, 9, 9]}))
    with pytest.raises(StudyError, match=r"has no layer 'counts' .*name one that it has: counts_raw"):
        opened(path)


@pytest.mark.parametrize(("sequence", "labels"), [([2, 2, -1], ["2", "1"]), ([2, 7, 1], ["7", "8"])])
def test_numbers_of_cells_as_a_sequence(tmp_path, sequence, labels):
    path = w.write(tmp_path / "a.rds", w.seurat(meta={"n": w.altrep("compact_intseq", w.numbers(sequence))}))
    assert opened(path).labels(["n"])["n"].tolist() == labels


@pytest.mark.parametrize(("sequence", "labels"), [([2, 1, 1], ["x", "y"]), ([2, 2, -1], ["y", "x"])])
def test_codes_of_a_factor_as_a_sequence(tmp_path, sequence, labels):
    codes = w.altrep("compact_intseq", w.numbers(sequence), levels=w.text(["x", "y"]), **{"class": w.text(["factor"])})
    path = w.write(tmp_path / "a.rds", w.seurat(meta={"turned": codes}))
    assert opened(path).labels(["turned"])["turned"].tolist() == labels


def sequence(name, *rule):
    return w.altrep(name, w.numbers(rule))


ROWS, BEGINS = sequence("compact_intseq", 3, 0, 1), sequence("compact_intseq", 4, 0, 1)
VALUES = sequence("compact_realseq", 3, 1, 1)
FALLING = sequence("compact_intseq", 3, 2, -1)
# slots, and which gene each cell has
SEQUENCES = {
    "i": ({"i": ROWS}, [0, 1, 2]),
    "i, falling": ({"i": FALLING}, [2, 1, 0]),
    "p": ({"p": BEGINS}, [0, 1, 2]),
    "x": ({"x": VALUES}, [0, 1, 2]),
    "all": ({"i": ROWS, "p": BEGINS, "x": VALUES}, [0, 1, 2]),
}


@pytest.mark.parametrize(("slots", "genes"), SEQUENCES.values(), ids=SEQUENCES)
@pytest.mark.parametrize("per_chunk", [1, 1 << 20])
def test_parts_of_a_matrix_as_sequences(tmp_path, slots, genes, per_chunk, monkeypatch):
    monkeypatch.setattr(source_module, "_VALUES_PER_CHUNK", per_chunk)
    parts = {"i": w.integers([0, 1, 2]), "p": w.integers([0, 1, 2, 3]), "x": w.numbers([1, 2, 3]), **slots}
    names = w.listed([w.text(GENES), w.text(CELLS)])
    source = opened(w.write(tmp_path / "a.rds", w.matrix(**parts, Dim=w.integers([3, 3]), Dimnames=names)))
    expected = np.zeros((3, 3))
    expected[range(3), genes] = 1, 2, 3
    np.testing.assert_array_equal(streamed(source), expected)
    for cells in ([], [0, 2], [1, 2]):
        np.testing.assert_array_equal(source.read(np.array(cells, int)).toarray(), expected[cells])


def test_rows_as_a_sequence_must_be_rows_of_the_matrix(tmp_path):
    path = w.write(tmp_path / "a.rds", w.matrix(i=sequence("compact_intseq", 3, 1, 1)))
    with pytest.raises(StudyError, match="values in rows outside 1 to 3"):
        list(opened(path).stream())
