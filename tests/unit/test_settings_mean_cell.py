"""The mean cell is subtracted once: a bootstrap that recomputes everything, with the mean cell fixed and found anew."""

import numpy as np
import pytest

from tests.unit.simulated_settings import K, Simulated, batch_effects, curve, simulated

pytestmark = pytest.mark.slow
MEASURES = ("correlation", "cosine")
STATISTICS = ("AUROC", "own-type neighbours", "own-type neighbours in other batches")


def likeness(vectors, mean, measure):
    """Return how alike all cells are, the mean cell subtracted."""
    left = vectors - mean
    if measure == "correlation":
        left = left - left.mean(axis=1, keepdims=True)
    left = left / np.linalg.norm(left, axis=1, keepdims=True)
    return left @ left.T


def auroc(alike, types, weights):
    """Return the AUROC of pairs of cells that come so often."""
    i, j = np.triu_indices(len(types), 1)
    order = np.argsort(alike[i, j])
    within, weight = (types[i] == types[j])[order], weights[i, j][order]
    less = np.cumsum(np.where(within, 0, weight))
    return (less * weight)[within].sum() / (less[-1] * weight[within].sum())


def own_share(alike, types, times, copies):
    """Return the mean share of the own type among the K nearest cells; of `copies` each cell has so many of others."""
    order = np.argsort(-alike, axis=1)
    copies, own = (np.take_along_axis(of, order, axis=1) for of in (copies, types[:, None] == types))
    taken = np.diff(np.minimum(np.cumsum(copies, axis=1), K), axis=1, prepend=0)
    return np.average((taken * own).sum(axis=1) / K, weights=times)


def statistics(cells, times, by_batch, anew):
    """Return every statistic of cells that are drawn so many times: encodings x measures x 3."""
    same = cells.batches[:, None] == cells.batches
    # copies of a batch are several batches; a pair inside one comes once with each
    copies = np.where(same, 1.0, times) if by_batch else np.tile(times, (len(times), 1))
    np.fill_diagonal(copies, 0)
    found = []
    for vectors in cells.vectors.values():
        mean = np.average(vectors, axis=0, weights=times if anew else None)
        for measure in MEASURES:
            alike = likeness(vectors, mean, measure)
            found.append(
                [
                    auroc(alike, cells.types, times[:, None] * copies),
                    own_share(alike, cells.types, times, copies),
                    own_share(alike, cells.types, times, np.where(same, 0, copies)),
                ]
            )
    return np.array(found).reshape(2, len(MEASURES), 3)


def draw(cells, random, by_batch):
    """Return how often each cell is drawn: with its batch, or among the cells of its type and batch."""
    if by_batch:
        n = cells.batches.max() + 1
        return random.multinomial(n, np.full(n, 1 / n))[cells.batches].astype(float)
    stratum = cells.types * (cells.batches.max() + 1) + cells.batches
    times = np.zeros(len(stratum))
    for one in np.unique(stratum):
        at = np.flatnonzero(stratum == one)
        times[at] = random.multinomial(len(at), np.full(len(at), 1 / len(at)))
    return times


def errors(cells, random, by_batch, draws):
    """Return standard errors of both encodings and their difference, x measures x 3: found anew, and fixed."""
    found = np.empty((draws, 2, 3, len(MEASURES), 3))
    for one in found:
        times = draw(cells, random, by_batch)
        for anew in (True, False):
            both = statistics(cells, times, by_batch, anew)
            one[int(not anew)] = np.stack([*both, both[0] - both[1]])
    return found.std(axis=0, ddof=1)


def ratios(cells_of, by_batch, samples, draws):
    """Return standard errors with the mean cell found anew over those with it fixed, of both encodings and between."""
    found = []
    for seed in range(samples):
        random = np.random.default_rng(seed)
        found.append(np.square(errors(cells_of(random), random, by_batch, draws)))
    anew, fixed = np.mean(found, axis=0)
    return np.sqrt(anew / fixed)


def sample(sizes):
    """Return what draws cells of batches of these sizes, of which encoding a is the better one."""
    return lambda random: simulated(random, sizes, batch_effects(random, len(sizes)), noises=(1.0, 1.3))


def type_in_one_batch(random):
    """Return cells of which one batch of eight holds the third type, and nothing else; it is as large as the others."""
    cells = sample((56,) * 8)(random)
    number = np.arange(len(cells.types)) % 56
    kept = np.where(cells.types == 2, cells.batches == 7, (cells.batches < 7) & (number < 8))
    vectors = {name: of[kept] for name, of in cells.vectors.items()}
    return Simulated(cells.types[kept], cells.batches[kept], vectors)


def test_of_cells_within_batches_it_does_not_matter():
    np.testing.assert_allclose(ratios(sample((20,) * 3), False, samples=1, draws=100), 1, atol=0.05)


@pytest.mark.long
def test_of_batches_it_moves_standard_errors_by_less_than_a_twentieth():
    np.testing.assert_allclose(ratios(sample((8,) * 8), True, samples=10, draws=150), 1, atol=0.05)


@pytest.mark.long
def test_of_five_batches_that_holds_of_differences():
    a, b, difference = ratios(sample((12,) * 5), True, samples=10, draws=150)
    np.testing.assert_allclose(difference, 1, atol=0.05)
    # the AUROC of each encoding itself moves by more
    assert 1.02 < a[:, 0].mean() < 1.12 and np.abs(np.stack([a, b])[:, :, 1:] - 1).max() < 0.05


@pytest.mark.long
def test_where_a_batch_holds_a_whole_type_a_resample_without_it_has_another_mean_cell():
    """It lies between the other types, not beside them, which moves standard errors of the AUROC."""
    a, b, difference = ratios(type_in_one_batch, True, samples=10, draws=150)
    assert a[:, 0].min() > 1.1 and b[:, 0].min() > 1.1
    assert (difference[:, 0] > 1.05).all() and (difference[:, 0] < 1.15).all()
    np.testing.assert_allclose(difference[:, 1:], 1, atol=0.05)


@pytest.mark.long
def test_intervals_of_differences_hold_the_truth_there_too():
    """Other samples of such batches have the type, which resamples can lack: standard errors are too large."""
    random = np.random.default_rng(0)
    rows = [curve(type_in_one_batch(random), random).rows for _ in range(300)]
    estimates, low, high = (np.array([of[name] for of in rows]) for name in ("estimate", "low", "high"))
    truth = estimates.mean(axis=0)
    assert set(rows[0]["levels"]) == {"batches"}
    assert ((low <= truth) & (truth <= high)).mean(axis=0).min() >= 0.92
