"""Every reduction of `compare` against the slow reference, in all three metrics at once."""

import numpy as np
import pytest
import scipy.sparse as sp

from rankstudy.errors import StudyError
from rankstudy.pairs import block, compare
from rankstudy.pairs.grids import BINS, HexGrid, bin_edges
from rankstudy.pairs.result import BETWEEN, QUANTILES, WITHIN
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


def test_types_that_lost_all_their_cells_are_passed_over(spaces):
    assert compare(spaces, ["a", "gone"], ["b", "lost"]).type_pairs.tolist() == [[0, 1]]


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
    monkeypatch.setattr(block, "MOST_BYTES", 4 * 3 * 9 * 14 - 1)
    with pytest.raises(StudyError, match=r"a and c have 9 and 14 cells.*lower selection\.cells_per_type"):
        compare(spaces, ["a"], ["b", "c"])
