"""Twins: their statistics beside loops, controls whose answer is known, and what intervals hold."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from rankstudy.core.threads import limited_threads
from rankstudy.measures.causes.reliability import Deviations, predicted
from rankstudy.measures.causes.tables import FOUND, HALF, QUARTER, RELIABILITY
from rankstudy.measures.causes.twins import (
    CORRELATION,
    Twins,
    have_twins,
    score_twins,
    scores_of_twins,
    twin_vectors,
    twins_of,
)
from rankstudy.measures.settings.scores import Cells
from rankstudy.measures.uncertainty.tables import AGREEMENT
from rankstudy.spaces.steps import Steps
from tests.unit import curve_toys
from tests.unit.cause_toys import looked_at
from tests.unit.curve_toys import K
from tests.unit.lattice_toys import ENCODINGS, encoding


def raw(cells):
    """Return the counts as they are: cells x genes."""
    return cells.counts.astype(np.float32)


K_DRAWN = 10
COUNTS = {"counts": encoding("tests.unit.test_twins:raw", Steps(), "file", order=False)}


@pytest.fixture(scope="module")
def looked(tmp_path_factory):
    return looked_at(curve_toys.study(tmp_path_factory.mktemp("twins")), encodings=ENCODINGS | COUNTS)


@pytest.fixture(scope="module")
def tables(looked):
    return SimpleNamespace(**dict(zip(("twins", "reliabilities"), twins_of(score_twins(looked), looked), strict=True)))


def test_halves_add_up_to_the_cell_and_quarters_are_parts_of_them(looked):
    whole = looked.material.counts.X
    halves, quarters = (
        next((first, second) for name, _, first, second in twin_vectors(looked, share) if name == "counts")
        for share in (HALF, QUARTER)
    )
    selected = whole[:, list(curve_toys.SELECTED_GENES)].toarray()
    assert np.array_equal((halves[0] + halves[1]).toarray(), selected)
    for half, quarter in zip(halves, quarters, strict=True):
        assert (quarter.toarray() <= half.toarray()).all() and quarter.sum() < half.sum()
    assert have_twins(looked).all()


def test_reliability_is_the_correlation_of_what_twins_have_beside_their_types(looked, tables):
    rows = tables.twins[(tables.twins["statistic"] == RELIABILITY) & (tables.twins["keep"] == HALF)]
    of = {name: (first, second) for name, _, first, second in twin_vectors(looked, HALF)}
    types = looked.cells.types
    for name in ENCODINGS:
        both = []
        for vectors in of[name]:
            dense = vectors.toarray().astype(float)
            dense -= dense.mean(axis=1, keepdims=True)
            dense /= np.linalg.norm(dense, axis=1, keepdims=True)
            both.append(np.concatenate([dense[types == t] - dense[types == t].mean(axis=0) for t in range(3)]))
        of_space = rows[rows["space"] == name]
        values = of_space.set_index(of_space["cell_type"].fillna("all"))["value"]
        a, b = (part.ravel() for part in both)
        assert values["all"] == pytest.approx(a @ b / np.sqrt(a @ a * (b @ b)), abs=1e-5)
        a, b = (part[: (types == 0).sum()].ravel() for part in both)
        assert values[looked.cells.table["cell_type"].iloc[0]] == pytest.approx(
            a @ b / np.sqrt(a @ a * (b @ b)), abs=1e-5
        )


def some_deviations(seed=0, n=60):
    random = np.random.default_rng(seed)
    types, units = np.repeat([0, 1], n // 2), np.tile(np.arange(6), n // 6)
    signal = random.normal(size=(n, 8)) + random.normal(size=(6, 8))[units] + random.normal(size=(2, 8))[types]
    return [signal + random.normal(size=signal.shape) for _ in range(2)], types, units


@pytest.mark.parametrize("kind", [None, 1])
def test_what_a_batch_moves_of_a_reliability_is_what_leaving_it_out_does(kind):
    (first, second), types, units = some_deviations()
    found = Deviations.of(first, second, types, units, 6).correlation(kind)
    for unit in range(6):
        left = units != unit
        without = Deviations.of(first[left], second[left], types[left], units[left], 6).correlation(kind)
        assert found.without[unit] == pytest.approx(without.estimate)


def test_what_a_cell_moves_of_a_reliability_is_its_derivative():
    (first, second), types, units = some_deviations()
    found = Deviations.of(first, second, types, units, 6).correlation(None)
    for cell in (0, 17, 59):
        # the same cell once more, in many copies of all of them: a small change of its weight
        again = np.r_[np.tile(np.arange(60), 200), cell]
        more = Deviations.of(first[again], second[again], types[again], units[again], 6).correlation(None)
        assert (more.estimate - found.estimate) * 200 == pytest.approx(found.of_cells[cell], rel=0.05, abs=1e-5)


def test_controls_come_out_as_they_must(looked, tables):
    n, types = len(looked.cells), looked.cells.types
    rows = tables.twins[tables.twins["cell_type"].isna() & ~tables.twins["centred"]]
    of = rows[rows["measure"] != "cosine"].set_index(["space", "statistic", "keep"])["value"].sort_index()
    sizes = np.bincount(types)[types]
    # a label finds a cell's twin by chance among its type, and agrees on neighbours by chance
    assert of["one-hot", FOUND, HALF] == pytest.approx((1 / sizes).mean())
    assert of["one-hot", AGREEMENT, HALF] == pytest.approx((K / (sizes - 1)).mean())
    assert ("one-hot", RELIABILITY, HALF) not in of.index
    # depth alone: better than chance, since a cell with many molecules has two twins with many
    assert 1 / n < of["library-size", FOUND, HALF] < of["expression", FOUND, HALF]
    assert set(tables.twins.loc[tables.twins["statistic"] == FOUND, "chance"]) == {1 / n}


def test_full_depth_is_predicted_only_where_quarters_predict_halves():
    assert predicted(0.5) == pytest.approx(2 / 3) and predicted(1.0) == 1 and predicted(0.0) == 0
    random = np.random.default_rng(0)
    whole = random.poisson(random.gamma(1.5, 10.0, (400, 80)))
    parts = {}
    for share in (HALF, QUARTER):
        first = random.binomial(whole, share)
        parts[share] = [first, random.binomial(whole - first, share / (1 - share))]
    # of counts it holds by theory: twice the molecules have twice the signal to the same noise
    twins, rows = tables_of({share: [np.float32(part) for part in both] for share, both in parts.items()}, 100, 4)
    values = twins[twins["cell_type"].isna()].pivot(index="statistic", columns="keep", values="value")
    assert (values[QUARTER] <= values[HALF]).all() and len(values) == 3
    assert rows["holds"].item() and abs(rows["apart"].item()) < 0.02
    assert rows["full"].item() == pytest.approx(predicted(rows["half"].item()))
    assert rows["full_low"].item() < rows["full"].item() < rows["full_high"].item()
    # what was seen at all is no sum of molecules: it saturates
    rows = tables_of({share: [np.float32(part > 5) for part in both] for share, both in parts.items()}, 100, 4)[1]
    assert not rows["holds"].item() and np.isnan(rows["full"].item())


def tables_of(vectors, of_type, n_batches, random=None):
    """Return both tables of twins with these vectors, so many cells of each type."""
    n = len(vectors[HALF][0])
    types, batches = np.arange(n) // of_type, np.arange(n) % n_batches
    cells = Cells(pd.DataFrame({"cell_type": types, "slug": types, "batch": batches}).astype(str), batches)
    scored = {
        Twins("drawn", share, *key): of
        for share, both in vectors.items()
        for key, of in scores_of_twins(cells, *both, [CORRELATION], K_DRAWN)
    }
    random = np.random.default_rng(0) if random is None else random
    asked = SimpleNamespace(neighbours=K_DRAWN, unit="batches", resamples=300, random=random, level=0.95)
    return twins_of(scored, SimpleNamespace(asked=asked, cells=cells))


@pytest.mark.slow
@pytest.mark.parametrize("batches", [8, 1], ids=["eight", "within"])
def test_intervals_of_twins_hold_the_truth_as_often_as_they_say(batches):
    """500 samples of cells, each measured twice, in halves and in quarters; the truth is the mean over samples."""
    with limited_threads(1):
        found = [sampled_twins(np.random.default_rng([7, batches, k]), batches) for k in range(500)]
    covered = {}
    for at in found[0]:
        values, lows, highs = np.array([of[at] for of in found]).T
        covered[at] = np.mean((lows <= values.mean()) & (values.mean() <= highs))
    assert all(0.92 <= share <= 0.98 for share in covered.values()), covered


def sampled_twins(random, n_batches, n=96, genes=12):
    """Return estimate and ends of every statistic of twins of cells that are drawn anew, with their batches."""
    types, batches = np.arange(n) // (n // 2), np.arange(n) % n_batches
    means = np.random.default_rng(0).gamma(4, 1.0, (2, genes))[types] + 3
    own = random.normal(0, 0.8, (n, genes)) + random.normal(0, 0.5, (n_batches, genes))[batches] * (n_batches > 1)
    noise = {share: np.sqrt(1 / share) for share in (HALF, QUARTER)}
    vectors = {
        share: [(means + own + random.normal(0, sd, own.shape)).astype(np.float32) for _ in range(2)]
        for share, sd in noise.items()
    }
    twins, reliabilities = tables_of(vectors, n // 2, n_batches, random)
    whole = twins[twins["cell_type"].isna()]
    rows = {(row.statistic, row.keep): (row.value, row.low, row.high) for row in whole.itertuples()}
    (row,) = reliabilities.itertuples()
    return rows | {("apart", HALF): (row.apart, row.apart_low, row.apart_high)}
