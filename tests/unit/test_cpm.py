"""Values scaled to one total per cell: what needs proportions is as from counts, what needs counts is refused."""

import numpy as np
import pandas as pd
import pytest

from rankstudy.cells.needs import GENE_METHODS, NEEDS, suffices
from rankstudy.core.errors import StudyError
from rankstudy.pairs.space_files import read_space
from rankstudy.spaces.make import encode_shards
from rankstudy.spaces.registry import SPACES
from rankstudy.spaces.tables import SELECTED_GENES
from tests.unit.advice_toy import Toy, scaled
from tests.unit.test_geneformer_tokenising import NAMES, prepare, run, shards_of

PROPORTIONS = ["rank", "expression"]


def expression_of(folder, monkeypatch, counts, values):
    """Return the space `expression` of counts, and the table of the selected genes."""
    folder.mkdir()
    monkeypatch.chdir(folder)
    toy = Toy(values=values, spaces=PROPORTIONS)
    toy.counts, toy.genes = counts, [f"g{i}" for i in range(counts.shape[1])]
    toy.studying(genes={"number": 50}).compare()
    encode_shards(
        ["a.h5ad", "b.h5ad"], {"genes": "genes_used.parquet"}, genes=SPACES["expression"].genes, dataset="toy",
        space="expression", metric="correlation", metrics=["correlation"], function=SPACES["expression"].function,
        seed=0, output="expression.h5ad", report_out="report.parquet",
    )  # fmt: skip
    return read_space("expression.h5ad"), SELECTED_GENES.read("genes_used.parquet")


@pytest.mark.parametrize("total", [1e6, 731.5])
def test_expression_and_its_genes_are_those_of_the_counts(tmp_path, monkeypatch, total):
    random = np.random.default_rng(0)
    sizes = random.uniform(0.2, 5, 400)
    counts = random.negative_binomial(sizes, sizes / (sizes + random.gamma(0.6, 8.0, 400)), (24, 400)).astype(float)
    of_counts, genes = expression_of(tmp_path / "counts", monkeypatch, counts, "counts")
    of_cpm, same_genes = expression_of(tmp_path / "cpm", monkeypatch, scaled(counts, total), "cpm")
    np.testing.assert_allclose(of_cpm.vectors.toarray(), of_counts.vectors.toarray(), rtol=1e-6)
    assert of_cpm.cells["cell_id"].tolist() == of_counts.cells["cell_id"].tolist()
    pd.testing.assert_frame_equal(genes, same_genes, rtol=1e-5, atol=1e-5)  # dispersions are of float32
    assert 2 <= genes["selected"].sum() < len(genes)


def test_tokens_are_those_of_the_counts(tmp_path):
    counts = np.random.default_rng(1).negative_binomial(2, 0.1, (30, len(NAMES))).astype(float)
    counts[:, 0] += 1
    found = []
    for name, values in (("counts", counts), ("cpm", scaled(counts))):
        folder = tmp_path / name
        folder.mkdir()
        tokens, _ = run(folder, shards_of(folder, {"a": values}), prepare(folder), values=name)
        found.append([tokens.of(cell).tolist() for cell in range(len(values))])
    assert found[0] == found[1] and len(set(map(tuple, found[0]))) > 10


def scan_of(counts):
    toy = Toy(values="cpm", spaces=PROPORTIONS)
    toy.counts = counts
    toy.read()


def cpm():
    return scaled(np.random.default_rng(0).negative_binomial(2, 0.1, (24, 16)).astype(float))


@pytest.mark.parametrize(
    "values",
    [lambda v: np.round(v), lambda v: v.astype(np.float32), lambda v: v * np.where(np.arange(24) == 3, 0, 1)[:, None]],
    ids=["rounded", "single precision", "a cell without counts"],
)
def test_one_total_is_one_however_it_was_written(tmp_path, monkeypatch, values):
    monkeypatch.chdir(tmp_path)
    scan_of(values(cpm()))


@pytest.mark.parametrize(
    ("values", "which"),
    [
        (lambda v: v * np.where(np.arange(24) == 20, 1.002, 1)[:, None], r"L2 \(1 of 12 cells\), but"),
        (lambda v: v * np.where(np.arange(24) < 3, 0.9, 1)[:, None], r"L1 \(3 of 12 cells\), but"),
        (np.log1p, r"L1 \(\d+ of 12 cells\), L2 \(\d+ of 12 cells\), but"),
        (lambda v: v[:, :12].repeat(2, axis=1)[:, :16], r"L1 \(12 of 12 cells\), L2 \(12 of 12 cells\), but"),
    ],
    ids=["one cell", "cells of a batch", "logarithm", "without some genes"],
)
def test_another_total_is_refused_by_batch(tmp_path, monkeypatch, values, which):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StudyError, match=rf"another total than the median .*{which}.*`values: cpm`"):
        scan_of(values(cpm()))


def test_what_needs_counts_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        StudyError, match=r"spaces: library-size: more is needed than `values: cpm` gives \(proportions,"
    ):
        Toy(values="cpm", spaces=["rank", "library-size"]).load()
    plan = Toy(values="cpm", spaces=["rank", "detection"]).load().datasets["toy"]
    assert plan.needs == "proportions" and not plan.used_as_counts


def test_a_part_of_counts_and_one_of_cpm_are_proportions_together(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    toy = Toy(spaces=None).set("other", title="o", source={"local_file": "o.h5ad"}, cell_type="kind", values="cpm")
    toy.set("whole", title="both", combine={"toy": {}, "other": {}}, spaces=PROPORTIONS).studying(datasets=["whole"])
    plan = toy.load().datasets["whole"]
    assert plan.model.values == "cpm"
    assert {name: part.values for name, part in plan.parts.items()} == {"toy": "counts", "other": "cpm"}


def test_needs_are_ordered():
    assert [suffices("cpm", need) for need in NEEDS] == [True, True, False]
    assert [suffices("normalised", need) for need in NEEDS] == [True, False, False]
    assert all(suffices(values, need) for values in ("counts", "expected_counts", "by_batch") for need in NEEDS)
    assert {space.needs for space in SPACES.values()} | set(GENE_METHODS.values()) == set(NEEDS)
