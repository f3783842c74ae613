"""The job on changes of one gene: which of them encodings show, what else moves, and what can be seen of each gene."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from rankstudy.core.progress import Progress
from rankstudy.core.tables import Table, write_empty
from rankstudy.core.threads import limited_threads
from rankstudy.measures.causes.looked_at import LookedAt
from rankstudy.measures.changes.anew import Encoding
from rankstudy.measures.changes.counterfactuals import bands_of, counterfactuals_of
from rankstudy.measures.changes.drawn import Changed, Drawn, evenly_over_types
from rankstudy.measures.changes.estimates import Resampling
from rankstudy.measures.changes.groups import Group, groups_of
from rankstudy.measures.changes.movements import moved, movements_of, require_agreement
from rankstudy.measures.changes.outcomes import by_rule, encoded_anew
from rankstudy.measures.changes.tables import (
    ANEW,
    BLIND_BANDS,
    BY_RULE,
    COUNTERFACTUALS,
    MOVEMENTS,
    TABLES,
    UNSEEN_CELL,
    UNSEEN_CHANGE,
    VISIBILITY,
)
from rankstudy.measures.changes.unseen import Unseen
from rankstudy.measures.changes.visibility import atlas_of
from rankstudy.measures.settings.asked import Asked

log = logging.getLogger(__name__)

# changes of each kind at each position of a cell that are encoded again; and, of encodings without closed forms, those
# of so many cells
_AGAIN = 2
_CELLS_ANEW, _EACH_ANEW = 20, 10


class Grouped(NamedTuple):
    """Some of the changes, by their numbers, and the rows that they make."""

    which: np.ndarray
    groups: list[Group]


def change_genes(
    asked: Asked, *, changed_cells: int, undetected: int, outputs: Mapping[str, str], threads: int | None = None
) -> None:
    """Change one gene of a cell at a time, and write what each encoding shows of it.

    Parameters
    ----------
    asked
        What is looked at. Of each encoding it also says the `vocabulary`, and the `steps`
        (`rankstudy.spaces.steps.Steps`, as plain values) or None; without any encoding the tables are empty.
    changed_cells
        Cells of which genes are changed, at most.
    undetected
        Genes that such a cell lacks and is given, at most.
    outputs
        Where each of the tables goes, by its name.
    threads
        Threads of BLAS and of the compiled passes; None leaves them as they are.

    Raises
    ------
    StudyError
        If the steps that an encoding declares do not say what a change does.
    """
    if not asked.encodings:
        write_empty(TABLES, outputs)
        return
    with limited_threads(threads):
        whole, _ = asked.read()
        looked = LookedAt.of(asked, asked.material(whole))
        types = looked.cells.table["slug"].to_numpy()
        ids = looked.cells.table["cell_id"].to_numpy()
        kept = evenly_over_types(ids, types, changed_cells, asked.seed)
        log.info("%s, seed %d: %d of %d cells are changed", asked.dataset, asked.seed, len(kept), len(ids))
        made = _changed(looked.of_cells(kept), undetected)
        made[VISIBILITY.name] = _sorted(pd.concat(atlas_of(looked), ignore_index=True))
    for table in TABLES:
        frame = made[table.name].assign(dataset=asked.dataset, seed=asked.seed)
        table.write(_complete(frame, table), outputs[table.name])


def _changed(looked: LookedAt, undetected: int) -> dict[str, pd.DataFrame]:
    """Return the tables of changes, but for the names of data set and replicate."""
    drawn = Drawn.of(looked.material.counts, undetected, looked.asked.seed)
    unseen = Unseen(drawn)
    parts: dict[str, list[pd.DataFrame]] = {table.name: [] for table in (COUNTERFACTUALS, BLIND_BANDS, MOVEMENTS)}
    with Progress(total=len(looked.encoders), unit="encodings") as progress:
        for name, rows in _rows(looked, drawn, unseen):
            for table, frame in rows.items():
                parts[table].append(frame.assign(space=name))
            progress.update(1)
    made = {table: pd.concat([pd.DataFrame(), *frames], ignore_index=True) for table, frames in parts.items()}
    cell_types = looked.cells.table.set_index("cell_id")["cell_type"]
    made[UNSEEN_CHANGE.name], made[UNSEEN_CELL.name] = unseen.tables(looked, cell_types)
    return made


def _rows(looked: LookedAt, drawn: Drawn, unseen: Unseen) -> Iterator[tuple[str, dict[str, pd.DataFrame]]]:
    """Yield of each encoding its name, and its rows by the names of the tables."""
    of_types = looked.cells.table["cell_type"].to_numpy()
    every, removed, some, few = (
        Grouped(which, groups_of(drawn, which, of_types))
        for which in (
            np.arange(len(drawn.cell)),
            drawn.removals,
            drawn.sample(_AGAIN),
            _of_few_cells(drawn, of_types, looked.asked.seed),
        )
    )
    again_of, anew_of = Changed(drawn, some.which), Changed(drawn, few.which)
    resampling = Resampling(looked.asked, looked.cells)
    for name in looked.encoders:
        rows = {}
        again = moved(Encoding(looked, name), again_of)
        if name in looked.corners:
            found, bands = by_rule(looked, name, drawn)
            require_agreement(name, found, again, drawn)
            unseen.add(found)
            rows[COUNTERFACTUALS.name] = counterfactuals_of(found, BY_RULE, drawn, every.groups, resampling)
            rows[BLIND_BANDS.name] = bands_of(bands, drawn, removed.groups)
        else:
            found = encoded_anew(looked, name, anew_of)
            rows[COUNTERFACTUALS.name] = counterfactuals_of(found, ANEW, drawn, few.groups, resampling)
        rows[MOVEMENTS.name] = movements_of(again, drawn, some.groups, resampling)
        yield name, rows


def _of_few_cells(drawn: Drawn, types: np.ndarray, seed: int) -> np.ndarray:
    """Return the changes that are looked at of encodings without closed forms: some, of few cells."""
    cells = evenly_over_types(drawn.counts.obs_names.tolist(), types, _CELLS_ANEW, seed)
    which = drawn.sample(_EACH_ANEW)
    return which[np.isin(drawn.cell[which], cells)]


def _sorted(atlas: pd.DataFrame) -> pd.DataFrame:
    return atlas.sort_values(["gene", "cell_type", "space"], kind="stable", ignore_index=True)


def _complete(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the columns of a table; of one of which nothing can be said, none has a row."""
    return frame[table.names] if len(frame) else table.empty()
