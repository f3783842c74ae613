"""Made-up ledgers: every step of several encodings in every setting, corners, and whose order the cells have."""

from itertools import product

import numpy as np
import pandas as pd

from rankstudy.measures.lattice.tables import AMONG, LATTICE, LATTICE_STEPS, LEDGER, ORDER_ORIGIN, STEPS
from rankstudy.measures.settings.tables import DEPTHS, PANELS, PARTS
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, OWN_TYPE
from rankstudy.measures.verdict import BETTER, NO_DIFFERENCE, NOT_IN_FAMILY, WORSE

# steps of a ledger: levels in the reference and in the encoding, and points that the step gains as declared
ORDER = {
    "vocabulary": ("file", "v1_dictionaries", -0.0031),
    "scaling": ("none", "v1_dictionaries", -0.0312),
    "kept": ("value", "order", 0.0204),
    "first": ("all", "2048", -0.0009),
    "ties": ("shared", "columns", -0.0102),
}
EVERY = {
    "total": ("all genes", "none", 0.0004),
    **ORDER,
    "logarithm": ("ln", "none", 0.0011),
    "form": ("rank", "logarithm", -0.0261),
}
KINDS = {
    "geneformer-v1-order": ORDER,
    "cell2sentence-100": {
        "vocabulary": ("file", "symbols", -0.0002),
        "kept": ("value", "order", 0.0204),
        "first": ("all", "100", -0.0521),
        "ties": ("shared", "chance", -0.0083),
    },
    "genept-order": {
        "vocabulary": ("file", "symbols", -0.0002),
        "kept": ("value", "order", 0.0204),
        "first": ("all", "1000", -0.0021),
        "ties": ("shared", "columns", -0.0061),
    },
    "scgpt-bins": {
        "vocabulary": ("file", "scgpt", -0.0044),
        "kept": ("value", "51 bins", -0.0123),
        "ties": ("shared", "chance", -0.0098),
    },
    "scbert-levels": {
        "total": ("all genes", "its genes", 0.0002),
        "vocabulary": ("file", "scbert", -0.0035),
        "logarithm": ("ln", "log2", 0.0),
        "kept": ("value", "5 levels", -0.0042),
    },
}
START = 0.9623
SHIFTS = {"centred": 0.03, "panel": -0.01, "depth": -0.006, "measure": 0.012}
STANDARD_ERROR = 0.002
SHARES = {None: (0.41, 0.06), 2048: (0.41, 0.06), 200: (0.11, 0.13), 100: (0.04, 0.15)}


def ledgers(dataset, pairs, cells, *, seeds=(0,), divided=(), kinds=KINDS, depths=DEPTHS):
    """Return the four tables: ledgers of pairs of encodings, and whose order the cells have in those that divide.

    `cells` has the columns `cell_id`, `cell_type`, `batch`; encodings without steps of their own get all there are.
    """
    rows = [
        row
        for seed, (place, pair) in product(seeds, enumerate(pairs))
        for row in _of_ledger(pair, kinds.get(pair[0], EVERY), depths, seed, place)
    ]
    ledger = pd.DataFrame(rows, columns=LEDGER.names[1:]).assign(dataset=dataset).astype({"k": "Int64"})
    return {
        LATTICE: _corners(dataset, ledger),
        LATTICE_STEPS: LATTICE_STEPS.empty(),
        LEDGER: ledger[LEDGER.names],
        ORDER_ORIGIN: _origin(dataset, cells, seeds, divided),
    }


def _of_ledger(pair, steps, depths, seed, place):
    is_order = steps["kept"][1] == "order"
    measures = ("correlation",) if is_order else ("correlation", "cosine")
    settings = list(product(measures, (False, True), PANELS, depths))
    shifted = {
        setting: 1 + sum(by * (setting[PARTS.index(part)] not in _USUAL) for part, by in SHIFTS.items()) * 20
        for setting in settings
    }
    ends = min(shifted.values()), max(shifted.values())
    for setting, (statistic, less) in product(settings, ((AUROC, 1.0), (OWN_TYPE, 0.7), (ACROSS, 0.8))):
        start = START - 0.02 * (setting[1] is True)
        total = sum(gain for *_, gain in steps.values()) * less * shifted[setting]
        for at, (name, (before, after, gain)) in enumerate(steps.items()):
            estimate = gain * less * shifted[setting]
            yield {
                **dict(zip(PARTS, setting, strict=True)),
                "seed": seed,
                "space": pair[0],
                "reference": pair[1],
                "step": name,
                "place": at,
                "before": before,
                "after": after,
                "statistic": statistic,
                "k": None if statistic == AUROC else 15,
                "estimate": estimate,
                "low": estimate - 2 * STANDARD_ERROR,
                "high": estimate + 2 * STANDARD_ERROR,
                "level": 0.95,
                "standard_error": STANDARD_ERROR,
                "levels": "batches",
                "binning_error": 1e-5,
                "p": 0.01,
                "p_adjusted": 0.02,
                "verdict": _verdict(estimate),
                "lowest": less * min(gain * by for by in ends),
                "highest": less * max(gain * by for by in ends),
                "value_reference": start,
                "value": start + total,
                "draws": 5 if after == "chance" else 1,
                "n_cells": 1707,
                "n_genes": 2000 - place,
            }


_USUAL = ("correlation", False, PANELS[0], DEPTHS[0])


def _verdict(estimate):
    if abs(estimate) < 2 * STANDARD_ERROR:
        return NO_DIFFERENCE
    if abs(estimate) < 2.15 * STANDARD_ERROR:
        return NOT_IN_FAMILY
    return BETTER if estimate > 0 else WORSE


def _corners(dataset, ledger):
    """Return two corners of each ledger: enough to be counted."""
    ends = ledger.drop_duplicates("space")
    frame = pd.concat([ends.assign(corner=ends[end]) for end in ("space", "reference")])
    levels = {**dict.fromkeys(STEPS, "none"), "first": pd.array([None] * len(frame), "Int64")}
    frame = frame.assign(dataset=dataset, draws_error=0.0, **levels).drop_duplicates("corner")
    return frame[LATTICE.names]


def _origin(dataset, cells, seeds, divided):
    """Return shares of pairs that depend on depth: the deeper a cell, the fewer of its counts are equal."""
    random = np.random.default_rng(0)
    depth = np.exp(random.normal(8.5, 0.6, len(cells)))
    found = []
    for seed, space, among in product(seeds, divided, AMONG):
        medians, turned = SHARES[among]
        of_medians = np.clip(medians * (5000 / depth) ** 0.2 + random.normal(0, 0.01, len(cells)), 0, 0.8)
        of_turned = np.clip(turned + random.normal(0, 0.01, len(cells)), 0, 0.15)
        frame = cells[["cell_id", "cell_type", "batch"]].assign(
            seed=seed, space=space, n_counts=depth, among=among, genes=among or 1800, by_medians=of_medians
        )
        found.append(frame.assign(turned=of_turned, undecided=0.01, by_counts=0.99 - of_medians - of_turned))
    frame = pd.concat(found, ignore_index=True) if found else ORDER_ORIGIN.empty()
    return frame.assign(dataset=dataset).astype({"among": "Int64"})[ORDER_ORIGIN.names]
