"""The tables of the article."""

from __future__ import annotations

from rankstudy.core.tables import (
    Column,
    Table,
)

RUN = Table(
    "run",
    "What was run: the settings, the seeds, the versions of the software, the commit.",
    (
        Column("key", "text", "what: a key of the configuration, `<dataset>.<key>`, `version.<package>`, ..."),
        Column("value", "text", "its value as text; empty if it is not set", optional=True),
        Column("meaning", "text", "what it means"),
    ),
    ("key",),
    location="results/article/run.parquet, .tsv",
)
