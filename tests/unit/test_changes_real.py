"""Changes of one gene in sorted blood cells: equal to encoding again, and as an independent prototype had them."""

import numpy as np
import pytest

from rankstudy.measures.changes.anew import Encoding
from rankstudy.measures.changes.drawn import Changed, Drawn
from rankstudy.measures.changes.movements import moved
from rankstudy.measures.changes.outcomes import by_rule
from rankstudy.measures.changes.read import ReadCells
from rankstudy.measures.changes.tables import CHANGES
from tests.unit.pbmc_changes import CELLS, SPACES, looked_at, read_cells, vocabularies
from tests.unit.test_geneformer_real import contents, convert_real

pytestmark = pytest.mark.slow
OF_EACH = 50


@pytest.fixture(scope="module")
def pbmc(shared_file, tmp_path_factory):
    data = read_cells(shared_file(CELLS), OF_EACH)
    v1 = convert_real(tmp_path_factory.mktemp("v1"), contents("V1"), "V1")
    return looked_at(data, vocabularies(data, shared_file, v1))


@pytest.fixture(scope="module")
def drawn(pbmc):
    return Drawn.of(pbmc.material.counts, 5, 0)


@pytest.fixture(scope="module")
def found(pbmc, drawn):
    """Return a function that returns what all changes do to an encoding, and its bands."""
    made = {}

    def of(name):
        if name not in made:
            made[name] = by_rule(pbmc, name, drawn)
        return made[name]

    return of


@pytest.mark.parametrize("name", sorted(SPACES))
def test_two_hundred_changes_are_what_encoding_again_says(pbmc, drawn, found, name):
    which = np.sort(np.random.default_rng(1).choice(len(drawn.cell), 200, replace=False))
    again, outcomes = moved(Encoding(pbmc, name), Changed(drawn, which)), found(name)[0]
    np.testing.assert_array_equal(outcomes.first_blind[which], again.moves.blind)
    np.testing.assert_array_equal(outcomes.first_displaced[which], again.moves.displaced)


def shares(drawn, which, blind):
    """Return the share of some changes of each cell to which an encoding is blind."""
    return np.bincount(drawn.cell[which], blind) / np.bincount(drawn.cell[which])


# halved, doubled, removed; the prototype halved counts of 1 too, to half a molecule, which is no count
SHARES = {
    "geneformer-v1-order": (0.024, 0.024, 0.022),
    "cell2sentence-100": (0.816, 0.634, 0.815),
    "scgpt-bins": (0.067, 0.075, 0.066),
    "scbert-levels": (0.295, 0.295, None),  # by the list of scFoundation, whose genes are a few more
    "scfoundation-values": (0.084, 0.084, 0.084),
    "detection": (1, 1, 0),
    "rank": (0, 0, 0),
}


@pytest.mark.parametrize("name", sorted(SHARES))
def test_shares_of_blind_changes_are_those_of_a_prototype(pbmc, drawn, found, name):
    removed, doubled = drawn.removals, np.flatnonzero(drawn.change == CHANGES.index("x2"))
    of = (column[removed] for column in (drawn.cell, drawn.gene, drawn.position, drawn.change, drawn.before))
    halved = Drawn(drawn.counts, 0, *of, drawn.before[removed] / 2)
    outcomes = found(name)[0]
    each = (
        shares(drawn, removed, by_rule(pbmc, name, halved)[0].blind),
        shares(drawn, doubled, outcomes.blind[doubled]),
        shares(drawn, removed, outcomes.blind[removed]),
    )
    for share, expected in zip(each, SHARES[name], strict=True):
        if expected is not None:
            # other cells were drawn: means of 500 cells differ by about so much
            assert share.mean() == pytest.approx(expected, abs=0.003 + 3 * share.std() / np.sqrt(len(share)))


# of the gene of the highest value: quantiles of 5, 25, 50, 75 and 95 %
FALLS = {
    "geneformer-v1-order": [0.009, 0.050, 0.125, 0.274, 0.559],
    "scgpt-bins": [0.000, 0.067, 0.166, 0.351, 0.576],
    "cell2sentence-100": [0.000, 0.067, 0.166, 0.351, 0.576],
    "scbert-levels": [0.268, 0.837, 0.865, 0.885, 0.907],
}
RISES = {"scbert-levels": [0.214, 1.20, 3.37, 6.14, 12.1]}


@pytest.mark.parametrize("name", sorted(FALLS))
def test_bands_of_the_highest_gene_are_those_of_a_prototype(pbmc, name):
    falls, rises = [], []
    for _, rule in ReadCells(pbmc, pbmc.corners[name], pbmc.material.counts, None, 10):
        low, high = rule.bands()
        top = np.argmax(rule.cell.counts / rule.cell.medians)
        falls.append(1 - low[top] / rule.cell.counts[top])
        rises.append(high[top] / rule.cell.counts[top] - 1)
    quantiles = [0.05, 0.25, 0.5, 0.75, 0.95]
    assert np.quantile(falls, quantiles) == pytest.approx(FALLS[name], abs=0.03)
    if name in RISES:
        assert np.quantile(rises, quantiles) == pytest.approx(RISES[name], rel=0.15)
    else:
        # of the others it may rise without end, where it is not tied
        assert np.isinf(rises).mean() > 0.9
