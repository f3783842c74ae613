"""Cells of donors in two states, of which the answer is known: `python -m tests.unit.state_toys` says what holds."""

import sys

import numpy as np
import pandas as pd

from rankstudy.measures.states.estimates import told
from rankstudy.measures.states.groups import groups_of
from rankstudy.measures.states.tables import STATISTICS
from rankstudy.measures.uncertainty.tables import AUROC

DIMENSIONS = 6


def toy(donors, *, effect, within=False, cells=12, seed=0, of_donor=0.8):
    """Return cells (donor, state) and vectors: donors differ, and states by `effect` in each dimension.

    `donors` per state, or of all where each has both states.
    """
    random = np.random.default_rng(seed)
    n = donors if within else 2 * donors
    rows, vectors = [], []
    for donor in range(n):
        centre = random.normal(0, of_donor, DIMENSIONS)
        for state in (0, 1) if within else (donor % 2,):
            own = random.normal(0, of_donor / 2, DIMENSIONS) if within else 0.0
            rows += [(f"donor {donor:03d}", "treated" if state else "control")] * cells
            vectors.append(centre + own + state * effect + random.normal(size=(cells, DIMENSIONS)))
    return pd.DataFrame(rows, columns=["donor", "state"]), np.concatenate(vectors)


def likeness_of(vectors):
    squares = (vectors**2).sum(axis=1)
    return -np.sqrt(np.maximum(squares[:, None] + squares[None] - 2 * vectors @ vectors.T, 0))


def told_of(cells, vectors, *, relabellings=200, seed=0, neighbours=5):
    groups, held, reason = groups_of(cells)
    assert not reason, reason
    relabelled = groups.relabelled(relabellings, np.random.default_rng(seed))
    return told(
        likeness_of(vectors[held]),
        vectors[held],
        groups,
        neighbours=neighbours,
        relabelled=relabelled,
        exact=groups.are_few(relabellings),
    )


def truth(effect, within, repeats=20):
    """Return what each statistic is of very many donors."""
    found = [told_of(*toy(60, effect=effect, within=within, seed=10_000 + i), relabellings=1) for i in range(repeats)]
    return {name: np.mean([each[name].estimate for each in found]) for name in STATISTICS}


def coverage(donors, *, effect, within, repeats, true):
    """Return, per statistic, the share of intervals that hold the truth, and of p-values at most 0.05."""
    held, found = dict.fromkeys(STATISTICS, 0), dict.fromkeys(STATISTICS, 0)
    for seed in range(repeats):
        for name, each in told_of(*toy(donors, effect=effect, within=within, seed=seed), seed=seed).items():
            low, high = each.interval(0.95, share=name == AUROC)
            held[name] += low <= true[name] <= high
            found[name] += each.p <= 0.05
    return {name: (held[name] / repeats, found[name] / repeats) for name in STATISTICS}


if __name__ == "__main__":
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    for within, sizes in ((False, (5, 8, 12)), (True, (6, 8, 12))):
        for effect in (0.0, 0.4, 0.8):
            true = truth(effect, within)
            for donors in sizes:
                shown = coverage(donors, effect=effect, within=within, repeats=repeats, true=true)
                words = ", ".join(f"{name} {a:.3f} held {b:.3f} found" for name, (a, b) in shown.items())
                print(f"within={within} effect={effect} donors={donors}: {words}", flush=True)
