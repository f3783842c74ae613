"""Standard errors of relations at cutoffs and of operating points, against weighted counts of all pairs in float64."""

import numpy as np
import pytest

from rankstudy.measures.relations import errors as relation_errors_module
from rankstudy.measures.relations.counts import CountedRelations
from rankstudy.measures.relations.crossing import TARGETS
from rankstudy.measures.relations.curves import relation_curves
from rankstudy.measures.relations.errors import FEWEST_CELLS, PooledNumbers, relation_errors
from rankstudy.measures.relations.points import operating_points
from rankstudy.measures.relations.tables import ANY_BATCH
from rankstudy.measures.tables import CLASSES
from rankstudy.measures.uncertainty.intervals import interval
from rankstudy.measures.uncertainty.resampling import CELLS_IN_BATCHES, strata_of
from rankstudy.measures.uncertainty.spread import (
    interval_of_number,
    interval_of_share,
    variance_of_batches,
    variance_of_cells,
)
from tests.unit.related import METRICS, SIZES, classes, everything, make_spaces, relations, scores

every_space = pytest.mark.parametrize("s", range(3), ids=list(METRICS))
STEP = 1e-5


class Weighted:
    """The pooled numbers of one space and scope from all pairs, with a weight of each cell."""

    def __init__(self, of, counted, kind=None):
        names, batches = classes(of.cells, relations())
        of_class = np.array([(names == relation) & (batches == batch) for relation, batch in CLASSES])
        limits = counted.cutoffs if of.metric != "euclidean" else -counted.cutoffs
        above = np.array([scores(of) >= x if of.metric != "euclidean" else scores(of) > x for x in limits])
        related = above & ~np.eye(len(names), dtype=bool)
        self.pairs = (of_class[:, None] & related[None]).astype(float)  # classes x cutoffs x cells x cells
        self.cutoffs = counted.cutoffs
        types = np.repeat(np.arange(len(SIZES)), SIZES)
        self.members = np.ones(len(names), bool) if kind is None else types == kind

    def numbers(self, weights):
        """Return the numbers if cells of the scope have these weights, and all others 1."""
        weights = np.where(self.members, weights, 1.0)
        seen = self.pairs[:, :, self.members] @ weights @ weights[self.members]
        return PooledNumbers.of(seen, self.cutoffs)

    def moved(self, cell):
        up, down = np.ones((2, len(self.members)))
        up[cell], down[cell] = 1 + STEP, 1 - STEP
        return (self.numbers(up) - self.numbers(down)) / (2 * STEP)


def packed(errors):
    return np.concatenate([errors.shares.ravel(), errors.together.ravel(), errors.cutoffs, errors.recalls])


def found_of(spaces, s):
    result, compared = everything(spaces, relations())
    counted = CountedRelations.of(result, s, compared)
    return counted, compared, relation_errors(counted, compared, compared.batches, "batches")


@pytest.fixture
def few_are_enough(monkeypatch):
    monkeypatch.setattr(relation_errors_module, "FEWEST_CELLS", 0)


@every_space
@pytest.mark.usefixtures("few_are_enough")
@pytest.mark.parametrize("kind", [None, 0, 2, 4])
def test_over_cells_they_come_from_the_derivatives_of_weighted_counts(s, kind):
    spaces = make_spaces()
    counted, compared, errors = found_of(spaces, s)
    weighted = Weighted(spaces[s], counted, kind)
    scope = errors[0 if kind is None else kind + 1]
    assert scope.resampled.level == CELLS_IN_BATCHES
    moved = np.array([weighted.moved(cell) for cell in np.flatnonzero(weighted.members)])
    strata = np.unique(strata_of(compared.types, compared.batches)[weighted.members], return_inverse=True)[1]
    wanted = np.sqrt(variance_of_cells(moved, strata))
    found = packed(scope)
    # an operating point at the first cutoff, or none, has no error
    fixed = np.isnan(found)
    assert (np.isnan(wanted) | (wanted < 1e-9))[fixed].all()
    np.testing.assert_allclose(found[~fixed], wanted[~fixed], rtol=1e-5, atol=1e-8)
    assert (found > 1e-3).sum() > 30


@every_space
@pytest.mark.usefixtures("few_are_enough")
@pytest.mark.parametrize("kind", [None, 2])
def test_over_batches_they_come_from_leaving_each_out(s, kind):
    spaces = make_spaces(1, n_batches=7)
    counted, compared, errors = found_of(spaces, s)
    weighted = Weighted(spaces[s], counted, kind)
    scope = errors[0 if kind is None else kind + 1]
    assert scope.resampled.level == "batches"
    batches = range(compared.n_batches)
    without = np.array([weighted.numbers((compared.batches != batch).astype(float)) for batch in batches])
    wanted = np.sqrt(variance_of_batches(without))
    points = slice(-2 * len(TARGETS), None)
    wanted[points] = np.where(np.isnan(without[:, points]).any(axis=0), np.nan, wanted[points])
    np.testing.assert_allclose(packed(scope), wanted, rtol=1e-7, atol=1e-9)


@pytest.mark.usefixtures("few_are_enough")
def test_the_numbers_are_those_of_the_tables():
    spaces = make_spaces()
    counted, compared, errors = found_of(spaces, 0)
    curves, points = (make(counted, compared, errors, 0.9) for make in (relation_curves, operating_points))
    numbers = PooledNumbers.of(counted.relations[0].astype(float), counted.cutoffs)
    overall = curves[curves["cell_type"].isna()]
    split = (overall["batches"] == ANY_BATCH).to_numpy()
    shares = np.concatenate([overall["share"][~split], overall["share"][split]])
    np.testing.assert_array_equal(shares, numbers[: -2 * len(TARGETS)])
    rows = points[points["cell_type"].isna()]
    np.testing.assert_allclose([*rows["cutoff"], *rows["recall"]], numbers[-2 * len(TARGETS) :])
    # rows without an interval aside, each number lies within its own
    known = overall.dropna(subset=["low"])
    assert (known["low"] <= known["share"]).all() and (known["share"] <= known["high"]).all() and len(known) > 100
    assert set(curves["level"]) == set(points["level"]) == {0.9}
    for name in ("cutoff", "recall"):
        about = points.dropna(subset=[f"{name}_low"])
        assert (about[f"{name}_low"] <= about[name]).all() and (about[name] <= about[f"{name}_high"]).all()
        assert len(about) > 3


def test_where_few_cells_have_a_relation_left_there_is_no_interval():
    counted, compared, errors = found_of(make_spaces(), 2)
    curves, points = (make(counted, compared, errors, 0.95) for make in (relation_curves, operating_points))
    having = curves["n_cells"] - curves["n_without"]
    # of a type with fewer cells, all must have one
    enough = having >= curves["n_cells"].clip(upper=FEWEST_CELLS)
    assert (curves["low"].notna() == enough).all() and (curves["high"].notna() == enough).all()
    assert enough.any() and (~enough & (having > 0)).any()
    of_all = points[points["cell_type"].isna()].set_index("target")
    left = np.interp(of_all["cutoff"], counted.cutoffs[::-1], counted.having[0][::-1])  # distances: strictest first
    assert (left >= FEWEST_CELLS).tolist() == of_all["recall_low"].notna().tolist() == [True, True, False]
    assert of_all["cutoff_high"].notna().tolist() == [True, True, False]


def test_the_variance_of_cells_is_that_of_many_draws():
    random = np.random.default_rng(0)
    strata = np.repeat([0, 1, 2], [12, 30, 1])
    moved = random.normal(size=(43, 4)) + strata[:, None]
    sums = np.zeros((40_000, 4))
    for stratum in (0, 1):
        rows = moved[strata == stratum]
        n = len(rows)
        rows = (rows - rows.mean(axis=0)) * np.sqrt(n / (n - 1))
        sums += random.multinomial(n, np.full(n, 1 / n), len(sums)) @ rows
    np.testing.assert_allclose(variance_of_cells(moved, strata), sums.var(axis=0), rtol=0.03)


def test_the_variance_of_batches_is_the_jackknifes():
    without = np.array([[0.2, 0.5, np.nan], [0.4, np.nan, np.nan], [0.9, 0.7, 0.3]])
    part = without[[0, 2], 1]
    wanted = [2 / 3 * ((without[:, 0] - 0.5) ** 2).sum(), 1 / 2 * ((part - part.mean()) ** 2).sum(), np.nan]
    np.testing.assert_allclose(variance_of_batches(without), wanted)


def test_intervals_are_those_of_many_resamples():
    """On the scale of the logit, and as far out as Student's t."""
    random = np.random.default_rng(1)
    share, error, freedom = 0.8, 0.05, 6
    draws = 1 / (1 + np.exp(-(np.log(4) + error / 0.16 * random.normal(size=200_000))))
    np.testing.assert_allclose(
        interval_of_share(share, error, freedom, 0.95), interval(draws, freedom, 0.95), atol=0.005
    )
    plain = 3 + error * random.normal(size=200_000)
    np.testing.assert_allclose(interval_of_number(3, error, freedom, 0.95), interval(plain, freedom, 0.95), atol=0.003)
    shares, errors = np.array([0.0, 1.0, 0.5]), np.array([0.1, 0.1, np.nan])
    low, high = interval_of_share(shares, errors, freedom, 0.95)
    np.testing.assert_array_equal(low, [0, 1, np.nan])
    np.testing.assert_array_equal(high, [0, 1, np.nan])


def test_a_batch_that_has_all_relations_at_a_cutoff_has_no_part_there():
    """Of an operating point every batch must have a part; of a share those that have count."""
    relations_at = np.array([[40, 20, 6], [30, 12, 0], [60, 10, 0], [20, 2, 0]], float)  # classes x cutoffs
    numbers = PooledNumbers(relations_at, np.array([0.0, 0.3, 0.7]))
    shares = np.array([[0.5, 0.5, 1.0], [0.1, 0.2, 0.0], [0.2, 0.1, 0.0]])  # batches x cutoffs
    lost = relations_at * shares[:, None, :]
    lost[2, 0] += 1  # not in proportion: the shares vary
    found = relation_errors_module._without(numbers, lost[[0, 1, 1, 2]], np.array([9, 4, 0, 5]))
    values = PooledNumbers.of(np.maximum(relations_at - lost, 0), numbers.cutoffs)
    n_points = 2 * len(TARGETS)
    np.testing.assert_array_equal(found[:-n_points], variance_of_batches(values)[:-n_points])
    last = np.arange(len(found) - n_points).reshape(-1, 3)[:, 2]
    assert np.isnan(values[0, last]).all() and np.isfinite(found[last]).all() and found[:-n_points].max() > 0
    missing = np.isnan(values[:, -n_points:]).any(axis=0)
    assert 0 < missing.sum() < n_points
    np.testing.assert_array_equal(np.isnan(found[-n_points:]), missing)
