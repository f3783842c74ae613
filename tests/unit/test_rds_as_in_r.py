"""RDS files written by R (tests/fixtures/rds/make_fixtures.R): equal to what R reads from them, value by value."""

from pathlib import Path

import numpy as np
import pytest

from rankstudy.core.errors import StudyError
from rankstudy.sources.readers import cell_columns, open_source
from rankstudy.sources.readers.rds import serialisation, source
from tests.unit.test_reader_table import streamed

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "rds"
NAMES = sorted(path.stem for path in FIXTURES.glob("*.rds") if not path.stem.startswith("refused"))


def opened(name, **options):
    return open_source(str(FIXTURES / f"{name}.rds"), {"format": "rds", **options})


def lines(name, what):
    like = "seurat4" if name.startswith("seurat4") else name
    return (FIXTURES / f"{like}.{what}.tsv").read_text(encoding="utf-8").splitlines()


def expected_counts(name):
    counts = np.zeros((len(lines(name, "cells")), len(lines(name, "genes"))))
    for line in lines(name, "values"):
        gene, cell, value = line.split("\t")
        counts[int(cell) - 1, int(gene) - 1] = float(value)
    return counts


def expected_labels(name):
    header, *rows = (line.split("\t") for line in lines(name, "labels"))
    columns = zip(*rows, strict=True)
    return {key: [None if v == "<NA>" else v for v in column] for key, column in zip(header, columns, strict=True)}


def test_there_are_files():
    assert len(NAMES) == 15


@pytest.mark.parametrize("name", NAMES)
def test_names_of_genes_and_cells(name):
    found = opened(name)
    assert found.gene_names == lines(name, "genes") and found.cell_names == lines(name, "cells")


@pytest.mark.parametrize("per_chunk", [1, 50, 1 << 20])
@pytest.mark.parametrize("name", NAMES)
def test_every_value_streamed(name, per_chunk, monkeypatch):
    monkeypatch.setattr(source, "_VALUES_PER_CHUNK", per_chunk)
    np.testing.assert_array_equal(streamed(opened(name)), expected_counts(name))


@pytest.mark.parametrize("name", NAMES)
def test_values_of_chosen_cells(name):
    found, expected = opened(name), expected_counts(name)
    n_cells = len(expected)
    for rows in ([], [0], [1, 2, 4], [n_cells - 1], list(range(n_cells)), list(range(0, n_cells, 2))):
        chosen = np.array([row for row in rows if 0 <= row < n_cells], int)
        values = found.read(chosen)
        assert values.format == "csr" and values.has_sorted_indices and values.dtype == np.float64
        np.testing.assert_array_equal(values.toarray(), expected[chosen])


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("matrix")])
def test_labels(name):
    expected = expected_labels(name)
    labels = cell_columns(opened(name), [*expected, "cell_name"], "0")
    assert labels.index.tolist() == labels["cell_name"].tolist() == lines(name, "cells")
    for column, values in expected.items():
        assert labels[column].tolist() == values, column


def test_nothing_kept_in_memory_changes_nothing(monkeypatch):
    monkeypatch.setattr(serialisation, "_KEPT_BYTES", 0)
    monkeypatch.setattr(serialisation, "_TINY_VECTOR", 40)
    found = opened("seurat4")
    assert found.cell_names == lines("seurat4", "cells") and found.gene_names == lines("seurat4", "genes")
    np.testing.assert_array_equal(streamed(found), expected_counts("seurat4"))
    expected = expected_labels("seurat4")
    labels = found.labels(list(expected))
    assert {column: labels[column].tolist() for column in labels} == expected


@pytest.mark.parametrize("name", ["seurat4", "seurat5"])
def test_another_layer(name):
    values = opened(name, layer="data")
    np.testing.assert_allclose(streamed(values), np.log1p(expected_counts(name)), rtol=1e-15)
    np.testing.assert_array_equal(
        opened(name, assay="RNA", layer="counts").read(np.arange(3)).toarray(), expected_counts(name)[:3]
    )


def test_another_assay():
    other = opened("seurat4", assay="OTHER")
    assert other.gene_names == lines("seurat4", "genes")[:6]
    np.testing.assert_array_equal(streamed(other), 2 * expected_counts("seurat4")[:, :6])


@pytest.mark.parametrize("name", ["seurat4", "seurat4_bz2", "seurat5", "seurat5_split"])
def test_flags_of_genes(name):
    flags = opened(name).gene_flags("flag")
    even = {gene for at, gene in enumerate(lines("seurat4", "genes")) if at % 2}
    assert flags.dtype == bool and flags.tolist() == [gene in even for gene in lines(name, "genes")]


def test_an_alternative_experiment():
    counts = expected_counts("sce_altexps")
    main = opened("sce_altexps")
    assert [str(choice) for choice in main.choices] == [
        "experiment: RNA (not ADT, HTO)",
        "assay: counts (not logcounts)",
    ]
    tags = opened("sce_altexps", assay="ADT")
    assert [str(choice) for choice in tags.choices] == ["experiment: ADT (not RNA, HTO)", "assay: counts (not halves)"]
    assert tags.gene_names == ["tag1", "tag2", "tag3"] and tags.cell_names == main.cell_names
    np.testing.assert_array_equal(streamed(tags), 2 * counts[:, :3])
    np.testing.assert_array_equal(streamed(opened("sce_altexps", assay="ADT", layer="halves")), counts[:, :3])
    np.testing.assert_array_equal(opened("sce_altexps", assay="HTO").read(np.arange(4)).toarray(), counts[:4, 3:5])
    assert tags.labels(["kind"]).equals(main.labels(["kind"]))


def test_experiments_that_there_are_not():
    with pytest.raises(
        StudyError, match=r"no experiment 'ADTs' \(did you mean 'ADT'\?\); .* has: RNA, ADT, HTO, or remove"
    ):
        opened("sce_altexps", assay="ADTs")
    with pytest.raises(StudyError, match="no experiment 'logcounts'; name one that the object has: main, or remove"):
        opened("sce", assay="logcounts")
    assert [str(choice) for choice in opened("sce", assay="main").choices] == ["assay: counts (not logcounts)"]
