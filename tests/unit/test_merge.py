"""Blocks add up to the same result however they are cut and in whatever order they are merged."""

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from rankstudy.core.errors import StudyError
from rankstudy.pairs.blocks import block_indices, pack
from rankstudy.pairs.engine import BlockResult, compare, merge
from tests.unit.helpers import space, toy_counts

SIZES = (5, 1, 7, 4, 3, 6)
TYPES = list("abcdef")
FIELDS = [f.name for f in dataclasses.fields(BlockResult) if f.name != "run"]


def make_spaces(seed=0):
    counts = toy_counts(sum(SIZES), 25, seed)
    grid = np.random.default_rng(seed).integers(0, 4, (sum(SIZES), 2)).astype(np.float32)
    spaces = [
        space(sp.csr_matrix(counts, dtype=np.float32), SIZES, "correlation", "rank"),
        space(grid, SIZES, "euclidean", "umap"),
    ]
    for of in spaces:
        of.cells["batch"] = [f"batch{i % 3}" for i in range(sum(SIZES))]
    return spaces


SPACES = make_spaces()
JOINT = [("umap", "rank")]
OPTIONS = {"joint": JOINT, "hexagons": 12, "neighbours": 4, "across": 3, "cutoffs": 8}
WHOLE = compare(SPACES, **OPTIONS)


def blocks_of(groups, spaces=SPACES):
    return [compare(spaces, groups[i], groups[j], **OPTIONS) for i, j in block_indices(len(groups))]


def assert_same(found, wanted):
    assert found.run == wanted.run
    for name in FIELDS:
        a, b = getattr(found, name), getattr(wanted, name)
        if name in ("histograms", "distributions", "joint", "cutoffs"):
            # a value at the edge of a bin may round into the next one
            assert a.sum() == b.sum() and np.abs(a - b).sum() <= 4, name
        elif a.dtype.kind == "f":
            np.testing.assert_allclose(a, b, atol=1e-6, err_msg=name)
        elif name not in ("neighbours", "across", "partners"):
            np.testing.assert_array_equal(a, b, err_msg=name)
    # the coordinates are whole numbers: distances are exact, many are equal, and the lower number must win
    for name in ("neighbours", "across", "partners"):
        np.testing.assert_array_equal(getattr(found, name)[1], getattr(wanted, name)[1])


@given(st.data())
def test_any_grouping_of_types_merged_in_any_order_gives_the_same(data):
    order = data.draw(st.permutations(TYPES))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(TYPES) - 1))))
    groups = [order[i:j] for i, j in zip([0, *cuts], [*cuts, len(TYPES)], strict=True)]
    assert_same(merge(data.draw(st.permutations(blocks_of(groups)))), WHOLE)


@pytest.mark.parametrize("capacity", [1, 8, 13, 1000])
def test_groups_of_the_plan_give_the_same(capacity):
    assert_same(merge(blocks_of(pack(dict(zip(TYPES, SIZES, strict=True)), capacity))), WHOLE)


def test_merging_is_commutative_and_associative():
    a, b, c, *rest = blocks_of([["a", "b"], ["c", "d"], ["e", "f"]])
    assert_same(merge([a, b]), merge([b, a]))
    assert_same(merge([merge([a, b]), c]), merge([a, merge([b, c])]))
    assert_same(merge([merge([a, *rest]), merge([c, b])]), WHOLE)


def test_one_block_is_its_own_merge():
    assert_same(merge([WHOLE]), WHOLE)


def test_a_saved_block_is_the_same_after_loading(tmp_path):
    WHOLE.save(tmp_path / "blocks" / "0-0.h5")
    assert_same(BlockResult.load(tmp_path / "blocks" / "0-0.h5"), WHOLE)
    with BlockResult.opened(tmp_path / "blocks" / "0-0.h5") as opened:
        assert opened.about == WHOLE.about
        np.testing.assert_array_equal(opened.n, WHOLE.n)
        for s in range(2):
            np.testing.assert_array_equal(opened.cutoffs[s], WHOLE.cutoffs[s])
    first = (tmp_path / "blocks" / "0-0.h5").read_bytes()
    WHOLE.save(tmp_path / "blocks" / "0-0.h5")
    assert (tmp_path / "blocks" / "0-0.h5").read_bytes() == first


def test_a_type_pair_that_two_blocks_hold_is_refused():
    a, b = compare(SPACES, ["a", "b"], ["c"], joint=JOINT), compare(SPACES, ["c"], ["b"], joint=JOINT)
    with pytest.raises(StudyError, match="same pair of cell types twice"):
        merge([a, b])


def renamed(spaces, **changes):
    return [dataclasses.replace(spaces[0], **changes), *spaces[1:]]


def other_cells():
    spaces = make_spaces()
    for of in spaces:
        of.cells["cell_id"] = [f"other:{i:04d}" for i in range(sum(SIZES))]
    return spaces


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (
            lambda: compare(renamed(SPACES, name="rank2"), ["a"], ["b"], joint=[("umap", "rank2")], hexagons=12),
            "spaces",
        ),
        (lambda: compare(renamed(SPACES, metric="cosine"), ["a"], ["b"], joint=JOINT, hexagons=12), "spaces"),
        (lambda: compare(SPACES[::-1], ["a"], ["b"], joint=JOINT, hexagons=12), "joint, spaces"),
        (lambda: compare(SPACES, ["a"], ["b"], joint=JOINT, hexagons=13), "joint"),
        (lambda: compare(SPACES, ["a"], ["b"], joint=[("rank", "umap")], hexagons=12), "joint"),
        (lambda: compare(other_cells(), ["a"], ["b"], joint=JOINT, hexagons=12), "cells"),
    ],
)
def test_blocks_of_other_runs_are_refused_and_the_difference_is_named(other, what):
    block = compare(SPACES, ["c"], ["d"], joint=JOINT, hexagons=12)
    with pytest.raises(StudyError, match="differ in") as error:
        merge([block, other()])
    assert set(what.split(", ")) <= set(str(error.value).split("differ in ")[1].split(", "))


def test_other_genes_are_another_run():
    fewer = [dataclasses.replace(SPACES[0], vectors=SPACES[0].vectors[:, :20]), SPACES[1]]
    with pytest.raises(StudyError, match="differ in spaces"):
        merge([compare(SPACES, ["a"], ["b"]), compare(fewer, ["c"], ["d"])])


@pytest.mark.parametrize("spaces", [SPACES, SPACES[1:]], ids=["two spaces", "one space"])
def test_a_result_in_a_file_is_read_space_by_space(tmp_path, spaces):
    result = compare(spaces, neighbours=4, across=3, cutoffs=8)
    result.save(tmp_path / "pairs.h5")
    loaded = BlockResult.load(tmp_path / "pairs.h5")
    assert loaded.run == result.run
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(loaded, name), getattr(result, name))
    with BlockResult.opened(tmp_path / "pairs.h5") as opened:
        for name in ("neighbours", "neighbour_scores", "across", "across_scores", "cutoffs"):
            stored = getattr(opened, name)
            assert stored.chunks[0] == 1, "a space is read without the others"
            for s in range(len(spaces)):
                np.testing.assert_array_equal(stored[s], getattr(result, name)[s])
