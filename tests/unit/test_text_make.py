"""Lists that are read and vectors of genes that are weighed: spaces and tables, counted by hand."""

import anndata as ad
import numpy as np
import pytest
import scipy.sparse as sp

from rankstudy.core.errors import StudyError
from rankstudy.pairs.space import SpaceData
from rankstudy.pairs.space_files import read_space, write_space
from rankstudy.spaces.texts.make import embed_genes, take_gene_vectors, weigh_genes
from rankstudy.spaces.texts.tables import GENE_VECTORS
from tests.unit.text_toys import COUNTS, GENES, Letters, listed, write_beside


def test_a_list_is_read_and_what_is_in_it_is_counted(tmp_path):
    reader = Letters(window=5)
    space, lists = listed(tmp_path, reader)
    # g2 has no symbol, and the second gene of the symbol AA is not written twice
    assert reader.read == ["AA DD", "BB", "DD AA"]
    assert space.obs_names.tolist() == ["toy:c0", "toy:c1", "toy:c2"]
    np.testing.assert_array_equal(space.X, [[2, 0, 2, 0], [0, 2, 0, 0], [2, 0, 2, 0]])
    assert lists["n_genes"].tolist() == [3, 1, 2] and lists["n_listed"].tolist() == [2, 1, 2]
    assert lists["n_cut"].tolist() == [1, 0, 0] and lists["n_pieces"].tolist() == [4, 2, 4]
    np.testing.assert_allclose(lists["share_counts"], [8 / 18, 2 / 9, 3 / 7])


@pytest.mark.parametrize(
    ("how", "texts"),
    [
        ({"words": "names"}, ["name N name D BB", "BB", "name D name N"]),
        ({"by": "medians"}, ["DD BB AA", "BB", "DD AA"]),
        ({"order": "reversed"}, ["BB DD AA", "BB", "AA DD"]),
        ({"counts": True, "genes": 1}, ["AA 5", "BB 2", "DD 2"]),
        ({"panel": "selected"}, ["AA BB", "BB", "AA"]),
        ({"prefix": "Genes: "}, ["Genes: AA DD BB", "Genes: BB", "Genes: DD AA"]),
    ],
)
def test_one_respect_at_a_time(tmp_path, how, texts):
    reader = Letters()
    _, lists = listed(tmp_path, reader, **how)
    assert reader.read == texts and lists["n_pieces"].isna().all()


def test_lists_of_other_cells_are_moved_as_vectors(tmp_path):
    own, _ = listed(tmp_path, Letters())
    others, _ = listed(tmp_path, Letters(), control="cells")
    assert sorted(map(tuple, others.X)) == sorted(map(tuple, own.X))
    assert others.obs_names.tolist() == own.obs_names.tolist() and not np.array_equal(others.X, own.X)


def test_a_list_as_a_plain_vector_has_the_genes_that_the_text_has(tmp_path):
    reader = Letters(window=5)
    space, lists = listed(tmp_path, reader, read_as="set")
    assert not reader.read
    assert space.var_names.tolist() == GENES
    assert space.X.toarray().tolist() == [[1, 0, 0, 1, 0], [0, 1, 0, 0, 0], [1, 0, 0, 1, 0]]
    assert lists["n_listed"].tolist() == [2, 1, 2]


def embedded(folder, texts=None):
    files = write_beside(folder, selected=(0, 1, 2, 3))
    output = str(folder / "vectors.h5ad")
    embed_genes(files["genes"], files["symbols"], texts and files["names"], Letters(window=4), output=output)
    return ad.read_h5ad(output)


def test_genes_have_the_vectors_of_their_texts(tmp_path):
    found = embedded(tmp_path, texts=True)
    assert found.obs_names.tolist() == ["g0", "g3"], "the genes with a text"
    np.testing.assert_array_equal(found.X, [[0, 0, 0, 1], [0, 0, 1, 0]])
    assert found.uns["n_cut"] == 2


def test_symbols_are_texts_too(tmp_path):
    found = embedded(tmp_path)
    assert found.obs_names.tolist() == ["g0", "g1", "g3"]
    np.testing.assert_array_equal(found.X, [[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0]])


def test_vectors_of_others_are_joined_by_the_symbol(tmp_path):
    files = write_beside(tmp_path, selected=(1, 3))
    given = ad.AnnData(np.array([[1.0, 2], [3, 4]], np.float32))
    given.obs_names = ["DD", "ELSE"]
    given.write_h5ad(tmp_path / "given.h5ad")
    output = str(tmp_path / "taken.h5ad")
    take_gene_vectors(files["genes"], files["symbols"], str(tmp_path / "given.h5ad"), output=output)
    found = ad.read_h5ad(output)
    assert found.obs_names.tolist() == ["g3"] and found.X.tolist() == [[1, 2]]


@pytest.fixture
def weighed(tmp_path):
    """Return a function that weighs vectors of genes by the counts of the toy, and returns the space and the report."""
    vectors = ad.AnnData(np.array([[1.0, 0, 2], [0, 1, 1]], np.float32))
    vectors.obs_names, vectors.uns["n_cut"] = ["g3", "g0"], 1
    vectors.write_h5ad(tmp_path / "vectors.h5ad")
    import pandas as pd

    cells = pd.DataFrame({"cell_id": ["x", "y", "z"], "cell_type": "A", "slug": "a", "batch": "L"})

    def weigh(vectors=True, permuted=False, seed=0, counts=COUNTS[[0, 2, 2]]):
        parent = SpaceData("expression", "correlation", sp.csr_matrix(counts, dtype=np.float32), cells)
        write_space(parent, str(tmp_path / "parent.h5ad"), dimensions=GENES, seed=0)
        weigh_genes(
            str(tmp_path / "parent.h5ad"),
            str(tmp_path / "vectors.h5ad") if vectors else None,
            permuted=permuted,
            made={},
            dataset="toy",
            space="w",
            metric="cosine",
            seed=seed,
            output=str(tmp_path / "w.h5ad"),
            report_out=str(tmp_path / "w.parquet"),
        )
        return read_space(str(tmp_path / "w.h5ad")), GENE_VECTORS.read(tmp_path / "w.parquet").iloc[0]

    return weigh


def test_a_cell_is_the_sum_of_its_genes_vectors(weighed):
    space, report = weighed()
    np.testing.assert_array_equal(space.vectors, [[3, 5, 11], [2, 1, 5], [2, 1, 5]])
    assert (report["n_selected"], report["n_genes"], report["n_cut"]) == (5, 2, 1)
    assert report["share_weights"] == pytest.approx((8 + 3 + 3) / (18 + 7 + 7))


def test_permuted_vectors_are_those_of_other_genes(weighed):
    drawn = {weighed(permuted=True, seed=seed)[0].vectors.tobytes() for seed in range(12)}
    swapped = np.array([[5, 3, 13], [1, 2, 4], [1, 2, 4]], np.float32).tobytes()
    assert drawn == {weighed()[0].vectors.tobytes(), swapped}


def test_drawn_vectors_go_by_the_seed_and_the_gene(weighed):
    first = weighed(vectors=False)[0].vectors
    assert first.shape == (3, 384) and np.array_equal(first, weighed(vectors=False)[0].vectors)
    assert not np.array_equal(first, weighed(vectors=False, seed=1)[0].vectors)


def test_a_cell_without_any_of_the_genes_is_refused(weighed):
    counts = COUNTS[[0, 2, 2]].copy()
    counts[1] = [0, 1, 0, 0, 0]
    with pytest.raises(StudyError, match="w: no gene of y has a vector"):
        weighed(counts=counts)
