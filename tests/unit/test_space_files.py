"""Spaces in files: read by ranges they are the same as in memory, a part is not taken for a whole, and views share."""

import os

import anndata as ad
import h5py
import numpy as np
import pytest
import scipy.sparse as sp

from rankstudy.core.errors import StudyError
from rankstudy.pairs.engine import compare, merge
from rankstudy.pairs.space_files import (
    SpaceFile,
    dimensions_of,
    made_of,
    read_space,
    write_part,
    write_space,
    write_view,
)
from tests.unit.helpers import space, toy_counts

SIZES = (8, 5, 11)
BATCHES = [f"batch{i % 3}" for i in range(sum(SIZES))]


def spaces():
    counts = toy_counts(sum(SIZES), 30)
    coordinates = np.random.default_rng(0).normal(2, 3, (sum(SIZES), 4)).astype(np.float32)
    made = [
        space(sp.csr_matrix(counts, dtype=np.float32), SIZES, "correlation", "sparse"),
        space(counts.astype(np.float32), SIZES, "cosine", "dense"),
        space(coordinates, SIZES, "euclidean", "distance"),
    ]
    for of in made:
        of.cells["batch"] = BATCHES
    return made


def written(of, folder):
    path = str(folder / f"{of.name}.h5ad")
    write_space(of, path, dimensions=[f"d{i}" for i in range(of.vectors.shape[1])], seed=3)
    return path


@pytest.mark.parametrize("of", spaces(), ids=lambda of: of.name)
@pytest.mark.parametrize(("begin", "end"), [(0, 24), (0, 0), (8, 13), (23, 24)])
def test_a_range_of_a_file_is_the_range_in_memory(of, begin, end, tmp_path):
    file = SpaceFile(written(of, tmp_path))
    found, wanted = file.read(begin, end), of.read(begin, end)
    assert sp.issparse(found) == sp.issparse(wanted) and found.shape == wanted.shape
    np.testing.assert_array_equal(*(v.toarray() if sp.issparse(v) else v for v in (found, wanted)))
    assert file.names(begin, end).tolist() == of.names(begin, end).tolist()
    assert file.batches(begin, end).tolist() == of.batches(begin, end).tolist()


@pytest.mark.parametrize("of", spaces(), ids=lambda of: of.name)
def test_the_layout_of_a_file_is_that_of_the_space(of, tmp_path):
    found, wanted = SpaceFile(written(of, tmp_path)).layout, of.layout
    for name in ("name", "metric", "dimensions", "types", "labels", "digest", "centred", "density", "range"):
        assert getattr(found, name) == getattr(wanted, name), name
    np.testing.assert_array_equal(found.offsets, wanted.offsets)
    np.testing.assert_array_equal(found.mean_cell, wanted.mean_cell)


def test_files_and_memory_give_the_same_block(tmp_path):
    options = {"joint": [("distance", "sparse")], "neighbours": 5, "cutoffs": 10}
    of_files = compare([SpaceFile(written(of, tmp_path)) for of in spaces()], ["a", "c"], ["b", "c"], **options)
    in_memory = compare(spaces(), ["a", "c"], ["b", "c"], **options)
    assert {k: v for k, v in of_files.about.items() if k != "spaces"} == {
        k: v for k, v in in_memory.about.items() if k != "spaces"
    }
    for name in ("quantiles", "histograms", "joint", "neighbours", "extremes", "cutoffs"):
        np.testing.assert_array_equal(getattr(of_files, name), getattr(in_memory, name))


def test_a_block_reads_only_the_rows_of_its_types(tmp_path, monkeypatch):
    file, read = SpaceFile(written(spaces()[0], tmp_path)), []
    monkeypatch.setattr(
        file, "read", lambda begin, end, whole=file.read: read.append((begin, end)) or whole(begin, end)
    )
    compare([file], ["b"], ["b"])
    assert read == [(8, 13)]


@pytest.mark.parametrize(("seed", "first"), [(4, "d0"), (3, "other")])
def test_blocks_of_another_seed_or_of_other_genes_are_not_added_up(seed, first, tmp_path):
    of = spaces()[0]
    names = [first, *(f"d{i}" for i in range(1, 30))]
    write_space(of, str(tmp_path / "other.h5ad"), dimensions=names, seed=seed)
    ours = compare([SpaceFile(written(of, tmp_path))], ["a"], ["b"])
    other = compare([SpaceFile(str(tmp_path / "other.h5ad"))], ["c"], ["c"])
    with pytest.raises(StudyError, match="differ in spaces"):
        merge([ours, other])


def test_a_part_is_not_taken_for_a_whole_space(tmp_path):
    path = str(tmp_path / "part.h5ad")
    write_part(spaces()[0], path, dimensions=[f"d{i}" for i in range(30)], seed=0)
    with pytest.raises(StudyError, match="is not a whole space"):
        SpaceFile(path)
    assert len(read_space(path).cells) == sum(SIZES)


def test_values_that_are_not_finite_are_refused_when_they_are_read(tmp_path):
    path = written(spaces()[1], tmp_path)
    with h5py.File(path, "r+") as file:
        file["X"][9, 2] = np.nan
    file = SpaceFile(path)
    file.read(0, 9)
    with pytest.raises(StudyError, match="not finite"):
        file.read(8, 13)


def dense(vectors):
    return np.asarray(vectors.toarray() if sp.issparse(vectors) else vectors, float)


@pytest.fixture(params=[0, 1], ids=["sparse", "dense"])
def parent(request, tmp_path):
    of = spaces()[request.param]
    (tmp_path / "run" / "views").mkdir(parents=True)
    return of, written(of, tmp_path / "run")


def viewed(parent, metric="cosine", centred=False, name="view"):
    path = parent[1].replace("run/", "run/views/")
    write_view(parent[1], path, name=name, metric=metric, centred=centred)
    return path


def test_a_view_is_a_small_file_of_a_space_with_the_vectors_and_cells_of_its_parent(parent):
    path, of = viewed(parent), parent[0]
    assert os.path.getsize(path) < 16_000 and h5py.File(path, "r").get("X", getlink=True).filename.startswith("../")
    for found in (read_space(path), SpaceFile(path).layout):
        assert (found.name, found.metric, found.centred) == ("view", "cosine", False)
    np.testing.assert_array_equal(dense(read_space(path).vectors), dense(of.vectors))
    np.testing.assert_array_equal(dense(SpaceFile(path).read(5, 9)), dense(of.vectors)[5:9])
    np.testing.assert_array_equal(dense(ad.read_h5ad(path).X), dense(of.vectors))
    assert read_space(path).cells.equals(of.cells) and SpaceFile(path).layout.digest == of.layout.digest
    assert dimensions_of(path) == dimensions_of(parent[1]) and made_of(path) == made_of(parent[1])


def test_a_centred_view_reads_as_vectors_less_the_mean_cell_and_gives_the_engine_both(parent):
    path, wanted = viewed(parent, centred=True), dense(parent[0].vectors)
    found, file = read_space(path), SpaceFile(path)
    assert found.vectors.dtype == np.float32 and not found.centred and file.layout.centred
    np.testing.assert_allclose(found.vectors, wanted - wanted.mean(axis=0), atol=1e-6)
    np.testing.assert_array_equal(dense(file.read(0, 24)), wanted)
    np.testing.assert_allclose(file.layout.mean_cell, wanted.mean(axis=0), rtol=1e-12)


def test_a_view_of_a_view_has_the_vectors_of_the_first(parent):
    first = viewed(parent)
    second = os.path.join(os.path.dirname(parent[1]), "second.h5ad")
    write_view(first, second, name="second", metric="euclidean", centred=False)
    os.remove(first)
    np.testing.assert_array_equal(dense(read_space(second).vectors), dense(parent[0].vectors))


def test_a_folder_of_views_and_parents_can_be_moved(parent, tmp_path):
    viewed(parent)
    moved = tmp_path / "moved"
    os.rename(tmp_path / "run", moved)
    path = str(moved / "views" / os.path.basename(parent[1]))
    np.testing.assert_array_equal(dense(read_space(path).vectors), dense(parent[0].vectors))


@pytest.mark.parametrize("read", [read_space, SpaceFile, dimensions_of, made_of], ids=lambda read: read.__name__)
def test_a_view_whose_parent_is_gone_says_which_file_is_missing(read, parent):
    path = viewed(parent)
    os.remove(parent[1])
    with pytest.raises(StudyError, match=rf"its vectors are in {parent[1]}, which is not there; put that file back"):
        read(path)


def test_a_part_has_no_views(tmp_path):
    path = str(tmp_path / "part.h5ad")
    write_part(spaces()[0], path, dimensions=[f"d{i}" for i in range(30)], seed=0)
    with pytest.raises(StudyError, match="is not a whole space"):
        write_view(path, str(tmp_path / "view.h5ad"), name="view", metric="cosine", centred=False)


def test_distances_are_not_centred(parent):
    with pytest.raises(StudyError, match="Euclidean distances do not depend on the mean cell"):
        viewed(parent, "euclidean", centred=True)
    with pytest.raises(StudyError, match="metric 'manhattan' is none of"):
        viewed(parent, "manhattan")
