"""From the merged pairs of each replicate to the tables of a data set, all seeds together."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from rankstudy.core.tables import Table
from rankstudy.measures.compared import read_compared
from rankstudy.pairs.engine.result import BlockResult


def write_tables(
    make: Callable[[BlockResult, pd.DataFrame], Mapping[Table, pd.DataFrame]],
    pairs_in: Mapping[int, str],
    cells_in: Mapping[int, str],
    *,
    dataset: str,
    outputs: Mapping[str, str],
) -> None:
    """Make tables of each replicate and write each table once, with the data set and the seed in front.

    Parameters
    ----------
    make
        Returns the rows of each table, from a replicate's pairs and its compared cells.
    pairs_in, cells_in
        For each seed, the merged pairs and the table `analysed_cells`.
    dataset
        Name of the data set.
    outputs
        Where each table goes, by its name, and `<name>_tsv` for its text form.
    """
    frames: dict[Table, list[pd.DataFrame]] = {}
    for seed, path in pairs_in.items():
        with BlockResult.opened(path) as result:
            for table, frame in make(result, read_compared(cells_in[seed])).items():
                frames.setdefault(table, []).append(frame.assign(dataset=dataset, seed=seed))
    for table, found in frames.items():
        together = pd.concat(found, ignore_index=True)[table.names]
        table.write(together, outputs[table.name], outputs.get(f"{table.name}_tsv"))
