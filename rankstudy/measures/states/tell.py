"""How well each space tells a state within each cell type."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.errors import StudyError
from rankstudy.core.progress import Progress
from rankstudy.core.seeds import generator
from rankstudy.measures.states.cells import cells_with_states, design_of, drawn, require_states_within_batches
from rankstudy.measures.states.clusters import clusters_of
from rankstudy.measures.states.estimates import Told, difference, told
from rankstudy.measures.states.groups import Groups, groups_of
from rankstudy.measures.states.tables import (
    NO_VARIANCE,
    STATE_CLUSTERS,
    STATE_DESIGN,
    STATE_DIFFERENCES,
    STATES,
    STATISTICS,
)
from rankstudy.measures.states.tables import TOLD as IS_TOLD
from rankstudy.measures.uncertainty.intervals import holm
from rankstudy.measures.uncertainty.tables import AUROC
from rankstudy.measures.verdict import verdict
from rankstudy.pairs.engine import Vectors, measure
from rankstudy.pairs.space import Layout
from rankstudy.pairs.space_files import SpaceFile

log = logging.getLogger(__name__)

# a statistic of a space in a type
Key = tuple[str, str | None, str]


def tell_states(
    spaces_in: Mapping[str, str],
    cells_in: str,
    index_in: str,
    parts_in: Sequence[str],
    donors_in: str | None,
    *,
    references: Mapping[str, Mapping[str, str]],
    states: Mapping[str, object],
    dataset: str,
    seed: int,
    level: float,
    outputs: Mapping[str, str],
) -> None:
    """Measure in every space how well a state is told, and write what comes out.

    Parameters
    ----------
    spaces_in
        File of each space, by name.
    cells_in, index_in, parts_in, donors_in
        Which cells are compared, and what is known of them (`cells_with_states`).
    references
        For each reference, the space that each other one is compared with.
    states
        `within`, `unit`, `neighbours`, `cells`, `relabellings` and `property` of the data set.
    dataset, seed, level
        Names of data set and replicate, and the level of the intervals.
    outputs
        Where each of `rankstudy.measures.states.tables.TABLES` goes, by its name.

    Raises
    ------
    StudyError
        If states cannot be told from batches, or spaces hold other cells.
    """
    how = {"unit": str(states["unit"]), "property_": states["property"]}
    cells = cells_with_states(cells_in, index_in, parts_in, donors_in, **how)
    design = design_of(cells)
    require_states_within_batches(cells)
    frames: dict[str, list[dict]] = {"states": [], "clusters": []}
    found: dict[Key, Told] = {}
    scopes = list(_scopes(cells, str(states["within"]), int(states["cells"]), seed))
    relabelled = _relabelled(scopes, int(states["relabellings"]), dataset, seed)
    for name in Progress(spaces_in, total=len(spaces_in), unit="spaces"):
        space = SpaceFile(spaces_in[name])
        _require_cells(space, cells, name)
        whole = _unit(space.read(0, len(cells)), space.layout)
        for label, at in scopes:
            told_here, rows = _of_scope(whole, space.layout, cells.iloc[at], at, relabelled.get(label), states)
            found |= {(name, label, statistic): each for statistic, each in told_here.items()}
            frames["states"] += [
                {"space": name, "cell_type": label, "level": level, **_row(row, level)} for row in rows
            ]
        frames["clusters"] += [{"space": name, **row} for row in clusters_of(whole, cells, scopes, seed)]
    made = {
        STATES: _adjusted(pd.DataFrame(frames["states"])),
        STATE_DIFFERENCES: _differences(found, references, level),
        STATE_CLUSTERS: pd.DataFrame(frames["clusters"], columns=STATE_CLUSTERS.names[2:]),
        STATE_DESIGN: design,
    }
    for table, frame in made.items():
        table.write(frame.assign(dataset=dataset, seed=seed)[table.names], outputs[table.name])


def _scopes(cells: pd.DataFrame, within: str, most: int, seed: int) -> Iterator[tuple[str | None, np.ndarray]]:
    """Yield the cells among which states are told, by the type's label: of each type, or all."""
    if within == "nothing":
        yield None, drawn(cells, most, seed)
        return
    for label, of_type in cells.groupby("cell_type", sort=True):
        yield str(label), of_type.index.to_numpy()[drawn(of_type, most, seed)]


def _relabelled(
    scopes: Sequence[tuple[str | None, np.ndarray]], most: int, dataset: str, seed: int
) -> dict[str | None, int]:
    """Return how the relabellings of each scope are drawn: the same for all spaces."""
    return {label: (most, generator(seed, "states", dataset, str(label)).integers(2**31)) for label, _ in scopes}


def _of_scope(
    whole: np.ndarray | sp.csr_matrix,
    layout: Layout,
    cells: pd.DataFrame,
    at: np.ndarray,
    draw: tuple[int, int],
    states: Mapping[str, object],
) -> tuple[dict[str, Told], list[dict]]:
    """Return each statistic of a space among some cells, and what its rows hold."""
    groups, held, reason = groups_of(cells)
    if groups is None:
        nothing = {"design": "none", "n_relabellings": 0, "n_donors": cells["donor"].nunique(), "n_cells": len(cells)}
        return {}, [{"statistic": name, "told": None, "reason": reason, **nothing} for name in STATISTICS]
    most, number = draw
    relabelled = groups.relabelled(most, np.random.default_rng(number))
    vectors = whole[at[held]]
    dense = vectors.toarray() if sp.issparse(vectors) else np.asarray(vectors)
    found = told(
        _likeness(vectors, layout),
        dense,
        groups,
        neighbours=int(states["neighbours"]),
        relabelled=relabelled,
        exact=groups.are_few(most),
    )
    about = _about(groups, relabelled)
    return found, [{"statistic": name, "told": each, "reason": IS_TOLD, **about} for name, each in found.items()]


def _about(groups: Groups, relabelled: np.ndarray) -> dict[str, object]:
    numbers = {"n_relabellings": len(relabelled), "n_donors": groups.n_donors, "n_cells": len(groups.cells)}
    return {"design": groups.design, **numbers}


def _row(row: dict, level: float) -> dict[str, object]:
    """Return the columns of the table `states` of a statistic."""
    each: Told | None = row.pop("told")
    empty = ("estimate", "low", "high", "chance", "null_low", "null_high", "p")
    if each is None:
        return {**row, **dict.fromkeys(empty)}
    if not np.isfinite(each.estimate):
        return {**row, **dict.fromkeys(empty), "reason": NO_VARIANCE}
    low, high = each.interval(level, share=row["statistic"] == AUROC)
    null_low, null_high = np.quantile(each.null, [(1 - level) / 2, (1 + level) / 2])
    null = {"chance": each.null.mean(), "null_low": null_low, "null_high": null_high, "p": each.p}
    return {**row, "estimate": each.estimate, "low": low, "high": high, **null}


def _adjusted(frame: pd.DataFrame) -> pd.DataFrame:
    """Add p-values adjusted over the types of a space and statistic."""

    def over_types(p: pd.Series) -> pd.Series:
        there = p.notna()
        return pd.Series(np.nan, p.index).mask(there, pd.Series(holm(p[there].to_numpy()), p.index[there]))

    numbers = frame.astype({"p": float})
    return numbers.assign(p_holm=numbers.groupby(["space", "statistic"])["p"].transform(over_types))


def _differences(found: Mapping[Key, Told], references: Mapping[str, Mapping[str, str]], level: float) -> pd.DataFrame:
    """Return the differences of spaces from what they are compared with, on the same donors."""
    rows = [
        {
            "reference": against,
            "space": space,
            "cell_type": label,
            "statistic": statistic,
            "level": level,
            **difference(one, found[against, label, statistic], level),
        }
        for others in list(references.values())[:1]
        for (space, label, statistic), one in found.items()
        if (against := others.get(space)) is not None
        and (against, label, statistic) in found
        and np.isfinite([one.estimate, found[against, label, statistic].estimate]).all()
    ]
    if not rows:
        return STATE_DIFFERENCES.empty()
    frame = pd.DataFrame(rows)
    frame["p_holm"] = frame.groupby("statistic")["p"].transform(lambda p: holm(p.to_numpy()))
    frame["verdict"] = [
        verdict(row.estimate, (row.low, row.high), row.p_holm, level=level, larger_is_better=True)
        for row in frame.itertuples()
    ]
    return frame


def _require_cells(space: SpaceFile, cells: pd.DataFrame, name: str) -> None:
    if space.names(0, len(cells) + 1).tolist() != cells["cell_id"].tolist():
        raise StudyError(f"space {name}: holds other cells than the table of analysed cells, or in another order")


def _unit(vectors: np.ndarray | sp.csr_matrix, layout: Layout) -> np.ndarray | sp.csr_matrix:
    """Return vectors whose products or distances are the measure: of one length for angles, else as they are."""
    if layout.metric == "euclidean":
        return vectors
    dense = np.asarray(vectors.toarray() if sp.issparse(vectors) else vectors, np.float64)
    if layout.centred:
        dense = dense - layout.mean_cell
    if layout.metric == "correlation":
        dense = dense - dense.mean(axis=1, keepdims=True)
    length = np.linalg.norm(dense, axis=1, keepdims=True)
    return (dense / np.where(length > 0, length, 1.0)).astype(np.float32)


def _likeness(vectors: np.ndarray | sp.csr_matrix, layout: Layout) -> np.ndarray:
    """Return how alike cells are (n, n), larger is more: on unit vectors the product is the measure."""
    if layout.metric != "euclidean":
        return np.asarray(vectors @ vectors.T)
    prepared = Vectors.of(vectors, "euclidean")
    return -measure(prepared, prepared)
