"""Tables of all replicates of a data set, put together for people, figures and the article."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rankstudy.cells.tables import SELECTION_REPORT
from rankstudy.measures.sparsity import by_type
from rankstudy.measures.tables import SPARSITY, SPARSITY_BY_TYPE
from rankstudy.spaces.tables import ANALYSED_CELLS


def collect_tables(
    reports: Sequence[str], cells: Sequence[str], sparsity: Sequence[str], *, outputs: Mapping[str, str]
) -> None:
    """Concatenate the tables of the replicates and summarise sparsity by type.

    Parameters
    ----------
    reports, cells, sparsity
        The tables `selection_report`, `analysed_cells` and `sparsity`, one file per replicate.
    outputs
        Where each table goes, by its name, and `<name>_tsv` for its text form.
    """
    every_cell = SPARSITY.read_all(sparsity)
    frames = {
        SELECTION_REPORT: SELECTION_REPORT.read_all(reports),
        ANALYSED_CELLS: ANALYSED_CELLS.read_all(cells),
        SPARSITY: every_cell,
        SPARSITY_BY_TYPE: by_type(every_cell),
    }
    for table, frame in frames.items():
        table.write(frame, outputs[table.name], outputs.get(f"{table.name}_tsv"))
