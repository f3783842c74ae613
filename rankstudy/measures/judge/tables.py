"""The tables of a second opinion: those of the study, of the spaces that are judged."""

from __future__ import annotations

from rankstudy.core.tables import Table
from rankstudy.measures.audit.tables import AUDIT, LEAKAGE
from rankstudy.measures.causes.tables import TWINS
from rankstudy.measures.neighbours.tables import (
    BATCH_DRIVEN_NEIGHBOURS,
    LABEL_TRANSFER,
    NEIGHBOUR_OVERLAP,
    NEIGHBOURHOODS,
)
from rankstudy.measures.tables import EFFECT_SIZES, OUTLIER_CELLS, OUTLIER_TYPES, PAIR_SUMMARIES
from rankstudy.measures.uncertainty.tables import DIFFERENCES, INTERVALS
from rankstudy.spaces.tables import SPACES_TABLE

# sentences on what was decided and left out, beside the tables
NOTES = "notes.json"

TABLES: tuple[Table, ...] = (
    AUDIT,
    SPACES_TABLE,
    EFFECT_SIZES,
    PAIR_SUMMARIES,
    OUTLIER_TYPES,
    OUTLIER_CELLS,
    NEIGHBOURHOODS,
    BATCH_DRIVEN_NEIGHBOURS,
    NEIGHBOUR_OVERLAP,
    LABEL_TRANSFER,
    INTERVALS,
    DIFFERENCES,
    LEAKAGE,
    TWINS,
)
