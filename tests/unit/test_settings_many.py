"""More cells than fit in memory pair by pair: the same statistics, and what moves them, by the engine of all pairs."""

import numpy as np
import pandas as pd
import pytest

from rankstudy.core.errors import StudyError
from rankstudy.measures.settings import scores as of_scores
from rankstudy.measures.settings.scores import Cells, scores
from rankstudy.measures.uncertainty.resampling import resampled_batches, resampled_cells, strata_of
from rankstudy.measures.uncertainty.statistics import Statistic
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, BATCH_DRIVEN, OWN_TYPE
from rankstudy.pairs.engine import compare
from rankstudy.pairs.likeness.measures import MEASURES
from rankstudy.spaces.encodings.rank import fractional_ranks
from tests.unit.curve_toys import counts_of_types, specified, study
from tests.unit.helpers import space

K = 9
ALL = {AUROC, OWN_TYPE, ACROSS, BATCH_DRIVEN}


def toy(sizes=(90, 60, 110, 70), batches=6, of_a_unit=1):
    """Return vectors and cells, with as many batches in a unit."""
    rows, labels = counts_of_types(sizes, batches)
    types, of_cells = zip(*labels, strict=True)
    ids = [f"c:{i:04d}" for i in range(len(rows))]
    table = pd.DataFrame({"cell_id": ids, "cell_type": types, "slug": types, "batch": of_cells})
    return fractional_ranks(rows), Cells(table, pd.factorize(table["batch"], sort=True)[0] // of_a_unit)


def both_ways(monkeypatch, vectors, cells, k=K):
    """Return what is scored in memory, and in one sweep."""
    found = []
    for most in (len(cells), len(cells) - 1):
        monkeypatch.setattr(of_scores, "MOST_IN_MEMORY", most)
        found.append({(measure, name): score for measure, name, score in scores(vectors, MEASURES, cells, k)})
    return found


@pytest.mark.parametrize("of_a_unit", [1, 2])
def test_both_ways_give_the_same_statistics_and_standard_errors(monkeypatch, of_a_unit):
    vectors, cells = toy(of_a_unit=of_a_unit)
    in_memory, swept = both_ways(monkeypatch, vectors, cells)
    assert list(in_memory) == list(swept) and {name for _, name in swept} == ALL
    everybody, strata = np.arange(len(cells)), strata_of(cells.types, cells.units)
    errors = []
    for scored in (in_memory, swept):
        named = [Statistic(name, "s", None, K, everybody, score.influence) for (_, name), score in scored.items()]
        of_batches = resampled_batches(named, 2000, np.random.default_rng(0))
        of_cells = resampled_cells(named, strata, 2000, np.random.default_rng(0))
        errors.append(np.array([of_batches.std(axis=0), of_cells.std(axis=0)]))
    for key, score in swept.items():
        one, other = score.influence.estimate, in_memory[key].influence.estimate
        assert abs(one - other) <= score.binning_error + in_memory[key].binning_error + 1e-12, key
    np.testing.assert_allclose(errors[1], errors[0], rtol=0.02)
    assert errors[0].min() > 0


def test_what_moves_shares_of_neighbours_is_the_same_to_the_last_digit(monkeypatch):
    in_memory, swept = both_ways(monkeypatch, *toy())
    for key in in_memory:
        if key[1] != AUROC:
            np.testing.assert_array_equal(swept[key].influence.of_cells, in_memory[key].influence.of_cells)
            np.testing.assert_array_equal(swept[key].influence.without, in_memory[key].influence.without)


@pytest.mark.parametrize(
    ("sizes", "batches", "left"),
    [((5, 4), 3, {AUROC}), ((20, 20), 1, {AUROC, OWN_TYPE}), ((7, 7), 2, {AUROC, OWN_TYPE, BATCH_DRIVEN})],
)
def test_both_ways_leave_out_the_same(monkeypatch, sizes, batches, left):
    for found in both_ways(monkeypatch, *toy(sizes, batches)):
        assert {name for _, name in found} == left


def test_a_curve_of_many_cells_has_the_verdicts_of_one_in_memory(tmp_path, monkeypatch):
    of = study(tmp_path)
    in_memory = specified(of, "few").specifications
    monkeypatch.setattr(of_scores, "MOST_IN_MEMORY", 1)
    swept = specified(of, "many").specifications
    assert (swept["verdict"] == in_memory["verdict"]).mean() > 0.98
    np.testing.assert_allclose(swept["estimate"], in_memory["estimate"], atol=2e-3)


def test_the_engine_counts_pairs_by_the_units_that_it_is_given():
    of = space(np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32), (4, 5))
    units = np.array([0, 1, 0, 1, 2, 0, 2, 1, 0])
    counts = compare([of], cutoffs=3, units=units).cutoffs[0].sum(axis=2)
    same = (units[:, None] == units) & ~np.eye(9, dtype=bool)
    np.testing.assert_array_equal(counts[:, 1::2].sum(axis=1), same.sum(axis=1))
    np.testing.assert_array_equal(counts.sum(axis=1), 8)


def test_units_of_other_cells_are_refused():
    with pytest.raises(StudyError, match="units: 3 for 9 cells"):
        compare([space(np.eye(9, dtype=np.float32), (4, 5))], units=np.zeros(3, int))
