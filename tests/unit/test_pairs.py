"""Every reduction of `compare` against the slow reference, in all three metrics at once."""

import numpy as np
import pytest
import scipy.sparse as sp

from rankstudy.core.errors import StudyError
from rankstudy.pairs.engine import SpaceData, block, compare, merge, tiles
from rankstudy.pairs.engine.grids import BINS, HexGrid, bin_edges
from rankstudy.pairs.engine.result import BETWEEN, OTHER, OWN, QUANTILES, SIMILAR, UNKNOWN, WITHIN
from tests.unit.helpers import space, toy_counts
from tests.unit.reference import extreme, likeness, relation_values, type_distribution, type_pair

SIZES = (9, 1, 14, 2, 6)
JOINT = [("dist", "corr"), ("corr", "cos")]


@pytest.fixture(scope="module")
def spaces():
    random = np.random.default_rng(0)
    vectors = toy_counts(sum(SIZES), 40)
    coordinates = random.normal(size=(sum(SIZES), 5)).astype(np.float32) * 4 + 3
    return [
        space(sp.csr_matrix(vectors, dtype=np.float32), SIZES, "correlation", "corr"),
        space(np.sqrt(vectors).astype(np.float32), SIZES, "cosine", "cos"),
        space(coordinates, SIZES, "euclidean", "dist"),
    ]


@pytest.fixture(scope="module")
def result(spaces):
    return compare(spaces, joint=JOINT, hexagons=20)


@pytest.fixture(scope="module")
def reference(spaces):
    return [likeness(s) for s in spaces]


@pytest.fixture(scope="module")
def slugs(spaces):
    return spaces[0].cells["slug"].to_numpy()


def test_type_pairs_are_complete_sorted_and_counted(result):
    n_types = len(SIZES)
    assert result.type_pairs.tolist() == [[a, b] for a in range(n_types) for b in range(a, n_types)]
    expected = [SIZES[a] * (SIZES[a] - 1) // 2 if a == b else SIZES[a] * SIZES[b] for a, b in result.type_pairs]
    assert result.n.tolist() == expected
    assert result.about["types"] == ["a", "b", "c", "d", "e"] and result.about["n_cells"] == sum(SIZES)


def test_quantiles_are_those_of_numpy(result, reference, slugs):
    for s, values in enumerate(reference):
        for p, (a, b) in enumerate(result.type_pairs):
            of_pair = type_pair(values, slugs, "abcde"[a], "abcde"[b])
            if of_pair.size:
                np.testing.assert_allclose(result.quantiles[s, p], np.quantile(of_pair, QUANTILES), atol=2e-6)
            else:
                assert np.isnan(result.quantiles[s, p]).all()


def test_distributions_agree_with_the_reference_at_every_edge(result, reference, slugs):
    assert result.distributions.shape == (3, len(SIZES), 2, BINS)
    for s, values in enumerate(reference):
        edges = bin_edges(*result.about["spaces"][s]["range"])[1:-1]
        for t, slug in enumerate("abcde"):
            for relation in (WITHIN, BETWEEN):
                wanted = np.sort(type_distribution(values, slugs, slug, relation == WITHIN))
                counts = result.distributions[s, t, relation]
                assert counts.sum() == len(wanted)
                below = np.cumsum(counts)[:-1]
                assert (below >= np.searchsorted(wanted, edges - 3e-6)).all()
                assert (below <= np.searchsorted(wanted, edges + 3e-6)).all()


@pytest.mark.parametrize("j", [0, 1])
def test_joint_hexagons_hold_the_pairs_nearest_to_their_centres(j, result, reference, slugs):
    about = result.about["joint"][j]
    grid = HexGrid(tuple(about["x"]), tuple(about["y"]), about["nx"], about["ny"])
    assert about["nx"] == 20 and [["corr", "cos", "dist"][i] for i in about["spaces"]] == list(JOINT[j])
    centre_x, centre_y = (c.ravel() for c in grid.centres())
    for relation in (WITHIN, BETWEEN):
        x, y = (relation_values(reference[i], slugs, relation == WITHIN) for i in about["spaces"])
        distance = ((centre_x - x[:, None]) / grid.step[0]) ** 2 + 3 * ((centre_y - y[:, None]) / grid.step[1]) ** 2
        wanted = np.bincount(distance.argmin(axis=1), minlength=centre_x.size)
        nearest, second = np.partition(distance, 1, axis=1)[:, :2].T
        on_a_border = int((second - nearest < 1e-4).sum())
        counts = result.joint[j, relation].ravel()
        assert counts.sum() == len(x) and on_a_border < 0.01 * len(x) + 2
        assert np.abs(counts - wanted).sum() <= 2 * on_a_border


def test_extremes_and_partners_are_those_of_a_search(result, reference, slugs):
    for s, values in enumerate(reference):
        similarity = result.about["spaces"][s]["metric"] != "euclidean"
        for relation in (WITHIN, BETWEEN):
            for cell in range(len(slugs)):
                value, partner = extreme(values, slugs, cell, relation == WITHIN, similarity)
                found, of = result.extremes[s, relation, cell], result.partners[s, relation, cell]
                if partner < 0:
                    assert np.isnan(found) and of == -1
                else:
                    assert abs(found - value) < 2e-6 and abs(values[cell, of] - value) < 2e-6
                    assert (slugs[of] == slugs[cell]) == (relation == WITHIN) and of != cell


def test_of_equal_extremes_the_cell_of_the_lowest_number_is_named():
    # whole coordinates: distances are exact, and many are equal
    coordinates = np.random.default_rng(1).integers(0, 3, (30, 2)).astype(np.float32)
    cells = space(coordinates, (11, 8, 11), "euclidean")
    values, slugs = likeness(cells), cells.cells["slug"].to_numpy()
    ties = 0
    for rows, columns in (("abc", "abc"), ("b", "abc"), ("ac", "b")):
        result = compare([cells], list(rows), list(columns))
        for relation in (WITHIN, BETWEEN):
            for cell, slug in enumerate(slugs):
                met = set(columns if slug in rows else "") | set(rows if slug in columns else "")
                value, partner = extreme(values, slugs, cell, relation == WITHIN, False, met)
                assert result.partners[0, relation, cell] == partner
                np.testing.assert_allclose(result.extremes[0, relation, cell], value, rtol=1e-6)
                ties += int((values[cell] == value).sum() > 1)
    assert ties > 50


def test_one_space_of_two_types_of_one_cell_each():
    result = compare([space(np.array([[1.0, 2.0], [2.0, 1.0]], np.float32), (1, 1), "correlation")])
    assert result.n.tolist() == [0, 1, 0]
    np.testing.assert_allclose(result.quantiles[0, 1], -1.0, atol=1e-6)
    assert np.isnan(result.quantiles[0, [0, 2]]).all()
    assert result.partners[0].tolist() == [[-1, -1], [1, 0]]


def test_opposite_order_of_rows_and_columns_is_the_same_block(spaces):
    a = compare(spaces, ["a", "c"], ["b", "c"], joint=JOINT)
    b = compare(spaces, ["c", "b"], ["c", "a"], joint=JOINT)
    assert a.type_pairs.tolist() == [[0, 1], [0, 2], [1, 2], [2, 2]]
    for name in ("type_pairs", "n", "quantiles", "distributions", "joint", "extremes", "partners"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


@pytest.mark.parametrize("tile", [1, 20, 1000])
@pytest.mark.parametrize(("rows", "columns"), [("ce", "abd"), ("ac", "bc"), ("bc", "ac"), ("e", "abcde")])
def test_two_types_are_multiplied_in_one_orientation_whichever_of_them_are_rows(spaces, rows, columns, tile):
    # SkylakeX's kernels give equal bits either way, Haswell's do not: the orientation itself is looked at
    run = tiles.prepare_run(spaces, (), 10, 0, 0, 0, None)
    for asked in ((rows, columns), (columns, rows)):
        pairs = tiles.tiles_of(run, *asked, tile)
        assert pairs and all(a.begin <= b.begin for a, b in pairs)


def test_types_that_lost_all_their_cells_are_passed_over(spaces):
    assert compare(spaces, ["a", "gone"], ["b", "lost"]).type_pairs.tolist() == [[0, 1]]


def test_a_block_of_types_that_lost_all_their_cells_is_empty_and_adds_nothing(spaces):
    whole, nothing = compare(spaces), compare(spaces, ["gone"], ["lost"])
    assert len(nothing.type_pairs) == 0 and len(nothing.cells) == 0
    for name in ("quantiles", "distributions", "extremes", "partners"):
        np.testing.assert_array_equal(getattr(merge([nothing, whole]), name), getattr(whole, name))


def test_vectors_that_do_not_fit_into_memory_are_made_again(spaces, monkeypatch):
    wanted = compare(spaces, joint=JOINT, tile=1)
    monkeypatch.setattr(block, "MOST_VECTOR_BYTES", 0)
    found = compare(spaces, joint=JOINT, tile=1)
    for name in ("quantiles", "distributions", "joint", "extremes", "partners"):
        np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))


def test_permuted_rows_between_spaces_are_refused(spaces):
    order = np.r_[1, 0, 2 : sum(SIZES)]
    swapped = space(spaces[2].vectors[order], SIZES, "euclidean", "dist")
    swapped.cells["cell_id"] = swapped.cells["cell_id"].to_numpy()[order]
    with pytest.raises(StudyError, match="spaces corr and dist do not hold the same cells in the same order"):
        compare([spaces[0], swapped])


def test_a_space_with_fewer_cells_is_refused(spaces):
    with pytest.raises(StudyError, match="do not hold the same cells"):
        compare([spaces[0], space(np.eye(8, dtype=np.float32), (4, 4), name="short")])


def test_cells_not_sorted_by_type_are_refused():
    with pytest.raises(StudyError, match="not sorted by type"):
        compare([space(np.eye(3, dtype=np.float32), (), labels=["a", "b", "a"])])


@pytest.mark.parametrize("metric", ["correlation", "cosine"])
def test_a_vector_without_direction_is_refused_by_the_name_of_its_cell(metric):
    vectors = np.eye(6, dtype=np.float32)
    vectors[4] = 0
    with pytest.raises(StudyError, match=f"constant vector and so no {metric}: toy:0004"):
        compare([space(vectors, (3, 3), metric)])


def test_a_pair_of_types_too_large_for_memory_is_refused_before_it_is_computed(spaces, monkeypatch):
    monkeypatch.setattr(tiles, "MOST_BYTES", 4 * 3 * 9 * 14 - 1)
    with pytest.raises(StudyError, match=r"a and c have 9 and 14 cells.*lower `selection\.cells_per_type`"):
        compare(spaces, ["a"], ["c"], tile=1)


# what rounding may do: a value moves by its last bits, and so, rarely, into the next bin
ROUNDING = 1e-6


def assert_equal_but_for_rounding(found, wanted):
    for name in ("type_pairs", "n", "cells"):
        np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))
    for name in ("quantiles", "extremes", "neighbour_scores", "across_scores"):
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), atol=ROUNDING)
    for name in ("histograms", "distributions", "joint", "cutoffs"):
        a, b = getattr(found, name), getattr(wanted, name)
        assert a.sum() == b.sum() and np.abs(a - b).sum() <= 1e-3 * b.sum()


@pytest.fixture(scope="module")
def batched(spaces):
    batches = [f"batch{i % 3}" for i in range(sum(SIZES))]
    return [space_of(s, batches) for s in spaces]


def space_of(of, batches):
    return SpaceData(of.name, of.metric, of.vectors, of.cells.assign(batch=batches))


EVERYTHING = {"joint": JOINT, "hexagons": 20, "neighbours": 7, "across": 5, "cutoffs": 12}


@pytest.fixture(scope="module")
def everything(batched):
    return compare(batched, **EVERYTHING)


@pytest.mark.parametrize("tile", [1, 10, 16, 1000])
@pytest.mark.parametrize("threads", [1, 2])
def test_tiles_and_threads_change_nothing(tile, threads, batched, everything):
    found = compare(batched, **EVERYTHING, tile=tile, threads=threads)
    assert_equal_but_for_rounding(found, everything)
    for name in ("neighbours", "across"):  # distances are summed directly
        np.testing.assert_array_equal(getattr(found, name)[2], getattr(everything, name)[2])


def test_histograms_split_the_pairs_by_batch(batched, everything, reference, slugs):
    batch = batched[0].cells["batch"].to_numpy()
    same = batch[:, None] == batch[None, :]
    for s, values in enumerate(reference):
        low, high = everything.about["spaces"][s]["range"]
        n_bins = everything.histograms.shape[-1]
        for p, (a, b) in enumerate(everything.type_pairs):
            of_pair, is_same = (type_pair(v, slugs, "abcde"[a], "abcde"[b]) for v in (values, same))
            for of_same in (0, 1):
                counts = everything.histograms[s, p, of_same]
                wanted = np.histogram(of_pair[is_same == bool(of_same)], n_bins, (low, high))[0]
                assert counts.sum() == wanted.sum() and np.abs(counts - wanted).sum() <= 2


def test_neighbours_are_those_of_a_search(everything, reference):
    for s, values in enumerate(reference):
        similarity = everything.about["spaces"][s]["metric"] != "euclidean"
        score = np.where(np.eye(len(values)), -np.inf, values if similarity else -values)
        wanted = -np.sort(-score, axis=1)[:, :7]
        np.testing.assert_allclose(everything.neighbour_scores[s], wanted, atol=2e-6)
        numbers = everything.neighbours[s]
        np.testing.assert_allclose(np.take_along_axis(score, numbers, axis=1), wanted, atol=2e-6)
        assert all(len(set(row)) == 7 for row in numbers)


def test_neighbours_across_batches_are_those_of_a_search_among_the_cells_of_other_batches(
    everything, batched, reference
):
    batch = batched[0].cells["batch"].to_numpy()
    for s, values in enumerate(reference):
        similarity = everything.about["spaces"][s]["metric"] != "euclidean"
        score = np.where(batch[:, None] == batch, -np.inf, values if similarity else -values)
        wanted = -np.sort(-score, axis=1)[:, :5]
        np.testing.assert_allclose(everything.across_scores[s], wanted, atol=2e-6)
        np.testing.assert_allclose(np.take_along_axis(score, everything.across[s], axis=1), wanted, atol=2e-6)
        assert all(len(set(row)) == 5 for row in everything.across[s])


def test_of_equal_neighbours_across_batches_the_lower_number_comes_first():
    coordinates = np.random.default_rng(4).integers(0, 3, (40, 2)).astype(np.float32)
    # the first batch lies apart from the others, so that a cell's nearest cells are all of its own
    batch = np.array(["near", "far", "far", "away"])[np.random.default_rng(5).integers(0, 4, 40)]
    coordinates[batch == "near"] += 10
    cells = space_of(space(coordinates, (13, 9, 18), "euclidean"), batch)
    values = np.where(batch[:, None] == batch, np.inf, likeness(cells))
    wanted = np.lexsort((np.broadcast_to(np.arange(40), (40, 40)), values))[:, :10]
    for tile in (5, 1000):
        np.testing.assert_array_equal(compare([cells], across=10, tile=tile).across[0], wanted)


def test_a_single_batch_has_no_neighbours_across(spaces):
    result = compare(spaces, across=3)
    assert (result.across == -1).all() and np.isneginf(result.across_scores).all()
    assert result.neighbours.shape[-1] == 0


def test_of_equal_neighbours_the_lower_number_comes_first():
    coordinates = np.random.default_rng(2).integers(0, 3, (40, 2)).astype(np.float32)
    cells = space(coordinates, (13, 9, 18), "euclidean")
    values = likeness(cells)
    np.fill_diagonal(values, np.inf)
    wanted = np.lexsort((np.broadcast_to(np.arange(40), (40, 40)), values))[:, :10]
    for tile in (5, 1000):
        np.testing.assert_array_equal(compare([cells], neighbours=10, tile=tile).neighbours[0], wanted)


def test_a_hundred_neighbours_are_those_of_a_search():
    cells = space(np.random.default_rng(3).normal(size=(150, 20)).astype(np.float32), (60, 33, 57))
    score = np.where(np.eye(150), -np.inf, likeness(cells))
    found = compare([cells], neighbours=100, tile=40)
    np.testing.assert_allclose(found.neighbour_scores[0], -np.sort(-score, axis=1)[:, :100], atol=2e-6)


def test_fewer_cells_than_neighbours_leave_places_empty():
    result = compare([space(np.eye(3, dtype=np.float32), (2, 1))], neighbours=5)
    assert (result.neighbours[0, :, 2:] == -1).all() and (result.neighbours[0, :, :2] >= 0).all()
    assert np.isneginf(result.neighbour_scores[0, :, 2:]).all()


def test_cutoffs_count_each_cells_pairs_by_relation_and_batch(batched, reference, slugs):
    relations = np.where(np.eye(len(SIZES)), OWN, OTHER)
    relations[0, 2] = relations[2, 0] = SIMILAR
    relations[4, :4] = relations[:4, 4] = UNKNOWN
    result = compare(batched, cutoffs=12, relations=relations)
    codes = np.searchsorted(list("abcde"), slugs)
    batch = batched[0].cells["batch"].to_numpy()
    for s, values in enumerate(reference):
        limits = result.about["spaces"][s]["range"]
        for cell in range(len(slugs)):
            others = np.arange(len(slugs)) != cell
            group = 2 * relations[codes[cell], codes] + (batch == batch[cell])
            for g in range(8):
                wanted = np.histogram(values[cell, others & (group == g)], 12, limits)[0]
                counts = result.cutoffs[s, cell, g]
                assert counts.sum() == wanted.sum() and np.abs(counts - wanted).sum() <= 2


def test_relations_of_another_shape_are_refused(spaces):
    with pytest.raises(StudyError, match="5 x 5 are needed"):
        compare(spaces, relations=np.eye(4))


def test_a_joint_space_that_is_not_there_is_refused(spaces):
    with pytest.raises(StudyError, match=r"no space 'cor' \(did you mean 'corr'\?\)"):
        compare(spaces, joint=[("cor", "cos")])
