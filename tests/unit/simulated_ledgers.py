"""Ledgers of simulated cells: of counts in which one step loses the types, and of vectors that each step changes."""

from dataclasses import asdict

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.threads import limited_threads
from rankstudy.measures.lattice.corner import Corner, Cube
from rankstudy.measures.lattice.ledgers import Walked, ledgers_of
from rankstudy.measures.lattice.shapley import Shapley
from rankstudy.measures.lattice.tables import TIES
from rankstudy.measures.lattice.walk import Lattice, score
from rankstudy.measures.settings.differences import CLAIMED, resampled_of
from rankstudy.measures.settings.draws import Drawn
from rankstudy.measures.settings.material import Material, cells_of
from rankstudy.measures.settings.scores import scores
from rankstudy.measures.settings.setting import Scored, Setting
from rankstudy.measures.settings.tables import AS_MEASURED, SELECTED
from rankstudy.pairs.likeness.measures import Measure
from rankstudy.spaces.encodings.genes import AllGenes
from rankstudy.spaces.steps import Steps
from tests.unit.simulated_settings import CENTRES, LEVEL, K, Simulated, batch_effects

CORRELATION = Measure("correlation")
EXPRESSION = Steps(total="all genes", logarithm="ln")
ORDER = Steps(scaled=True, kept="order", first=15, ties="columns")
UNSCALED = Steps(kept="order", first=15, ties="columns")
VALUES = Steps(scaled=True, logarithm="log2")
LEDGER = "encoding", "expression"

# genes of which every cell has its own counts, and those that types differ in
OTHERS, MARKERS = [f"G{i}" for i in range(24)], [f"M{i}" for i in range(48)]
EVERY = OTHERS + MARKERS
MOST = OTHERS[5:] + MARKERS
# from 0 to 1 in the same order in all types, with other distances
DISTANCES = np.linspace(0, 1, 48) ** np.array([[1.0], [0.6], [1.7]])
# in another order in each type
TURNED = np.stack([np.roll(np.linspace(0, 1, 48), shift) for shift in (0, 16, 32)])
# of what is lost where: counts of the other genes, of the markers, genes that are read, medians of the markers, steps
LOST = {
    "vocabulary": ((400, 500), 2000 * 10**TURNED, OTHERS, 1.0, ORDER),
    "scaling": ((400, 500), 2000 * 10**TURNED, MOST, 1e9, VALUES),
    "kept": ((40_000, 50_000), 1000 * 20**DISTANCES, MOST, 1.0, ORDER),
    "first": ((4000, 5000), 100 * 10**TURNED, MOST, 1.0, ORDER),
}


class Read(AllGenes):
    """Genes that an encoding reads, with their medians."""

    def __init__(self, genes, medians):
        self.genes, self.given, self.seed = genes, medians, 0

    def known_as(self, names, what):
        return [name if name in self.genes else None for name in names]

    def read(self, known):
        return self.genes

    def medians(self, genes):
        return self.given


def ledger_of_counts(lost_by, random):
    """Return the ledger of cells whose types are lost by one step, by correlation."""
    others, markers, read, of_markers, steps = LOST[lost_by]
    usual = np.random.default_rng(9).uniform(0.99, 1.01, len(read))
    medians = usual * np.where(np.isin(read, MARKERS), of_markers, 1.0)
    genes = {"file": Read(EVERY, np.ones(len(EVERY))), "known": Read(read, medians)}
    lattice = Lattice.of({"expression": declared(None, EXPRESSION), "encoding": declared("known", steps)}, [LEDGER])
    material = Material(counts_of(random, others, markers), {SELECTED: EVERY}, None, 2, 0, ())
    cells = cells_of(material, None)
    with limited_threads(1):
        found = ledger(score(material, lattice, genes, cells, K), lattice.cubes[LEDGER], cells, random)
    return found[(found["measure"] == "correlation") & ~found["centred"]]


def declared(vocabulary, steps):
    return {"vocabulary": vocabulary, "steps": asdict(steps), "order": steps.kept == "order"}


def counts_of(random, others, markers, sizes=(8,) * 5):
    """Return the counts of cells of three types; `markers` are those of each type, which a cell has up to 1 %."""
    types, batches = labels(sizes)
    own = random.uniform(*others, size=(len(types), len(OTHERS)))
    shared = markers[types] * np.exp(0.01 * random.normal(size=(len(types), len(MARKERS))))
    counts = np.round(np.hstack([own, shared]))
    names = np.array(list("abc"))[types]
    obs = {"cell_type": names, "slug": names, "batch": batches.astype(str), "n_counts": counts.sum(axis=1)}
    index = [f"c:{i:05d}" for i in range(len(types))]
    return ad.AnnData(sp.csr_matrix(counts), obs=pd.DataFrame(obs, index=index), var=pd.DataFrame(index=EVERY))


def labels(sizes):
    """Return the numbers of the types and batches of cells of three types, of each as many per batch as sizes say."""
    return np.repeat(np.arange(3), np.sum(sizes)), np.tile(np.repeat(np.arange(len(sizes)), sizes), 3)


def ledger_of_vectors(random, sizes, effects, noises, draws=1):
    """Return the ledger of an order that each step adds noise to.

    Parameters
    ----------
    random, sizes, effects
        As in `simulated_settings.simulated`.
    noises
        By step, the standard deviations of its noise before and after it is taken, which are drawn apart.
    draws
        Chance decides ties: their noise is drawn anew so many times.
    """
    types, batches = labels(sizes)
    cells = Simulated(types, batches, {}).looked_at
    cube = Cube.between(Corner.of(None, asdict(EXPRESSION)), Corner.of("known", asdict(UNSCALED)))
    at = CENTRES[types] + effects[batches, types] + np.sqrt(0.4) * random.normal(size=(len(types), 12))
    parts = {}
    for step in cube.steps:
        before, after = noises[step]
        times = draws if step == TIES else 1
        parts[step] = before * random.normal(size=at.shape), after * random.normal(size=(times, *at.shape))
    scored = {}
    with limited_threads(1):
        for taken in Shapley.of(cube.steps, cube.precedence).subsets:
            name = cube.corner(taken).name
            for draw in range(draws if TIES in taken else 1):
                moved = [
                    after[draw % len(after)] if step in taken else before for step, (before, after) in parts.items()
                ]
                for measure, statistic, one in scores((at + sum(moved)).astype(np.float32), [CORRELATION], cells, K):
                    if statistic in CLAIMED:
                        key = Scored(name, Setting(measure, SELECTED, AS_MEASURED), statistic)
                        scored.setdefault(key, Drawn()).add(one)
        return ledger(scored, cube, cells, random)


def ledger(scored, cube, cells, random, resamples=1000):
    """Return the table `ledger` of scored corners: of resampled batches, or of cells where batches are few."""
    found, draws = resampled_of(scored, cells, k=K, unit="batches", resamples=resamples, random=random)
    return ledgers_of(Walked(list(scored), found, draws, LEVEL), {LEDGER: cube})


def ledgers(sizes, *, seed, repeats, same_batches=False, **simulation):
    """Yield a ledger of vectors of each repeat; whose batches are the same ones, or drawn anew."""
    random = np.random.default_rng(seed)
    fixed = batch_effects(random, len(sizes))
    for _ in range(repeats):
        effects = fixed if same_batches else batch_effects(random, len(sizes))
        yield ledger_of_vectors(random, sizes, effects, **simulation)
