"""From the reductions of all pairs to the tables of a data set: summaries, effect sizes, outliers, joint distributions.

Pairs of cells are not independent of each other; the tables here describe the selected cells, replicate by replicate,
and claim nothing about others.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from rankstudy.core.errors import StudyError
from rankstudy.core.tables import Table
from rankstudy.measures.compared import labels_of
from rankstudy.measures.replicates import write_tables
from rankstudy.measures.tables import (
    ALIKE_ACROSS,
    EFFECT_SIZES,
    JOINT,
    OUTLIER_CELLS,
    OUTLIER_TYPES,
    PAIR_SUMMARIES,
    UNLIKE_WITHIN,
)
from rankstudy.pairs.engine.grids import HexGrid, bin_edges
from rankstudy.pairs.engine.result import BETWEEN, WITHIN, BlockResult, merge

log = logging.getLogger(__name__)


def merge_blocks(blocks: Sequence[str], output: str) -> None:
    """Add up the results of all blocks of a replicate and write them as one."""
    merged = merge(BlockResult.load(path) for path in blocks)
    types = merged.about["types"]
    if len(merged.n) != len(types) * (len(types) + 1) // 2:
        raise StudyError(
            f"the blocks hold {len(merged.n)} pairs of types, {len(types)} types have "
            f"{len(types) * (len(types) + 1) // 2}"
        )
    merged.save(output)


def evaluate(
    pairs_in: Mapping[int, str],
    cells_in: Mapping[int, str],
    *,
    dataset: str,
    outliers: int,
    outputs: Mapping[str, str],
) -> None:
    """Turn the merged pairs of each replicate into the tables of the data set.

    Parameters
    ----------
    pairs_in, cells_in
        For each seed, the merged pairs and the table `analysed_cells`.
    dataset
        Name of the data set.
    outliers
        Outliers to list per kind and space.
    outputs
        Where each table goes, by its name, and `<name>_tsv` for its text form.
    """
    makers = {
        PAIR_SUMMARIES: pair_summaries,
        EFFECT_SIZES: effect_sizes,
        OUTLIER_TYPES: lambda result, cells: outlier_types(result, cells, outliers),
        OUTLIER_CELLS: lambda result, cells: outlier_cells(result, cells, outliers),
        JOINT: lambda result, cells: joint_distributions(result),
    }

    def make(result: BlockResult, cells: pd.DataFrame) -> dict[Table, pd.DataFrame]:
        return {table: of_replicate(result, cells) for table, of_replicate in makers.items()}

    write_tables(make, pairs_in, cells_in, dataset=dataset, outputs=outputs)


def pair_summaries(result: BlockResult, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the quantiles of each pair of types in each space; pairs of types without a pair of cells are left out."""
    labels = labels_of(result, cells)
    a, b = result.type_pairs.T
    base = pd.DataFrame(
        {
            "type_a": labels[a],
            "type_b": labels[b],
            "relation": np.where(a == b, "within", "between"),
            "n": result.n,
        }
    )
    frames = []
    for s, space in enumerate(result.about["spaces"]):
        quantiles = pd.DataFrame(result.quantiles[s], columns=["q05", "q25", "median", "q75", "q95"])
        frames.append(pd.concat([base.assign(space=space["name"]), quantiles], axis=1)[result.n > 0])
    return pd.concat(frames, ignore_index=True)


def effect_sizes(result: BlockResult, cells: pd.DataFrame) -> pd.DataFrame:
    """Return AUROC and difference of medians for all types together and for each type."""
    labels = labels_of(result, cells)
    rows = []
    for s, space in enumerate(result.about["spaces"]):
        counts = result.distributions[s]
        # a pair between types stands in the distributions of both
        every = counts[:, WITHIN].sum(axis=0), counts[:, BETWEEN].sum(axis=0) // 2
        scopes = [
            (None, *every),
            *((labels[t], counts[t, WITHIN], counts[t, BETWEEN]) for t in range(len(labels))),
        ]
        for label, within, between in scopes:
            if not (within.any() and between.any()):
                log.warning("space %s: %s has nothing to compare", space["name"], label or "all types together")
                continue
            rows.append({"space": space["name"], "cell_type": label, **separation(within, between, space)})
    return pd.DataFrame(rows)


def separation(within: np.ndarray, between: np.ndarray, space: Mapping) -> dict[str, float]:
    """Compare two distributions that are counted on the bins of a space.

    Returns
    -------
    Numbers of pairs, AUROC (Mann and Whitney 1947: U over the number of pairs of pairs) with the bound on what binning
    can have moved it, both medians, and their difference oriented so that positive means within is more alike.
    """
    similarity = space["metric"] != "euclidean"
    w, b = within.astype(float), between.astype(float)
    less_alike = np.cumsum(b) - b if similarity else b.sum() - np.cumsum(b)
    tied = float(w @ b)
    n_compared = w.sum() * b.sum()
    medians = [_median(counts, space["range"]) for counts in (within, between)]
    return {
        "n_within": int(within.sum()),
        "n_between": int(between.sum()),
        "auroc": (float(w @ less_alike) + tied / 2) / n_compared,
        "auroc_error": tied / 2 / n_compared,
        "median_within": medians[0],
        "median_between": medians[1],
        "difference": (medians[0] - medians[1]) * (1 if similarity else -1),
    }


def _median(counts: np.ndarray, limits: Sequence[float]) -> float:
    """Return the median of binned values, interpolated within its bin; between two bins, the middle of their gap."""
    edges = bin_edges(*limits)
    cumulative = np.concatenate([[0], np.cumsum(counts)])
    half = cumulative[-1] / 2
    i = max(int(np.searchsorted(cumulative, half, side="left")) - 1, 0)
    following = int(np.searchsorted(cumulative, half, side="right")) - 1
    if following > i and cumulative[i + 1] == half:
        return float(edges[i + 1] + edges[following]) / 2
    return float(edges[i] + (half - cumulative[i]) / counts[i] * (edges[i + 1] - edges[i]))


def outlier_types(result: BlockResult, cells: pd.DataFrame, number: int) -> pd.DataFrame:
    """Return the pairs of types of highest likeness between types, and of lowest within, by median."""
    summaries = pair_summaries(result, cells)
    similarity = {space["name"]: space["metric"] != "euclidean" for space in result.about["spaces"]}
    frames = []
    for space, group in summaries.groupby("space", sort=False):
        for kind, relation, highest in ((ALIKE_ACROSS, "between", True), (UNLIKE_WITHIN, "within", False)):
            ascending = (not highest) == similarity[space]
            ordered = group[group["relation"] == relation].sort_values(
                ["median", "type_a", "type_b"], ascending=[ascending, True, True]
            )
            frames.append(ordered.head(number).assign(kind=kind, place=lambda f: np.arange(1, len(f) + 1)))
    return pd.concat(frames, ignore_index=True)[["space", "kind", "place", "type_a", "type_b", "n", "median"]]


def outlier_cells(result: BlockResult, cells: pd.DataFrame, number: int) -> pd.DataFrame:
    """Return the most extreme pairs of cells; each cell stands in at most one pair of a list."""
    labels_of(result, cells)  # the table must be of the cells that were compared
    frames = []
    for s, space in enumerate(result.about["spaces"]):
        similarity = space["metric"] != "euclidean"
        for relation, kind in ((BETWEEN, ALIKE_ACROSS), (WITHIN, UNLIKE_WITHIN)):
            descending = similarity == (relation == BETWEEN)
            pairs = _distinct_pairs(result.extremes[s, relation], result.partners[s, relation], descending, number)
            frames.append(
                _describe(pairs, cells).assign(space=space["name"], kind=kind, place=range(1, len(pairs) + 1))
            )
    return pd.concat(frames, ignore_index=True)


def _distinct_pairs(
    values: np.ndarray, partners: np.ndarray, descending: bool, number: int
) -> list[tuple[int, int, float]]:
    """Take pairs (cell, its partner) from the most extreme on, leaving out those with a cell already taken."""
    having = np.flatnonzero(partners >= 0)
    order = having[np.lexsort((having, -values[having] if descending else values[having]))]
    taken: set[int] = set()
    pairs: list[tuple[int, int, float]] = []
    for cell in order:
        partner = int(partners[cell])
        if len(pairs) < number and not {int(cell), partner} & taken:
            taken |= {int(cell), partner}
            pairs.append((min(int(cell), partner), max(int(cell), partner), float(values[cell])))
    return pairs


def _describe(pairs: list[tuple[int, int, float]], cells: pd.DataFrame) -> pd.DataFrame:
    a, b = ([p[side] for p in pairs] for side in (0, 1))
    columns = {}
    for side, rows in (("a", a), ("b", b)):
        chosen = cells.iloc[rows]
        for name, column in (("cell", "cell_id"), ("type", "cell_type"), ("batch", "batch")):
            columns[f"{name}_{side}"] = chosen[column].to_numpy()
    return pd.DataFrame({**columns, "value": [p[2] for p in pairs]})


def joint_distributions(result: BlockResult) -> pd.DataFrame:
    """Return the occupied hexagons of each joint distribution."""
    names = [space["name"] for space in result.about["spaces"]]
    frames = [JOINT.empty().drop(columns=["dataset", "seed"])]
    for j, about in enumerate(result.about["joint"]):
        grid = HexGrid(tuple(about["x"]), tuple(about["y"]), about["nx"], about["ny"])
        x, y = grid.centres()
        width, height = grid.step
        for relation, name in ((WITHIN, "within"), (BETWEEN, "between")):
            counts = result.joint[j, relation]
            held = counts > 0
            space_x, space_y = (names[i] for i in about["spaces"])
            columns = {"space_x": space_x, "space_y": space_y, "relation": name, "x": x[held], "y": y[held]}
            frames.append(pd.DataFrame({**columns, "width": width, "height": height, "n": counts[held]}))
    return pd.concat([f for f in frames if len(f)] or frames[:1], ignore_index=True)
