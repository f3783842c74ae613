"""The audit of an embedding that a data set brings: a failure stops the run before anything is computed of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rankstudy.cells.tables import CELLS, SELECTION
from rankstudy.core.errors import StudyError
from rankstudy.measures.audit.audit import audit, failures
from rankstudy.measures.audit.brought_rows import Brought
from rankstudy.measures.audit.tables import AUDIT
from rankstudy.measures.audit.thresholds import Thresholds
from rankstudy.spaces.brought.bring import known_as, open_brought

log = logging.getLogger(__name__)

_OF_A_CELL = ["cell_id", "cell_name", "cell_type", "batch", "n_counts", "n_genes"]


def audit_embedding(
    files: Mapping[str, str],
    cells_in: str,
    selections_in: Sequence[str],
    *,
    how: Mapping[str, Any],
    thresholds: Mapping[str, float],
    dataset: str,
    space: str,
    seed: int,
    output: str,
) -> None:
    """Audit an embedding and write what was found.

    Parameters
    ----------
    files, how
        Where it lies (`rankstudy.spaces.brought.bring.open_brought`).
    cells_in, selections_in
        The tables `cells` of the data set and `selection` of each replicate, whose cells it has to hold.
    thresholds
        Those of `rankstudy.measures.audit.thresholds.Thresholds`, by name.
    dataset, space
        Names of the data set and of the space.
    seed
        Seed of the sample of rows.
    output
        Where the table `embedding_audit` goes.

    Raises
    ------
    StudyError
        If a check fails; the message holds all that did.
    """
    embedding = open_brought(files, how, dataset)
    cells = CELLS.read(cells_in, _OF_A_CELL)
    ids = known_as(embedding.ids, cells)
    wanted = pd.unique(SELECTION.read_all(selections_in)["cell_id"])
    brought = Brought.of(embedding, cells, wanted, ids=ids, seed=seed)
    findings = audit(brought, Thresholds(**thresholds), seed=seed)
    for finding in findings.itertuples():
        log.info("%s %s: %s: %s", finding.check, finding.subject, finding.outcome, finding.note)
    if failed := failures(findings):
        raise StudyError("\n".join(f"embedding {space} ({embedding.path}): {sentence}" for sentence in failed))
    AUDIT.write(findings.assign(dataset=dataset, space=space)[AUDIT.names], output)
