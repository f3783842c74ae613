"""The table of the gates."""

from __future__ import annotations

from rankstudy.core.tables import DATASET, SEED, SPACE, Column, Table

GATES = Table(
    "gates",
    "What the controls score, and what they must. A run in which a gate does not hold stops here, and this table is "
    "not written.",
    (
        DATASET,
        SEED,
        Column("gate", "text", "what must hold"),
        SPACE,
        Column("statistic", "text", "what is looked at"),
        Column("found", "number", "its value"),
        Column("least", "number", "the least that it may be"),
        Column("most", "number", "the most that it may be"),
        Column("passed", "boolean", "whether the gate holds"),
    ),
    ("dataset", "seed", "gate", "statistic"),
    location="results/<dataset>/tables/gates.parquet, .tsv",
)
