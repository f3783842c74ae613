"""Made-up causes: encodings by depth, twins, ties, and changes of one gene, as their tables hold them."""

from itertools import product

import numpy as np
import pandas as pd

from rankstudy.measures.causes.tables import (
    AGREEMENT,
    AS_MEASURED,
    BETWEEN_TYPES,
    CAUSE_CELLS,
    CONTROLS,
    DEPTH_DIFFERENCES,
    DEPTHS,
    FOUND,
    LIBRARY_SIZE,
    ONE_HOT,
    ONE_TOTAL,
    ORIGINAL,
    RECONSTRUCTIONS,
    RELIABILITIES,
    RELIABILITY,
    RULES,
    SAME_MEAN,
    THINNED,
    TIE_RULES,
    TIES,
    TRANSFER,
    TWINS,
    WITHIN_TYPES,
)
from rankstudy.measures.changes.tables import (
    ADDED,
    ANYWHERE,
    BLIND_BANDS,
    BY_RULE,
    CHANGES,
    COUNTERFACTUALS,
    MOVEMENTS,
    PLACES,
    UNDETECTED,
    UNSEEN_CELL,
    UNSEEN_CHANGE,
    VISIBILITY,
)
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, OWN_TYPE
from rankstudy.measures.verdict import BETTER, NO_DIFFERENCE, WORSE

DEEP = {AS_MEASURED: [1.0], THINNED: [0.5, 0.25, 0.1, 0.05], ONE_TOTAL: [0.4], SAME_MEAN: [0.4]}
STATISTICS = {AUROC: 0.96, OWN_TYPE: 0.94, ACROSS: 0.9, TRANSFER: 0.93, ORIGINAL: 0.98}
HALF_WIDTH, N_CELLS = 0.01, 773
SETTINGS = [
    {"measure": measure, "centred": centred} for measure in ("correlation", "cosine") for centred in (False, True)
]
FINE = {"levels": "batches", "level": 0.95}


def lost(place, keep):
    """Return what an encoding loses at a depth: later encodings lose less of it, and start lower."""
    return 0.12 * np.log10(1 / keep) / (1 + place / 2)


def causes(dataset, encodings, reference, types, *, seeds=(0,)):
    """Return all tables of causes and of changes of encodings, which are compared with one of them."""
    made = {
        **_of_depth(encodings, reference),
        **_of_twins([*encodings, *CONTROLS], [None, *types]),
        **_of_ties(encodings, [None, *types]),
        **_of_changes(encodings, types),
    }
    made[CAUSE_CELLS] = [
        {"compared": 813, "drawn": 813, "below_total": 40, "undefined": 0, "cells": N_CELLS, "total": 1881}
    ]
    return {table: _frame(table, rows, dataset, seeds) for table, rows in made.items()}


def _frame(table, rows, dataset, seeds):
    frame = pd.DataFrame(rows).reindex(columns=table.names)
    frame = pd.concat([frame.assign(seed=seed) for seed in seeds], ignore_index=True).assign(dataset=dataset)
    if "k" in frame:
        frame["k"] = frame["k"].astype("Int64")
    return frame.sort_values([key for key in table.key if key != "cell_type"], ignore_index=True)


def _k(statistic):
    return 15 if statistic in (OWN_TYPE, ACROSS, TRANSFER, AGREEMENT) else None


def _treated():
    return [{"treatment": treatment, "keep": keep} for treatment, keeps in DEEP.items() for keep in keeps]


def _ends(value):
    return {"low": value - HALF_WIDTH, "high": value + HALF_WIDTH, "standard_error": HALF_WIDTH / 2}


def _of_depth(encodings, reference):
    depths = []
    for (place, name), treated, setting, (statistic, top) in product(
        enumerate([*encodings, *CONTROLS]), _treated(), _settings_of(encodings), STATISTICS.items()
    ):
        if statistic == ORIGINAL and treated["treatment"] == AS_MEASURED:
            continue
        if name in CONTROLS and setting != SETTINGS[0]:
            continue
        value = top - 0.005 * place - lost(place, treated["keep"]) - 0.02 * setting["centred"]
        value = {LIBRARY_SIZE: 0.55, ONE_HOT: 0.999}.get(name, value)
        of_control = {LIBRARY_SIZE: {"measure": "euclidean"}}.get(name, {})
        depths.append(
            {
                "space": name, **setting, **of_control, **treated, "statistic": statistic, "k": _k(statistic),
                "value": value, **_ends(value), **FINE, "draws": 5 if "one" in treated["treatment"] else 1,
                "draws_error": 0.0, "binning_error": 1e-5, "total": 5000 * treated["keep"], "n_cells": N_CELLS,
            }
        )  # fmt: skip
    of = {_key(row): row for row in depths}
    compared = [row for row in depths if row["statistic"] in (AUROC, OWN_TYPE, ACROSS)]
    compared = [row for row in compared if row["space"] not in (reference, *CONTROLS)]
    return {DEPTHS: depths, DEPTH_DIFFERENCES: [_less(row, of[_key(row, reference)]) for row in compared]}


def _settings_of(encodings):
    return SETTINGS if len(encodings) < 9 else SETTINGS[:1]


def _key(row, space=None):
    return (space or row["space"], *(row[name] for name in ("measure", "centred", "treatment", "keep", "statistic")))


def _less(row, against):
    estimate = row["value"] - against["value"]
    is_open = abs(estimate) < HALF_WIDTH
    verdict = NO_DIFFERENCE if is_open else BETTER if estimate > 0 else WORSE
    of_pair = {"reference": against["space"], "value_reference": against["value"], "estimate": estimate}
    return {**row, **of_pair, **_ends(estimate), "p": 0.5 if is_open else 0.001, "p_adjusted": 0.01, "verdict": verdict}


def _of_twins(spaces, types):
    twins, reliabilities = [], []
    for place, name in enumerate(spaces):
        is_control = name in CONTROLS
        values = {FOUND: 0.97 - 0.07 * place, AGREEMENT: 0.6 - 0.03 * place, RELIABILITY: 0.5 - 0.02 * place}
        for (statistic, value), keep, of in product(values.items(), (0.5, 0.25), types):
            if is_control and statistic == RELIABILITY:
                continue
            value = 1 / N_CELLS if is_control else value * (0.6 + 0.8 * keep)
            setting = {**SETTINGS[0], **({"measure": "euclidean"} if name == LIBRARY_SIZE else {})}
            twins.append(
                {
                    "space": name, "cell_type": of, **setting, "keep": keep, "statistic": statistic,
                    "k": _k(statistic), "value": value, **_ends(value), **FINE, "chance": 1 / N_CELLS,
                    "n_cells": N_CELLS,
                }
            )  # fmt: skip
        if not is_control:
            reliabilities.append(_reliability(name, quarter=0.3 - 0.02 * place, holds=place % 3 != 2))
    return {TWINS: twins, RELIABILITIES: reliabilities}


def _reliability(name, quarter, holds):
    predicted = 2 * quarter / (1 + quarter)
    half = predicted + (0.001 if holds else 0.09)
    full = 2 * half / (1 + half) if holds else None
    ends = {"full_low": full - 0.01, "full_high": full + 0.01} if holds else {}
    return {
        "space": name, "quarter": quarter, "half": half, "predicted": predicted, "apart": predicted - half,
        "apart_low": predicted - half - 0.004, "apart_high": predicted - half + 0.004, "tolerance": 0.02,
        "holds": holds, "full": full, **ends, **FINE, "n_cells": N_CELLS,
    }  # fmt: skip


def _of_ties(encodings, types):
    ties, rules, reconstructions = [], [], []
    for (place, name), of in product(enumerate(encodings), types):
        own, within = 1 - 0.01 * place, 0.6
        ties.append(
            {
                "space": name, "cell_type": of, **SETTINGS[0], "rules": 10, "own": own, "within": within,
                "between": 0.4, "way": (1 - own) / (1 - within), "low": 0.0, "high": 0.3, **FINE,
                "changed": 0.07 * place, "tied": 0.95, "n_cells": N_CELLS,
            }
        )  # fmt: skip
        for what, among in product(("cells", "genes"), ("all", "listed")):
            r2 = 0.8 - 0.03 * place - 0.3 * (what == "genes")
            reconstructions.append(
                {
                    "space": name, "cell_type": of, "of": what, "among": among, "r2": r2, "q05": r2 - 0.1,
                    "q95": r2 + 0.1, "r2_mean": r2 - 0.2, "gain": 0.2, "low": r2 - 0.01, "high": r2 + 0.01, **FINE,
                    "n": N_CELLS,
                }
            )  # fmt: skip
    statistics = {AUROC: 0.96, OWN_TYPE: 0.94, ACROSS: 0.9, WITHIN_TYPES: 0.6, BETWEEN_TYPES: 0.4}
    for (place, name), rule, (statistic, value) in product(enumerate(encodings), RULES, statistics.items()):
        by = {RULES[0]: 0.004 * place, RULES[1]: 0.006 * place}.get(rule, 0.0)
        is_chance = rule == RULES[2]
        less = {} if is_chance else {"estimate": by, "low": by - 0.005, "high": by + 0.005}
        rules.append(
            {
                "space": name, "rule": rule, "published": rule == RULES[place % 3], **SETTINGS[0],
                "statistic": statistic, "k": _k(statistic), "value": value + by, **less, **FINE,
                "draws": 5 if is_chance else 1, "draws_error": 0.0, "n_cells": N_CELLS,
            }
        )  # fmt: skip
    return {TIES: ties, TIE_RULES: rules, RECONSTRUCTIONS: reconstructions}


def _of_changes(encodings, types):
    found = {table: [] for table in (COUNTERFACTUALS, BLIND_BANDS, MOVEMENTS, VISIBILITY, UNSEEN_CHANGE)}
    found[UNSEEN_CELL] = _cell(types)
    for place, name in enumerate(encodings):
        for of, (at, position) in product([None, *types], enumerate([*PLACES, UNDETECTED, ANYWHERE])):
            for change in [change for change in CHANGES if (change in ADDED) == (position == UNDETECTED)]:
                where = {"space": name, "cell_type": of, "position": position, "change": change, **FINE}
                found[COUNTERFACTUALS].append(_counted(where, place, at))
                found[MOVEMENTS].append(_moved(where, place, at))
            if position != UNDETECTED and place % 4 != 3:
                found[BLIND_BANDS].append(_band({"space": name, "cell_type": of, "position": position}, place, at))
        found[UNSEEN_CHANGE].append(_seen(name, place, types[0]))
        found[VISIBILITY] += [_visible(name, place, of, gene) for of, gene in product(types, range(6))]
    return found


def _counted(where, place, at):
    blind = min(0.08 * place + 0.1 * at, 1.0)
    displaced = 0.0 if place % 3 == 0 else 40.0 * place / (1 + at)
    of_blind = {"blind": blind, "low": max(blind - 0.02, 0.0), "high": min(blind + 0.02, 1.0), "unread": 0.02}
    of_others = {"displaced": displaced, "displaced_median": displaced / 2, "displaced_q95": 3 * displaced}
    counted = {"by": BY_RULE, "n_changes": 54_321, "n_cells": 200, "draws": 10, "entries": 900.0}
    return {**where, **counted, **of_blind, **of_others}


def _moved(where, place, at):
    ratio = 0.001 * (1 + place) / (1 + at)
    numbers = {"moved": 0.3 * ratio, "twins": 0.3, "ratio": ratio, "ratio_q95": 10 * ratio}
    return {**where, **numbers, "low": 0.9 * ratio, "high": 1.1 * ratio, "n_changes": 800, "n_cells": 200}


def _band(where, place, at):
    """Return a band that widens with the place; far down the order it has no end."""
    width = 1 + 0.05 * (1 + place) * 2**at
    share = {5: 1.0, 25: 1.02, 50: width, 75: 1.5 * width, 95: 3 * width}
    rises = {f"rise_q{q:02d}": None if q == 95 and at > 2 else by for q, by in share.items()}
    falls = {f"fall_q{q:02d}": 0.0 if q == 5 and at > 3 else 1 / share[100 - q] for q in share}
    return {**where, **falls, "gone": 0.06 * at, **rises, "endless": 0.08 * at, "n": 900, "n_cells": 200}


def _seen(name, place, of):
    entry = None if place == 4 else 12.0 + place
    seen = place % 4 == 3
    after = entry - 5 if seen and entry is not None else entry
    numbers = {"entry": entry, "entry_after": after, "displaced": 31.0 if seen else 0.0, "entries": 900}
    return {"space": name, "cell_id": "cell-1", "cell_type": of, "gene": "INS", "count": 40.0, "count_after": 80.0,
            "seen": seen, **numbers}  # fmt: skip


def _cell(types):
    counts = np.floor(400 / np.arange(1, 301) ** 0.9) + 1
    genes = ["INS" if at == 8 else f"gene-{at}" for at in range(len(counts))]
    return [
        {"cell_id": "cell-1", "cell_type": types[0], "gene": gene, "count": count, "changed": gene == "INS"}
        for gene, count in zip(genes, counts, strict=True)
    ]


def _visible(name, place, of, gene):
    numbers = {"detected": 0.5, "listed": 0.4, "place": 10.0, "spread": 2.0 + place, "smallest": 1.0, "tied": 0.9}
    return {"gene": f"gene-{gene}", "symbol": f"gene-{gene}", "cell_type": of, "space": name, "n_cells": 50, **numbers}
