"""What is read at once from a matrix in a file: as much as is allowed, met exactly, and every value once."""

import h5py
import numpy as np
import pytest
import scipy.sparse as sp

from rankstudy.core.errors import StudyError
from rankstudy.sources.readers import blocks, hdf5
from rankstudy.sources.readers.blocks import Dense, Sparse, neighbours, steps
from rankstudy.sources.readers.hdf5 import Array
from tests.unit.helpers import toy_counts


@pytest.mark.parametrize(
    ("most", "ranges"),
    [
        (5, [(0, 3), (3, 4), (4, 5), (5, 7)]),
        (4, [(0, 1), (1, 3), (3, 4), (4, 5), (5, 7)]),
        (11, [(0, 4), (4, 6), (6, 7)]),
        (23, [(0, 7)]),
        (0, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7)]),
    ],
)
def test_steps_hold_at_most_so_many_values_or_one_item(most, ranges):
    # 3, 2, 0, 4, 11, 0 and 3 values
    assert list(steps(np.array([3, 5, 5, 9, 20, 20, 23]), most)) == ranges


@pytest.mark.parametrize(
    ("gap", "most", "groups"),
    [
        (2, 100, [(0, 2), (2, 4)]),
        (1, 100, [(0, 1), (1, 2), (2, 4)]),
        (2, 8, [(0, 2), (2, 4)]),
        (2, 7, [(0, 1), (1, 2), (2, 4)]),
        (100, 22, [(0, 4)]),
        (100, 21, [(0, 3), (3, 4)]),
    ],
)
def test_ranges_are_read_together_as_long_as_they_are_near_and_few(gap, most, groups):
    # 10 to 13, 15 to 18, 25 to 27, 27 to 32: 2, 7 and 0 apart
    begins, ends = np.array([10, 15, 25, 27]), np.array([13, 18, 27, 32])
    assert list(neighbours(begins, ends, gap, most)) == groups
    assert list(neighbours(begins[:0], ends[:0], gap, most)) == []


@pytest.fixture
def stored(tmp_path):
    """Return a function that stores arrays in a file and returns the group that has them."""
    files = []

    def store(chunks=None, **arrays):
        path = tmp_path / f"{len(files)}.h5"
        with h5py.File(path, "w") as file:
            for name, values in arrays.items():
                file.create_dataset(name, data=values, chunks=chunks)
        files.append(h5py.File(path, "r"))
        return files[-1]

    yield store
    for file in files:
        file.close()


@pytest.mark.parametrize("by_cell", [True, False])
@pytest.mark.parametrize(
    ("per_block", "largest"), [(1, 35), (35, 35), (139, 105), (140, 140), (155, 140), (10**6, 23 * 31)]
)
def test_a_dense_matrix_is_read_in_whole_chunks_and_no_more_than_allowed(
    stored, monkeypatch, by_cell, per_block, largest
):
    monkeypatch.setattr(blocks, "VALUES_PER_BLOCK", per_block)
    counts = toy_counts(23, 31)
    file = stored((5, 7) if by_cell else (7, 5), X=counts if by_cell else counts.T)
    dense = Dense(Array(file["X"], "X", 2), by_cell, counts.shape)
    found, sizes = np.full(counts.shape, -1.0), []
    for part in dense.stream():
        assert (found[part.cells, part.genes] == -1).all()
        found[part.cells, part.genes] = part.values
        sizes.append(part.values.size)
        assert part.cells.start % 5 == 0 and part.genes.start % 7 == 0
    np.testing.assert_array_equal(found, counts)
    assert max(sizes) == largest
    for rows in ([], [0], [22], [3, 4, 5, 21]):
        np.testing.assert_array_equal(dense.read(np.array(rows, int)).toarray(), counts[rows])


def compressed(counts, by_cell):
    """Return the three arrays of a matrix whose first and last cells and genes have no values."""
    matrix = (sp.csr_matrix if by_cell else sp.csc_matrix)(counts)
    return {name: getattr(matrix, name) for name in ("data", "indices", "indptr")}


def framed():
    counts = np.zeros((17, 12))
    counts[2:-1, 1:-2] = toy_counts(14, 9, density=0.5)
    counts[7] = 0
    return counts


@pytest.mark.parametrize("by_cell", [True, False])
@pytest.mark.parametrize("per_block", [1, 7, 16, 10**6])
@pytest.mark.parametrize(("gap", "at_once"), [(0, 1), (16, 9), (10**6, 10**6)])
def test_a_sparse_matrix_with_empty_ends(stored, monkeypatch, by_cell, per_block, gap, at_once):
    for name, value in {"VALUES_PER_BLOCK": per_block, "_GAP_BYTES": gap, "_VALUES_AT_ONCE": at_once}.items():
        monkeypatch.setattr(blocks, name, value)
    counts = framed()
    of = Sparse(stored(**compressed(counts, by_cell)), "X", by_cell, counts.shape)
    found = np.full(counts.shape, -1.0)
    for part in of.stream():
        assert (found[part.cells, part.genes] == -1).all()
        found[part.cells, part.genes] = part.values.toarray()
        lines = part.cells if by_cell else part.genes
        assert part.values.nnz <= per_block or lines.stop == lines.start + 1
    np.testing.assert_array_equal(found, counts)
    for rows in ([], [0], [16], [0, 1, 6, 7, 8, 16], range(17), [3, 15]):
        values = of.read(np.array(list(rows), int))
        assert values.has_sorted_indices
        np.testing.assert_array_equal(values.toarray(), counts[list(rows)])


def moved(name, change):
    """Return the arrays of a matrix of which one is changed."""

    def damaged(by_cell):
        arrays = compressed(framed(), by_cell)
        arrays[name] = change(arrays[name].copy())
        return arrays

    return damaged


def put(at, value):
    def change(values):
        values[at] = value
        return values

    return change


@pytest.mark.parametrize("by_cell", [True, False])
@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (moved("indptr", put(0, 1)), "indptr does not increase from 0"),
        (moved("indptr", put(4, 10**6)), "indptr does not increase from 0"),
        (moved("indptr", lambda values: values[:-1]), "indptr has .* entries; expected"),
        (moved("indptr", put(-1, 10**6)), "indptr ends at 1,000,000, but there are"),
        (moved("data", lambda values: values[:-1]), "indptr ends at .* but there are"),
        (moved("indices", lambda values: np.append(values, 1)), "indptr ends at .* but there are"),
        (moved("indices", lambda values: values + 0.5), "indices float64; expected numbers and whole numbers"),
    ],
)
def test_parts_that_do_not_fit_are_refused(stored, by_cell, arrays, message):
    with pytest.raises(StudyError, match=f"X: .*{message}"):
        Sparse(stored(**arrays(by_cell)), "X", by_cell, framed().shape)


@pytest.mark.parametrize("by_cell", [True, False])
@pytest.mark.parametrize(("by", "wrong"), [(0, None), (-1, -1), (10**6, 10**6)])
def test_indices_beyond_the_matrix_are_refused_by_the_first_and_the_last_that_may_be(stored, by_cell, by, wrong):
    arrays, n = compressed(framed(), by_cell), framed().shape[1 if by_cell else 0]
    arrays["indices"][-1] = n - 1 if by == 0 else by  # the last possible one is a good one
    of = Sparse(stored(**arrays), "X", by_cell, framed().shape)
    if wrong is None:
        assert sum(part.values.nnz for part in of.stream()) == len(arrays["data"])
        return
    for use in (lambda: list(of.stream()), lambda: of.read(np.arange(17))):
        with pytest.raises(StudyError, match=f"X/indices: holds {wrong}, expected 0 to {n - 1}; the file is damaged"):
            use()


@pytest.mark.parametrize("by_cell", [True, False])
def test_values_out_of_order_are_put_in_order_and_two_for_one_gene_are_refused(stored, by_cell):
    counts = framed()
    arrays = compressed(counts, by_cell)
    begin, end = next((b, e) for b, e in zip(arrays["indptr"], arrays["indptr"][1:], strict=False) if e - b > 2)
    for name in ("data", "indices"):
        arrays[name][begin:end] = arrays[name][begin:end][::-1].copy()
    of = Sparse(stored(**arrays), "X", by_cell, counts.shape)
    np.testing.assert_array_equal(of.read(np.arange(17)).toarray(), counts)
    arrays["indices"][begin] = arrays["indices"][begin + 1]
    of = Sparse(stored(**arrays), "X", by_cell, counts.shape)
    with pytest.raises(StudyError, match="some cell holds two values for one gene"):
        of.read(np.arange(17))


@pytest.mark.parametrize("chunks", [(5, 7), None])
def test_values_must_lie_within_the_file_to_the_last_byte(stored, monkeypatch, chunks):
    file = stored(chunks, X=toy_counts(20, 14))
    stored_in = file["X"].id
    ends = [stored_in.get_offset() + stored_in.get_storage_size()] if chunks is None else []
    stored_in.chunk_iter(lambda chunk: ends.append(chunk.byte_offset + chunk.size)) if chunks else None
    monkeypatch.setattr(hdf5.os.path, "getsize", lambda path: max(ends))
    assert Array(file["X"], "X", 2).values().shape == (20, 14)
    monkeypatch.setattr(hdf5.os.path, "getsize", lambda path: max(ends) - 1)
    with pytest.raises(StudyError, match="X: (only 7 of its 8 chunks|its 2,240 bytes do not) lie in the file"):
        Array(file["X"], "X", 2)


def test_small_values_in_the_header_of_a_dataset_and_none_at_all(tmp_path):
    values = np.arange(5.0)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((5,))
        compact = h5py.h5d.create(file.id, b"compact", h5py.h5t.NATIVE_DOUBLE, space, plist)
        compact.write(h5py.h5s.ALL, h5py.h5s.ALL, values)
        file.create_dataset("empty", shape=(0,), dtype=float)
        file.create_dataset("unwritten", shape=(5,), dtype=float)
    with h5py.File(tmp_path / "a.h5") as file:
        np.testing.assert_array_equal(Array(file["compact"], "compact").values(), values)
        assert Array(file["empty"], "empty").values().shape == (0,)
        with pytest.raises(StudyError, match="unwritten: its 40 bytes do not lie in the file"):
            Array(file["unwritten"], "unwritten")


@pytest.mark.parametrize("packed", ["deflate", "lzf"])
@pytest.mark.parametrize("checked", ["before", "after", "never"])
def test_a_checksum_inside_or_outside_of_what_is_packed(tmp_path, packed, checked):
    values = toy_counts(6, 10)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((3, 5))
        if checked == "before":
            plist.set_fletcher32()
        plist.set_deflate(4) if packed == "deflate" else plist.set_filter(h5py.h5z.FILTER_LZF)
        if checked == "after":
            plist.set_fletcher32()
        space = h5py.h5s.create_simple(values.shape)
        made = h5py.h5d.create(file.id, b"X", h5py.h5t.NATIVE_DOUBLE, space, plist)
        made.write(h5py.h5s.ALL, h5py.h5s.ALL, values)
    with h5py.File(path) as file:
        np.testing.assert_array_equal(Array(file["X"], "X", 2).values(), values)


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(b"\x03abcd", id="too few bytes"),
        pytest.param(b"\x1f" + b"a" * 7, id="cut off"),
        pytest.param(b"\x1f" + b"a" * 32 + b"\xe0\x00\x00" * 300, id="too many bytes"),
        pytest.param(b"\xe0\xff\xff" * 30, id="copies of what is not there"),
        pytest.param(b"\x1f" + b"a" * 32, id="too few by a byte"),
        pytest.param(b"\x00a" * 100, id="longer than what it holds"),
    ],
)
def test_a_damaged_chunk_of_lzf_is_refused(tmp_path, stored):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("X", (66,), "u1", chunks=(33,), compression="lzf")
        file["X"][:] = 7
        file["X"].id.write_direct_chunk((33,), stored)
    with h5py.File(tmp_path / "a.h5") as file, pytest.raises(StudyError, match="X cannot be read, the file is damaged"):
        Array(file["X"], "X").values()


def test_chunks_of_lzf_are_small_since_damaged_ones_are_unpacked_to_their_end(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("X", (1 << 25,), "u1", chunks=(1 << 25,), compression="lzf")
    with h5py.File(tmp_path / "a.h5") as file, pytest.raises(StudyError, match="chunks of 33,554,432 bytes, more than"):
        Array(file["X"], "X")
