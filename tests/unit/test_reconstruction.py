"""Expression read back from places: beside a fit of every value, and simulations whose answer is known."""

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.isotonic import IsotonicRegression

from rankstudy.measures.causes import reconstruction
from rankstudy.measures.causes.reconstruction import places_of, r_squared, read_back, reconstructions_of
from rankstudy.measures.causes.tables import RECONSTRUCTIONS
from rankstudy.measures.lattice.vectors import Read
from rankstudy.measures.settings.tables import SELECTED
from rankstudy.measures.uncertainty.influence import mean_of_cells
from rankstudy.measures.uncertainty.intervals import interval
from rankstudy.measures.uncertainty.resampling import resample
from rankstudy.measures.uncertainty.statistics import Statistic
from tests.unit.curve_toys import NAMES, PANELS, study
from tests.unit.looked_toys import ENCODINGS, looked_at

N, G = 60, 40
FOLDS = np.arange(N) % reconstruction.FOLDS


@pytest.fixture(scope="module")
def looked(tmp_path_factory):
    return looked_at(study(tmp_path_factory.mktemp("reconstruction")))


def places_in(ranks, listed):
    """Return places (cells x genes) of those that are listed, as CSR."""
    places = sp.csr_matrix(np.where(listed, ranks, 0).astype(float))
    assert places.nnz == listed.sum()
    return places


def shuffled(random, first=30):
    """Return places of the first genes of orders that are shuffled in each cell."""
    ranks = random.permuted(np.tile(np.arange(1, G + 1), (N, 1)), axis=1)
    return ranks, ranks <= first


def test_places_are_those_in_the_order_of_the_counts(looked):
    read = Read(looked.material.counts, looked.genes, looked.panels)
    counts = looked.material.counts.X.toarray()
    at = [NAMES.index(gene) for gene in looked.panels[SELECTED]]
    assert at == list(PANELS[SELECTED])
    shared = places_of(read, looked.corners["order"]).toarray()
    for cell, row in enumerate(counts):
        wanted = [(row > row[gene]).sum() + ((row == row[gene]).sum() + 1) / 2 if row[gene] else 0 for gene in at]
        assert shared[cell].tolist() == wanted
    cut = places_of(read, looked.corners["cut"])
    assert cut.data.min() == 1 and cut.data.max() == 12 and (cut.data == cut.data.round()).all()
    for cell, row in enumerate(counts):
        own = cut[cell]
        genes = np.array(at)[own.indices]
        assert ((row[:, None] > row[genes]).sum(axis=0) < own.data).all()
        assert ((row[:, None] >= row[genes]).sum(axis=0) >= own.data).all()


def test_the_curve_is_that_of_every_value_one_by_one():
    random = np.random.default_rng(0)
    ranks, listed = shuffled(random)
    expression = np.where(listed, 6 - np.log(ranks), 0.3) + random.normal(size=(N, G))
    found = read_back(places_in(ranks, listed), expression, FOLDS)["all"].by_place
    for fold in range(reconstruction.FOLDS):
        own, others = FOLDS == fold, FOLDS != fold
        among = listed & others[:, None]
        curve = IsotonicRegression(increasing=False, out_of_bounds="clip")
        curve.fit(np.log(ranks[among]), expression[among])
        there = listed & own[:, None]
        assert found[there] == pytest.approx(curve.predict(np.log(ranks[there])), abs=1e-9)
        assert found[~listed & own[:, None]] == pytest.approx(expression[~listed & others[:, None]].mean())


def test_expression_that_follows_from_the_place_is_read_back_whole():
    ranks, listed = shuffled(np.random.default_rng(1))
    expression = np.where(listed, 5 / np.sqrt(ranks), 0.0)
    for found in read_back(places_in(ranks, listed), expression, FOLDS).values():
        for axis in (0, 1):
            by_place, by_mean = r_squared(found, axis)
            assert by_place == pytest.approx(1) and np.median(by_mean) < 0.3


def test_places_that_are_shuffled_tell_nothing():
    random = np.random.default_rng(2)
    ranks, listed = shuffled(random)
    expression = np.where(listed, random.normal(5, 1, size=(N, G)), 0.0)
    found = read_back(places_in(ranks, listed), expression, FOLDS)
    for axis in (0, 1):
        assert np.median(r_squared(found["listed"], axis)[0]) == pytest.approx(0, abs=0.06)
        # that a gene is listed at all does
        assert np.median(r_squared(found["all"], axis)[0]) > 0.5


def test_of_a_gene_that_has_one_value_in_all_cells_its_mean_is_all_there_is():
    random = np.random.default_rng(3)
    ranks, listed = shuffled(random)
    expression = np.tile(random.normal(5, 1, G), (N, 1))
    found = read_back(places_in(ranks, listed), expression, FOLDS)["listed"]
    by_place, by_mean = r_squared(found, axis=1)
    assert by_mean == pytest.approx(1) and np.median(by_place) == pytest.approx(0, abs=0.06)
    # over cells such a gene has no variance to be explained
    assert np.isnan(r_squared(found, axis=0)[0]).all()


def test_the_table_has_the_medians_and_intervals_over_cells(looked):
    table = reconstructions_of(looked)
    assert set(table) == set(RECONSTRUCTIONS.names) - {"dataset", "seed"}
    assert set(table["space"]) == {"order", "cut"}
    assert not table.duplicated(["space", "cell_type", "of", "among"]).any()
    of_cells, of_genes = (table[table["of"] == of] for of in ("cells", "genes"))
    assert (of_cells["low"] <= of_cells["r2"]).all() and (of_cells["r2"] <= of_cells["high"]).all()
    assert of_genes[["low", "high", "levels"]].isna().all(axis=None) and (of_genes["n"] <= len(PANELS[SELECTED])).all()
    assert len(of_cells) == 2 * 2 * 4 and len(of_genes) == 2 * 2
    whole = of_cells[of_cells["cell_type"].isna()].set_index(["space", "among"])
    assert (
        whole.loc[("order", "all"), "r2"] > whole.loc[("cut", "all"), "r2"] and (whole["n"] == len(looked.cells)).all()
    )
    assert (table["q05"] <= table["r2"]).all() and (table["r2"] <= table["q95"]).all()


@pytest.mark.slow
@pytest.mark.parametrize(("n_units", "per_unit", "of_units"), [(8, 12, 0.5), (2, 40, 0.0)])
def test_intervals_of_a_median_hold_the_truth_as_often_as_they_say(n_units, per_unit, of_units):
    random, covered = np.random.default_rng(4), []
    units = np.repeat(np.arange(n_units), per_unit)
    for _ in range(500):
        values = of_units * random.normal(size=n_units)[units] + random.normal(size=len(units))
        below = (values <= np.median(values)).astype(float)
        influence = mean_of_cells(below, units, n_units)
        share = Statistic("share below", "x", None, None, np.arange(len(units)), influence)
        found = resample([share], np.zeros(len(units), int), units, unit="batches", resamples=500, random=random)
        low, high = np.quantile(values, interval(found.values[:, 0], found.freedom[0], 0.95))
        covered.append(low <= 0 <= high)
    assert 0.92 <= np.mean(covered) <= 0.98


def test_without_orders_there_is_nothing(tmp_path):
    values = looked_at(study(tmp_path), encodings={"value": ENCODINGS["value"]})
    for frame in [reconstructions_of(values)]:
        assert frame.empty and set(frame) == set(RECONSTRUCTIONS.names) - {"dataset", "seed"}
