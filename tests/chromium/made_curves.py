"""Made-up specification curves: a full factorial of settings for each pair, and the tables that follow from it."""

from itertools import product

import numpy as np
import pandas as pd

from rankstudy.measures.settings.tables import (
    AS_MEASURED,
    CURVE_CELLS,
    CURVE_OMISSIONS,
    CURVES,
    DECIDERS,
    DEPTHS,
    ONE_TOTAL,
    PANELS,
    PARTS,
    SPECIFICATIONS,
)
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, BATCH_DRIVEN, OWN_TYPE
from rankstudy.measures.verdict import BETTER, NO_DIFFERENCE, NOT_IN_FAMILY, WORSE

CLAIMED = {"order": ("correlation",), "values": ("correlation", "cosine")}
SHIFTS = {"centred": -0.06, "panel": 0.02, "depth": 0.01, "measure": 0.015}
STANDARD_ERROR = 0.01


def specification_curves(dataset, pairs, *, orders=(), seeds=(0,), depths=DEPTHS):
    """Return the five tables: every pair is better not centred and worse centred, the later ones less and less so."""
    rows = [
        row
        for seed, (place, pair) in product(seeds, enumerate(pairs))
        for row in _of_pair(pair, place, set(pair) & set(orders), depths, seed)
    ]
    frame = pd.DataFrame(rows, columns=SPECIFICATIONS.names[1:]).assign(dataset=dataset).astype({"k": "Int64"})
    omitted = [] if ONE_TOTAL in depths else [{"part": "depth", "what": ONE_TOTAL, "reason": "values are no counts"}]
    cells = {"compared": 2000, "drawn": 1800, "below_total": 90, "undefined": 3, "cells": 1707, "total": 1234}
    tables = {
        SPECIFICATIONS: frame,
        CURVES: _curves(frame),
        DECIDERS: _deciders(frame),
        CURVE_CELLS: pd.DataFrame([{"seed": seed, **cells} for seed in seeds]).assign(dataset=dataset),
        CURVE_OMISSIONS: pd.DataFrame(
            [{"dataset": dataset, "seed": seed, **of} for seed in seeds for of in omitted],
            columns=CURVE_OMISSIONS.names,
        ),
    }
    if ONE_TOTAL not in depths:
        tables[CURVE_CELLS] = tables[CURVE_CELLS].assign(total=pd.array([None] * len(seeds), "Int64"))
    return {table: found[table.names] for table, found in tables.items()}


def _of_pair(pair, place, is_order, depths, seed):
    claimed = CLAIMED["order" if is_order else "values"]
    random = np.random.default_rng([0, place])
    settings = product(("correlation", "cosine", "euclidean"), (False, True), PANELS, depths)
    for setting, statistic in product(settings, (AUROC, OWN_TYPE, ACROSS, BATCH_DRIVEN)):
        parts = dict(zip(PARTS, setting, strict=True))
        shift = sum(SHIFTS[part] for part in PARTS if parts[part] in (True, "cosine", PANELS[1], DEPTHS[1]))
        estimate = 0.03 + shift / (1 + place) + 0.004 * random.standard_normal()
        claim = statistic != BATCH_DRIVEN and parts["measure"] in claimed
        value = 0.9 - 0.01 * place
        yield {
            **parts,
            "seed": seed,
            "space": pair[0],
            "reference": pair[1],
            "statistic": statistic,
            "k": None if statistic == AUROC else 15,
            "value": value + estimate,
            "value_reference": value,
            "estimate": estimate,
            "low": estimate - 2 * STANDARD_ERROR,
            "high": estimate + 2 * STANDARD_ERROR,
            "level": 0.95,
            "standard_error": STANDARD_ERROR,
            "levels": "batches",
            "draws": 5 if parts["depth"] == ONE_TOTAL else 1,
            "draws_error": 0.001 if parts["depth"] == ONE_TOTAL else 0.0,
            "binning_error": 1e-4,
            "p": 0.03,
            "p_adjusted": 0.04 if claim else None,
            "claim": claim,
            "verdict": _verdict(estimate),
            "n_cells": 1707,
            "n_genes": 2000 if parts["panel"] == PANELS[0] else 812,
        }


def _verdict(estimate):
    if abs(estimate) < 2 * STANDARD_ERROR:
        return NO_DIFFERENCE
    if abs(estimate) < 2.2 * STANDARD_ERROR:
        return NOT_IN_FAMILY
    return BETTER if estimate > 0 else WORSE


def _curves(specifications):
    claimed = specifications[specifications["claim"]]
    keys = ["dataset", "seed", "space", "reference"]
    rows = []
    for by in (keys, [*keys, "statistic"]):
        for of, group in claimed.groupby(by, sort=False):
            better, worse = ((group["verdict"] == word).sum() for word in (BETTER, WORSE))
            n = len(group)
            counts = {"settings": n, "better": better, "worse": worse, "open": n - better - worse}
            ends = {"least": better, "most": n - worse, "lowest": group["estimate"].min()}
            rows.append({**dict(zip(by, of, strict=True)), **counts, **ends, "highest": group["estimate"].max()})
    return pd.DataFrame(rows).assign(level=0.95).reindex(columns=CURVES.names)


def _deciders(specifications):
    claimed = specifications[specifications["claim"]]
    rows = []
    for of, group in claimed.groupby(["dataset", "seed", "space", "reference", "statistic"], sort=False):
        found = dict(zip(["dataset", "seed", "space", "reference", "statistic"], of, strict=True))
        for part in PARTS:
            if group[part].nunique() == 2:
                k = None if found["statistic"] == AUROC else 15
                rows.append({**found, "k": k, "part": part, **_decider(group, part)})
    return pd.DataFrame(rows).astype({"k": "Int64"}).reindex(columns=DECIDERS.names)


def _decider(group, part):
    others = [other for other in PARTS if other != part]
    one, two = (rows.set_index(others) for _, rows in group.groupby(part))
    verdicts = pd.concat([one["verdict"], two["verdict"]], axis=1, keys=["one", "two"])
    far = (one["estimate"] - two["estimate"]).abs() > 4 * STANDARD_ERROR
    changed = verdicts["one"] != verdicts["two"]
    turned = verdicts.apply(lambda row: {row["one"], row["two"]} == {BETTER, WORSE}, axis=1)
    share = min(SHIFTS[part] ** 2 / 0.005, 0.9)
    ends = {
        f"{kind}_{end}": share + by for kind in ("first_order", "total") for end, by in (("low", -0.01), ("high", 0.05))
    }
    return {
        "settings": len(group),
        "spread": group["estimate"].std(),
        "first_order": share,
        "total": share,
        **ends,
        "level": 0.95,
        "flips": len(one),
        "changed": changed.sum(),
        "turned": turned.sum(),
        "beyond": (changed & far).sum(),
        "decides": bool((changed & far).any()),
    }


ONE_DEPTH = (AS_MEASURED,)
