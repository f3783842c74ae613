"""Spaces in files: read by ranges they are the same as in memory, and a part is not taken for a whole."""

import h5py
import numpy as np
import pytest
import scipy.sparse as sp

from rankstudy.core.errors import StudyError
from rankstudy.pairs.engine import compare, merge
from rankstudy.pairs.space_files import SpaceFile, read_space, write_part, write_space
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
    for name in ("name", "metric", "dimensions", "types", "labels", "digest", "radius", "range"):
        assert getattr(found, name) == getattr(wanted, name), name
    np.testing.assert_array_equal(found.offsets, wanted.offsets)
    np.testing.assert_array_equal(found.origin, wanted.origin)


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
