"""Space files keep cells with their vectors, whatever the order and the number of parts."""

import dataclasses

import anndata as ad
import numpy as np
import pytest
import scipy.sparse as sp

from rankstudy.cells.shards import read_counts
from rankstudy.core.errors import StudyError
from rankstudy.core.files import write_anndata
from rankstudy.pairs.space_files import read_space, write_part, write_space
from rankstudy.spaces.encodings.expression import log1p_cp10k
from rankstudy.spaces.encodings.rank import fractional_ranks
from rankstudy.spaces.make import encode_shards, fit_space, gather_space, make_control
from rankstudy.spaces.tables import ANALYSED_CELLS
from tests.unit.helpers import space, toy_counts, write_analysed, write_genes, write_shard_file

SIZES = {"b": 5, "a": 4, "c": 3}
N_GENES = 10
GENES = [f"g{i}" for i in range(N_GENES)]
CHOSEN = [1, 4, 5, 7, 8]
ENCODINGS = {
    "rank": ("correlation", "rankstudy.spaces.encodings.rank:fractional_ranks", fractional_ranks),
    "expression": ("cosine", "rankstudy.spaces.encodings.expression:log1p_cp10k", log1p_cp10k),
}
SELECTED = "rankstudy.spaces.encodings.genes:SelectedGenes"
LIBRARY_SIZE = "rankstudy.spaces.encodings.library_size:log_totals"


@pytest.fixture
def study(tmp_path):
    """Shards of three types, a table of genes, and a table of cells of which one is not used."""
    shards, cells = {}, []
    for seed, (slug, size) in enumerate(SIZES.items()):
        names = [f"toy:{slug}{i}" for i in np.random.default_rng(seed).permutation(size)]
        shards[slug] = write_shard_file(tmp_path / f"{slug}.h5ad", toy_counts(size, N_GENES, seed), slug, names=names)
        cells += [(slug, name) for name in names]
    table = ANALYSED_CELLS.empty().reindex(range(len(cells))).assign(dataset="toy", seed=0, batch="all")
    table = table.assign(slug=[s for s, _ in cells], cell_id=[c for _, c in cells])
    table = table.assign(cell_type=table["slug"].str.upper(), used=table["cell_id"] != "toy:b2")
    table["reason"] = np.where(table["used"], "used", "dropped")
    return {
        "folder": tmp_path,
        "shards": shards,
        "genes": write_genes(tmp_path / "genes.parquet", GENES, [i in CHOSEN for i in range(N_GENES)]),
        "cells": write_analysed(tmp_path / "cells.parquet", table),
    }


def encode(study, slugs, name, of="rank"):
    metric, function, _ = ENCODINGS[of]
    output = str(study["folder"] / f"{name}.h5ad")
    encode_shards(
        [study["shards"][s] for s in slugs], {"genes": study["genes"]}, genes=SELECTED, dataset="toy", space=of,
        metric=metric, metrics=[metric], function=function, seed=3, output=output,
        report_out=str(study["folder"] / "report.parquet"),
    )  # fmt: skip
    return output


def gather(study, parts, name="space"):
    output = str(study["folder"] / f"{name}.h5ad")
    gather_space(parts, study["cells"], seed=3, output=output)
    return output


@pytest.mark.parametrize("of", ENCODINGS)
def test_each_cell_has_the_encoding_of_its_own_counts(study, of):
    encoded = read_space(gather(study, [encode(study, "b", "p0", of), encode(study, ["a", "c"], "p1", of)]))
    assert (encoded.name, encoded.metric) == (of, ENCODINGS[of][0])
    assert encoded.vectors.shape == (11, len(CHOSEN))
    for i, cell in encoded.cells.iterrows():
        shard = read_counts(study["shards"][cell["slug"]])
        counts = shard[cell["cell_id"]].X
        wanted = ENCODINGS[of][2](sp.csr_matrix(counts)[:, CHOSEN], np.asarray(counts.sum(axis=1), float).ravel())
        np.testing.assert_array_equal(encoded.vectors[i].toarray(), wanted.toarray())
        assert cell["cell_type"] == cell["slug"].upper()


def test_genes_are_found_by_name_in_a_shard_that_has_them_in_another_order(study):
    straight = read_space(encode(study, "a", "p0", "expression")).vectors.toarray()
    counts = read_counts(study["shards"]["a"])
    order = np.random.default_rng(0).permutation(N_GENES)
    write_anndata(counts[:, order].copy(), study["shards"]["a"])
    np.testing.assert_array_equal(read_space(encode(study, "a", "p1", "expression")).vectors.toarray(), straight)


def test_cells_that_are_not_used_are_left_out_and_the_rest_is_sorted(study):
    cells = read_space(gather(study, [encode(study, "cab", "p")])).cells
    assert cells["cell_id"].tolist() == [f"toy:{s}{i}" for s in "abc" for i in range(SIZES[s]) if (s, i) != ("b", 2)]


def test_the_cutting_into_parts_and_their_order_change_no_byte(study):
    cuts = [["abc"], ["a", "b", "c"], ["c", "a", "b"], ["cb", "a"]]
    contents = set()
    for cut in cuts:
        parts = [encode(study, group, f"part-{i}") for i, group in enumerate(cut)]
        with open(gather(study, parts), "rb") as file:
            contents.add(file.read())
    assert len(contents) == 1


def test_names_of_the_dimensions_and_the_seed_are_kept(study):
    data = ad.read_h5ad(gather(study, [encode(study, "abc", "p")]))
    assert data.var_names.tolist() == [GENES[i] for i in CHOSEN]
    assert data.uns["space"]["seed"] == 3


def test_an_encoding_may_have_dimensions_of_its_own(study):
    part = str(study["folder"] / "p.h5ad")
    encode_shards(
        [study["shards"][s] for s in "abc"], {"genes": study["genes"]}, genes=SELECTED, dataset="toy",
        space="library-size", metric="euclidean", metrics=["euclidean"], function=LIBRARY_SIZE, seed=3, output=part,
        report_out=str(study["folder"] / "report.parquet"),
    )  # fmt: skip
    data = ad.read_h5ad(gather(study, [part]))
    assert data.var_names.tolist() == ["library-size-1"] and data.shape == (11, 1)
    totals = np.concatenate([read_counts(study["shards"][s]).obs["n_counts"] for s in "abc"])
    assert set(data.X[:, 0]) < set(np.log(totals).astype(np.float32))


def test_missing_cells_are_refused(study):
    parts = [encode(study, "a", "p0"), encode(study, "c", "p1")]
    with pytest.raises(StudyError, match="space rank: 4 of 11 ids are missing, such as toy:b"):
        gather(study, parts)
    assert not (study["folder"] / "space.h5ad").exists()


def test_cells_that_stand_in_two_parts_are_refused(study):
    parts = [encode(study, "abc", "p0"), encode(study, "a", "p1")]
    with pytest.raises(StudyError, match="space rank: 4 names occur more than once"):
        gather(study, parts)


def test_another_cell_in_the_place_of_one_is_refused(study):
    part = encode(study, "abc", "p")
    data = ad.read_h5ad(part)
    data.obs_names = data.obs_names.str.replace("toy:a1", "toy:other")
    write_anndata(data, part)
    with pytest.raises(StudyError, match="space rank: 1 of 11 ids are missing, such as toy:a1"):
        gather(study, [part])


def test_parts_with_other_dimensions_are_refused(study):
    first = encode(study, "ab", "p0")
    write_genes(study["genes"], GENES, [i in [0, 4, 5, 7, 8] for i in range(N_GENES)])
    with pytest.raises(StudyError, match="space rank: its parts have other dimensions"):
        gather(study, [first, encode(study, "c", "p1")])


def test_a_gene_that_a_shard_lacks_is_refused(study):
    write_genes(study["genes"], [*GENES[1:], "unknown"], True)
    with pytest.raises(StudyError, match=r"a\.h5ad: genes: 1 of 10 ids are missing, such as unknown"):
        encode(study, "a", "p")


@pytest.mark.parametrize("sparse", [True, False])
def test_a_space_is_read_as_it_was_written(tmp_path, sparse):
    vectors = toy_counts(7, 4).astype(np.float32)
    of = space(sp.csr_matrix(vectors) if sparse else vectors, (3, 4), "euclidean", "name")
    write_space(of, tmp_path / "s.h5ad", dimensions=list("wxyz"), seed=1)
    found = read_space(tmp_path / "s.h5ad")
    assert (found.name, found.metric, sp.issparse(found.vectors)) == ("name", "euclidean", sparse)
    np.testing.assert_array_equal(found.vectors.toarray() if sparse else found.vectors, vectors)
    assert found.cells.equals(of.cells[found.cells.columns])


@pytest.mark.parametrize("sparse", [True, False])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(tmp_path, sparse, value):
    vectors = np.eye(4, dtype=np.float32)
    vectors[2, 1] = value
    of = space(sp.csr_matrix(vectors) if sparse else vectors, (2, 2))
    with pytest.raises(StudyError, match="space space: 1 cells have values that are not finite"):
        write_space(of, tmp_path / "s.h5ad", dimensions=list("wxyz"), seed=1)
    write_part(of, tmp_path / "s.h5ad", dimensions=list("wxyz"), seed=1)
    with pytest.raises(StudyError, match=r"s\.h5ad: 1 cells have values that are not finite.*such as toy:0002"):
        read_space(tmp_path / "s.h5ad")


def test_a_cell_twice_and_a_file_that_is_no_space_are_refused(tmp_path):
    of = space(np.eye(2, dtype=np.float32), (2,))
    double = dataclasses.replace(of, cells=of.cells.assign(cell_id="toy:same"))
    with pytest.warns(UserWarning, match="not unique"):
        write_space(double, tmp_path / "d.h5ad", dimensions=list("xy"), seed=0)
        with pytest.raises(StudyError, match=r"d\.h5ad: cells: 1 names occur more than once: toy:same"):
            read_space(tmp_path / "d.h5ad")
    with pytest.raises(StudyError, match=r"a\.h5ad: is not a space"):
        read_space(write_shard_file(tmp_path / "a.h5ad", np.eye(3), "a"))


def doubled(vectors, *, seed, factor):
    return vectors.toarray() * factor + seed


def one_row_less(vectors, *, seed):
    return vectors.toarray()[1:]


def not_finite(vectors, *, seed):
    return np.full(vectors.shape, np.nan)


def in_order_of_cells(vectors, *, cells, seed):
    assert list(cells) == ["batch"] and len(cells) == vectors.shape[0]
    return vectors[::-1]


def numbers_of_types(cells, *, seed):
    assert list(cells) == ["cell_type"]
    return np.array([[ord(name), seed] for name in cells["cell_type"]], np.float32)


def fit(study, function, columns=(), **options):
    parent, output = gather(study, [encode(study, "abc", "p")]), str(study["folder"] / "fitted.h5ad")
    fit_space(
        parent, space="fitted", metric="euclidean", function=f"{__name__}:{function}", columns=columns, options=options,
        seed=2, output=output,
    )  # fmt: skip
    return read_space(parent), read_space(output)


def test_a_fit_keeps_the_cells_of_its_parent(study):
    parent, fitted = fit(study, "doubled", factor=3)
    assert (fitted.name, fitted.metric) == ("fitted", "euclidean") and fitted.cells.equals(parent.cells)
    np.testing.assert_array_equal(fitted.vectors, parent.vectors.toarray() * 3 + 2)
    names = ad.read_h5ad(study["folder"] / "fitted.h5ad").var_names
    assert names.tolist() == [f"fitted-{i + 1}" for i in range(len(CHOSEN))]


def test_a_fit_sees_the_columns_of_the_cells_that_it_names_and_may_stay_sparse(study):
    parent, fitted = fit(study, "in_order_of_cells", ["batch"])
    assert sp.issparse(fitted.vectors) and fitted.cells.equals(parent.cells)
    np.testing.assert_array_equal(fitted.vectors.toarray(), parent.vectors.toarray()[::-1])


@pytest.mark.parametrize(
    ("function", "said"),
    [
        ("one_row_less", "space fitted: the fit on 11 cells gave 10 vectors"),
        ("not_finite", "space fitted: the fit: 11 cells have values that are not finite"),
    ],
)
def test_a_fit_that_loses_cells_or_gives_no_numbers_is_refused(study, function, said):
    with pytest.raises(StudyError, match=said):
        fit(study, function)
    assert not (study["folder"] / "fitted.h5ad").exists()


def test_a_control_holds_the_compared_cells_in_the_order_of_every_space(study):
    output = str(study["folder"] / "control.h5ad")
    make_control(
        study["cells"], space="control", metric="euclidean", function=f"{__name__}:numbers_of_types",
        columns=["cell_type"], seed=2, output=output,
    )  # fmt: skip
    found, other = read_space(output), read_space(gather(study, [encode(study, "abc", "p")]))
    assert found.cells.equals(other.cells) and found.layout.digest == other.layout.digest
    np.testing.assert_array_equal(found.vectors, [[ord(slug.upper()), 2] for slug in other.cells["slug"]])
    assert (found.name, found.metric) == ("control", "euclidean")
