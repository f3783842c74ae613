"""Rules for ties: every number beside a brute force over pairs, and toys and simulations with a known answer."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy.spatial.distance import cdist

from rankstudy.measures.causes.pair_means import PairMeans
from rankstudy.measures.causes.tables import (
    BETWEEN_TYPES,
    CHANCE,
    COLUMNS,
    SHARED_RANK,
    TIE_RULES,
    TIES,
    WITHIN_TYPES,
)
from rankstudy.measures.causes.ties import _odds, _way_of_all, _way_of_type, ties_of
from rankstudy.measures.lattice.vectors import Read
from rankstudy.measures.settings.scores import Cells, scores
from rankstudy.measures.settings.tables import SELECTED
from rankstudy.measures.uncertainty.intervals import interval
from rankstudy.measures.uncertainty.resampling import resample
from rankstudy.measures.uncertainty.statistics import Statistic
from rankstudy.measures.uncertainty.tables import AUROC, OWN_TYPE
from rankstudy.pairs.likeness.measures import Measure
from tests.unit.curve_toys import NAMES, K, study
from tests.unit.looked_toys import ENCODINGS, looked_at

RULES = 4
ORDER = {"order": ENCODINGS["order"]}


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return study(tmp_path_factory.mktemp("ties"))


@pytest.fixture(scope="module")
def looked(toy):
    return looked_at(toy)


@pytest.fixture(scope="module")
def found(looked):
    return ties_of(looked, rules=RULES)


def drawn(looked, name, rule, draw=0):
    read = Read(looked.material.counts, looked.genes, looked.panels)
    return read.vectors(looked.corners[name].with_level("ties", rule), draw=draw)[SELECTED]


def alike(rules, centred):
    """Return the likeness of every cell under a rule with every cell under another one, mean over pairs of rules."""
    dense = np.stack([np.asarray(of.toarray(), np.float64) for of in rules])
    dense -= dense.mean(axis=(0, 1)) if centred else 0
    pairs = [(r, s) for r in range(len(dense)) for s in range(len(dense)) if r != s or len(dense) == 1]
    return np.mean([1 - cdist(dense[r], dense[s], "correlation") for r, s in pairs], axis=0)


def of_pairs(likeness, types, weights=None):
    """Return own, within, between and way, mean over cells, and both means over pairs, by plain sums."""
    weights = np.ones(len(types)) if weights is None else weights
    same = (types[:, None] == types) & ~np.eye(len(types), dtype=bool)
    other = types[:, None] != types
    both = np.outer(weights, weights)
    own = weights @ likeness.diagonal() / weights.sum()
    each = [(both * likeness)[np.ix_(types == t, types == t)] for t in np.unique(types)]
    pairs = [both[np.ix_(types == t, types == t)] for t in np.unique(types)]
    means = [(of.sum() - of.trace()) / (among.sum() - among.trace()) for of, among in zip(each, pairs, strict=True)]
    within = np.average(means, weights=[weights[types == t].sum() for t in np.unique(types)])
    return {
        "own": own,
        "within": within,
        "share": (1 - own) / (2 - own - within),
        WITHIN_TYPES: (both * likeness)[same].sum() / both[same].sum(),
        BETWEEN_TYPES: (both * likeness)[other].sum() / max(both[other].sum(), 1),
    }


def test_likeness_is_that_of_every_pair(looked, found):
    table = found[0]
    types = looked.cells.table["cell_type"].to_numpy()
    assert set(table["space"]) == {"order", "cut", "bins"} and set(table["measure"]) == {"correlation"}
    for name in ("order", "cut", "bins"):
        for centred in (False, True):
            likeness = alike([drawn(looked, name, CHANCE, draw) for draw in range(RULES)], centred)
            other = types[:, None] != types
            same = ~other & ~np.eye(len(types), dtype=bool)
            for kind in (None, *np.unique(types)):
                of = np.ones(len(types), bool) if kind is None else types == kind
                rows = table[(table["space"] == name) & (table["centred"] == centred)]
                row = rows[rows["cell_type"].isna() if kind is None else rows["cell_type"] == kind].iloc[0]
                assert row["own"] == pytest.approx(likeness.diagonal()[of].mean(), abs=1e-6)
                within = np.mean([likeness[i][same[i]].mean() for i in np.flatnonzero(of)])
                assert row["within"] == pytest.approx(within, abs=1e-6)
                assert row["between"] == pytest.approx(
                    np.mean([likeness[i][other[i]].mean() for i in np.flatnonzero(of)]), abs=1e-6
                )
                assert row["way"] == pytest.approx((1 - row["own"]) / (1 - row["within"]))
                assert row["low"] < row["way"] < row["high"] and row["n_cells"] == of.sum()


@pytest.mark.parametrize("centred", [False, True])
def test_what_cells_and_units_move_is_what_a_brute_force_says(looked, centred):
    rules = [drawn(looked, "cut", CHANCE, draw) for draw in range(3)]
    pairs, likeness = PairMeans.of(sp.vstack(rules, "csr"), looked.cells, centred=centred), alike(rules, centred)
    types, units = looked.cells.types, looked.cells.units
    found = {"share": _way_of_all(pairs), WITHIN_TYPES: pairs.within(), BETWEEN_TYPES: pairs.between()}
    whole = of_pairs(likeness, types)
    for name, influence in found.items():
        assert influence.estimate == pytest.approx(whole[name], abs=1e-7)
        for cell in (0, 5, 20, len(types) - 1):
            step = 1e-5 * (np.arange(len(types)) == cell)
            ends = [of_pairs(likeness, types, 1 + sign * step)[name] for sign in (1, -1)]
            # a cell that is drawn twice is no pair with itself: the weight of its own square does not count
            assert influence.of_cells[cell] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-6)
        for unit in range(units.max() + 1):
            left = units != unit
            rest = of_pairs(likeness[np.ix_(left, left)], types[left])
            assert influence.without[unit] == pytest.approx(rest[name], abs=1e-7)
    for kind in range(types.max() + 1):
        of = types == kind
        part, way = likeness[np.ix_(of, of)], _way_of_type(pairs, kind, np.flatnonzero(of))
        assert way.estimate == pytest.approx(of_pairs(part, types[of])["share"], abs=1e-7)
        step = 1e-5 * (np.arange(of.sum()) == 2)
        ends = [of_pairs(part, types[of], 1 + sign * step)["share"] for sign in (1, -1)]
        assert way.of_cells[2] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-6)
        left = units[of] != 1
        assert way.without[1] == pytest.approx(of_pairs(part[np.ix_(left, left)], types[of][left])["share"], abs=1e-7)


def test_each_kind_of_rule_is_compared_with_chance(looked, found):
    table, draws = found[1], looked.asked.draws
    assert not table.duplicated(["space", "rule", "measure", "centred", "statistic"]).any()
    assert {space: set(rows["rule"]) for space, rows in table.groupby("space")} == {
        "order": {SHARED_RANK, COLUMNS, CHANCE},
        "cut": {SHARED_RANK, COLUMNS, CHANCE},
        "bins": {SHARED_RANK, CHANCE},
    }
    assert set(table[table["published"]].groupby(["space", "rule"]).groups) == {
        ("order", SHARED_RANK), ("cut", CHANCE), ("bins", CHANCE)
    }  # fmt: skip
    types = looked.cells.types
    for (name, rule, centred), rows in table.groupby(["space", "rule", "centred"]):
        each = [drawn(looked, name, rule, draw) for draw in range(draws if rule == CHANCE else 1)]
        wanted = [of_pairs(alike([vectors], centred), types) for vectors in each]
        separated = {
            (statistic, draw): score.influence.estimate
            for draw, vectors in enumerate(each)
            for _, statistic, score in scores(vectors, [Measure("correlation", centred)], looked.cells, K)
        }
        for row in rows.itertuples():
            if row.statistic in (WITHIN_TYPES, BETWEEN_TYPES):
                assert row.value == pytest.approx(np.mean([of[row.statistic] for of in wanted]), abs=1e-6)
            else:
                assert row.value == pytest.approx(np.mean([separated[row.statistic, d] for d in range(len(each))]))
            by_chance = table[
                (table["space"] == name)
                & (table["rule"] == CHANCE)
                & (table["centred"] == centred)
                & (table["statistic"] == row.statistic)
            ].iloc[0]
            assert pd.isna(row.estimate) == (rule == CHANCE) and row.draws == draws
            if rule != CHANCE:
                assert row.estimate == pytest.approx(row.value - by_chance["value"]) and row.low <= row.high
                assert row.low <= row.estimate <= row.high or row.statistic == OWN_TYPE
                assert row.draws_error == pytest.approx(by_chance["draws_error"])


def test_the_tables_have_all_columns(found):
    for table, frame in zip((TIES, TIE_RULES), found, strict=True):
        assert set(frame) == set(table.names) - {"dataset", "seed"}


def test_an_encoding_without_ties_is_the_same_under_every_rule(toy):
    counts = np.array([toy.counts[cell] for cell in toy.cells["cell_id"]])
    # all counts of a cell differ, and stand as they stood
    apart = np.where(
        counts > 0, counts * 1000 + np.random.default_rng(0).permuted(np.tile(range(160), (37, 1)), axis=1), 0
    )
    ties, rules = ties_of(looked_at(toy, apart), rules=3)
    ties, rules = (frame[frame["space"] != "bins"] for frame in (ties, rules))
    assert (ties["own"] == 1).all() and (ties[["way", "low", "high", "changed", "tied"]] == 0).all(axis=None)
    assert (rules["estimate"].dropna() == 0).all() and (rules["draws_error"] == 0).all()
    assert (rules["draws"] == 1).all()


def test_one_rule_that_is_drawn_again_by_the_same_numbers_changes_nothing(looked):
    again = [drawn(looked, "cut", CHANCE, 2) for _ in range(2)]
    pairs = PairMeans.of(sp.vstack(again, "csr"), looked.cells, centred=False)
    assert (pairs.apart == 0).all() and _way_of_all(pairs).estimate == 0
    other = PairMeans.of(sp.vstack([again[0], drawn(looked, "cut", CHANCE, 3)], "csr"), looked.cells, centred=False)
    assert (other.apart > 0).any()


def equal_counts(toy, marked=True):
    """Return cells in which all genes have one molecule, but for a gene of each type, if these are marked."""
    types = pd.factorize(toy.cells["slug"])[0]
    counts = np.ones((len(types), len(NAMES)))
    counts[np.arange(len(types)), types] = 5 if marked else 1
    return counts


def test_the_order_of_the_columns_adds_the_likeness_that_it_must(toy):
    looked = looked_at(toy, equal_counts(toy), ORDER, draws=10)
    table = ties_of(looked, rules=10)[1]
    table = table[~table["centred"]].set_index(["statistic", "rule"])
    n, panel = len(NAMES), len(looked.panels[SELECTED])
    one, other, third = (np.r_[[top], np.delete(np.arange(n), top)].argsort()[:panel] for top in (0, 1, 2))
    sizes = np.bincount(looked.cells.types)
    pairs = {(0, 1): (one, other), (0, 2): (one, third), (1, 2): (other, third)}
    weights = [sizes[a] * sizes[b] for a, b in pairs]
    by_columns = np.average([np.corrcoef(-a, -b)[0, 1] for a, b in pairs.values()], weights=weights)
    found = table.loc[(BETWEEN_TYPES, COLUMNS)]
    assert found["value"] == pytest.approx(by_columns, abs=1e-6) and by_columns > 0.99
    by_chance = table.loc[(BETWEEN_TYPES, CHANCE), "value"]
    # a top gene lies far above all others, and elsewhere in cells of other types
    draws = np.random.default_rng(0).permuted(np.tile(np.arange(n - 1.0), (2, 4000, 1)), axis=2)
    ranks = [np.insert(of, top, n - 1, axis=1)[:, :panel] for top, of in enumerate(draws)]
    simulated = np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(*ranks, strict=True)])
    assert by_chance == pytest.approx(simulated, abs=0.01) and abs(by_chance) < 0.03
    assert found["estimate"] == pytest.approx(by_columns - by_chance) and found["low"] > 0.9


def test_a_random_order_of_ties_is_no_sight(toy):
    counts = equal_counts(toy, marked=False)
    # all that cells have of their own says nothing of types
    counts[np.random.default_rng(0).random(counts.shape) < 0.05] = 2
    table = ties_of(looked_at(toy, counts, ORDER, draws=10), rules=10)[1]
    by_chance = table[(table["rule"] == CHANCE) & (table["statistic"] == AUROC)]
    assert by_chance["value"].to_numpy() == pytest.approx(0.5, abs=0.02)


def simulated(random, n_units, per_unit, of_units):
    """Return vectors of one type under three rules, and the cells: profile + unit + cell + rule."""
    n, dimensions = n_units * per_unit, 30
    profile = np.linspace(-1, 1, dimensions)
    units = np.repeat(np.arange(n_units), per_unit)
    # units differ in how much chance there is in their cells
    noise = np.exp(of_units * random.normal(size=n_units))[units][:, None]
    cell = 0.5 * random.normal(size=(n, dimensions))
    rules = [sp.csr_matrix(profile + cell + 0.3 * noise * random.normal(size=(n, dimensions))) for _ in range(3)]
    rules, names = sp.vstack(rules, "csr"), [str(i) for i in range(n)]
    table = pd.DataFrame({"cell_id": names, "cell_type": "a", "slug": "a", "batch": units.astype(str)})
    return rules, Cells(table, units)


@pytest.mark.slow
@pytest.mark.parametrize(("n_units", "per_unit", "of_units"), [(8, 10, 0.3), (2, 30, 0.0)])
def test_intervals_of_the_way_hold_the_truth_as_often_as_they_say(n_units, per_unit, of_units):
    random = np.random.default_rng(5)
    many, cells = simulated(random, 3000, 1, of_units)
    truth = _odds(_way_of_all(PairMeans.of(many, Cells(cells.table, np.zeros(3000, int)), centred=False)).estimate)
    covered = []
    for _ in range(500):
        rules, cells = simulated(random, n_units, per_unit, of_units)
        way = Statistic(
            "way", "x", None, None, np.arange(len(cells)), _way_of_all(PairMeans.of(rules, cells, centred=False))
        )
        found = resample([way], cells.types, cells.units, unit="batches", resamples=500, random=random)
        low, high = interval(_odds(found.values[:, 0]), found.freedom[0], 0.95)
        covered.append(low <= truth <= high)
    assert 0.92 <= np.mean(covered) <= 0.98


def test_cells_that_some_rule_leaves_nothing_of_are_left_out(toy):
    counts = np.array([toy.counts[cell] for cell in toy.cells["cell_id"]])
    # of so many equal counts, no selected gene is surely among the first twelve
    counts[3] = 1
    looked = looked_at(toy, counts)
    ties, rules = ties_of(looked, rules=3)
    assert (
        set(rules["n_cells"]) == {len(counts) - 1}
        and ties.loc[ties["cell_type"].isna(), "n_cells"].eq(len(counts) - 1).all()
    )
    assert np.isfinite(ties["way"]).all() and np.isfinite(rules["value"]).all()


def test_without_orders_and_bins_there_is_nothing(tmp_path):
    values = looked_at(study(tmp_path), encodings={"value": ENCODINGS["value"]})
    for frame, table in zip(ties_of(values, rules=2), (TIES, TIE_RULES), strict=True):
        assert frame.empty and set(frame) == set(table.names) - {"dataset", "seed"}
