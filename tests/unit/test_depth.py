"""Encodings at every depth: beside loops, beside the lattice, and where the answer is known."""

import numpy as np
import pytest
import scipy.sparse as sp

from rankstudy.cells.treatments.thin import thin
from rankstudy.measures.causes.depth import LIBRARY_SIZE, ONE_HOT, score_depths, treatments_of
from rankstudy.measures.causes.tables import CLAIMED, ORIGINAL, SAME_MEAN, THINNED
from rankstudy.measures.settings.tables import AS_MEASURED, ONE_TOTAL
from rankstudy.measures.uncertainty.tables import AUROC, OWN_TYPE, TRANSFER
from rankstudy.pairs.likeness.measures import Measure
from tests.unit import curve_toys
from tests.unit.cause_toys import looked_at, scored, value
from tests.unit.curve_toys import K, bounds, encoded, likeness
from tests.unit.helpers import write_shard_file
from tests.unit.lattice_toys import walked

CORRELATION = Measure("correlation")


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return curve_toys.study(tmp_path_factory.mktemp("depth"))


@pytest.fixture(scope="module")
def looked(toy):
    return looked_at(toy)


@pytest.fixture(scope="module")
def found(looked):
    return scored(looked)


def thinned(looked, keep, draw):
    counts = looked.material.counts
    genes = counts.var_names.tolist()
    return thin(counts.X, counts.obs_names.tolist(), genes, keep=keep, seed=0, draw=draw).toarray()


@pytest.mark.parametrize("space", ["expression", "rank"])
@pytest.mark.parametrize("measure", [CORRELATION, Measure("correlation", True)])
def test_thinned_cells_score_what_loops_find(looked, found, space, measure):
    drawn = [thinned(looked, 0.25, draw) for draw in range(3)]
    each = [bounds(likeness(encoded(space, counts, "selected"), *measure), looked.cells.table) for counts in drawn]
    for statistic in CLAIMED:
        low, high = np.mean([one[statistic] for one in each], axis=0)
        of = found[space, measure, THINNED, 0.25, statistic]
        assert len(of.estimates) == 3 and len(set(of.estimates)) > 1
        assert low - 1e-4 <= value(of) <= high + 1e-4


def test_as_measured_and_at_one_total_it_is_the_corner_of_the_lattice(toy, looked, found):
    corners = walked(toy, "beside").lattice
    corners = corners[(corners["panel"] == "selected") & (corners["measure"] == "correlation")]
    compared = 0
    for row in corners[corners["space"].isin(["expression", "rank", "levels"])].itertuples():
        keep = 1.0 if row.depth == AS_MEASURED else pytest.approx(looked.material.total / 300, abs=1)
        measure = Measure("correlation", row.centred)
        of = {k[3]: v for k, v in found.items() if k[:3] == (row.space, measure, row.depth) and k[4] == row.statistic}
        assert list(of) == [keep] and value(*of.values()) == pytest.approx(row.value, abs=1e-9)
        compared += 1
    assert compared == 3 * 2 * 2 * 3


def test_label_transfer_is_the_vote_of_the_nearest_in_other_batches(looked, found):
    cells = looked.cells.table
    types, batches = cells["slug"].to_numpy(), cells["batch"].to_numpy()
    counts = looked.material.counts.X.toarray()
    alike = likeness(encoded("expression", counts, "selected"), "correlation", False)
    right = []
    for i in range(len(types)):
        far = [j for j in np.argsort(-alike[i], kind="stable") if batches[j] != batches[i]][:K]
        votes = {kind: sum(types[far] == kind) for kind in types[far]}
        most = max(votes.values())
        right.append(next(kind for kind in types[far] if votes[kind] == most) == types[i])
    assert value(found["expression", CORRELATION, AS_MEASURED, 1.0, TRANSFER]) == pytest.approx(np.mean(right))


def test_a_cell_that_nothing_is_taken_from_finds_itself(looked, found):
    n = len(looked.cells)
    for name in looked.encoders:
        assert value(found[name, CORRELATION, AS_MEASURED, 1.0, ORIGINAL]) == 1
    sizes = np.bincount(looked.cells.types)
    assert value(found[ONE_HOT, CORRELATION, AS_MEASURED, 1.0, ORIGINAL]) == pytest.approx(len(sizes) / n)
    assert value(found[ONE_HOT, CORRELATION, THINNED, 0.25, AUROC]) == 1


def test_at_one_total_depth_tells_nothing(found):
    of_totals = {key[2]: value(of) for key, of in found.items() if key[0] == LIBRARY_SIZE and key[4] == AUROC}
    assert of_totals[ONE_TOTAL] == 0.5 and of_totals[SAME_MEAN] != 0.5


def test_what_is_thinned_to_one_mean_has_it(looked):
    treatments = {each.name: each for each in treatments_of(looked.material, [0.5])}
    assert treatments[SAME_MEAN].keep == treatments[ONE_TOTAL].keep
    mean = looked.material.counts.obs["n_counts"].mean()
    assert treatments[SAME_MEAN].keep * mean == pytest.approx(looked.material.total)


def known(folder, rows, kinds):
    """Write cells of known counts, of two types and six batches; return what is looked at."""
    of = curve_toys.study(folder)
    for shard, kind in zip(of.shards, ("t0", "t1", "t2"), strict=True):
        at = np.flatnonzero(kinds == int(kind[1]))
        ids = [f"toy:{kind}{i:03d}" for i in range(len(at))]
        batch = [f"b{i % 6}" for i in range(len(at))]
        write_shard_file(shard, rows[at].astype(float), kind, names=ids, genes=curve_toys.NAMES, batch=batch)
    return looked_at(of)


def test_types_that_differ_in_the_magnitude_of_genes_alone_are_told_by_expression_and_not_by_order(tmp_path):
    # genes that tell types never change places, however counts fall; others are the same in all
    random = np.random.default_rng(0)
    kinds = np.repeat([0, 1, 2], [14, 11, 12])
    means = np.zeros((37, curve_toys.N_GENES))
    means[:, :6] = 40 * 4.0 ** np.arange(6)[::-1]
    means[:, 0] *= np.array([1, 4, 16])[kinds]
    means[:, 6:60] = 0.5
    found = scored(known(tmp_path, random.poisson(means), kinds), [0.5])
    for treatment, keep in ((AS_MEASURED, 1.0), (THINNED, 0.5)):
        assert value(found["rank", CORRELATION, treatment, keep, AUROC]) == pytest.approx(0.5, abs=0.03)
        assert value(found["expression", CORRELATION, treatment, keep, AUROC]) == 1


def test_types_that_differ_in_order_alone_are_told_by_it_at_one_total(tmp_path):
    # the same counts in another order: the values of a cell, and its total, tell nothing
    random = np.random.default_rng(0)
    kinds = np.repeat([0, 1, 2], [14, 11, 12])
    rows = np.zeros((37, curve_toys.N_GENES))
    for cell, kind in enumerate(kinds):
        weights = np.r_[np.roll(np.arange(1, 31), 10 * kind), np.full(30, 0.02)]
        rows[cell, :60] = random.multinomial(4000, weights / weights.sum())
    found = scored(known(tmp_path, rows, kinds), [0.5])
    assert value(found[LIBRARY_SIZE, Measure("euclidean"), AS_MEASURED, 1.0, AUROC]) == 0.5
    (order,) = [of for key, of in found.items() if key[:3] == ("rank", CORRELATION, ONE_TOTAL) and key[4] == OWN_TYPE]
    assert value(order) == 1


def test_a_cell_without_a_vector_at_some_depth_is_noticed(toy):
    looked = looked_at(toy)
    counts = looked.material.counts
    # one molecule of a selected gene among many of others: thinned away in some draw
    row = np.zeros(counts.n_vars)
    row[0], row[100:110] = 1, 40
    counts.X = sp.csr_matrix(np.vstack([row, counts.X.toarray()[1:]]))
    counts.obs["n_counts"] = np.asarray(counts.X.sum(axis=1)).ravel()
    _, defined = score_depths(looked, treatments_of(looked.material, [0.5, 0.1]))
    assert not defined[0] and defined[1:].sum() >= len(defined) - 3
