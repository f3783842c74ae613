"""What a second opinion found, as its pages read it: numbers that say where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from markupsafe import Markup

from rankstudy.measures.judge.tables import TABLES
from rankstudy.report.article.numbers import Number, Numbers
from rankstudy.report.article.text import NONE, text


@dataclass(frozen=True)
class Found:
    """The tables of a second opinion.

    Attributes
    ----------
    folder
        The folder of the tables.
    about
        `name` of the cells, what was `given`, `options` and the `command`.
    notes
        Sentences on what was decided and left out.
    """

    folder: Path
    about: Mapping[str, Any]
    notes: list[str]

    @cached_property
    def numbers(self) -> Numbers:
        """The tables that there are."""
        paths = {table.name: self.folder / f"{table.name}.parquet" for table in TABLES}
        there = {name: path for name, path in paths.items() if path.is_file()}
        return Numbers({"": there}, {str(path): path.name for path in there.values()})

    @property
    def scored(self) -> bool:
        """Whether any embedding passed its audit."""
        return "spaces" in self.numbers.tables[""]

    @cached_property
    def embeddings(self) -> dict[str, bool]:
        """The embeddings by the names of their spaces, and whether they passed the audit."""
        rows = self.numbers.rows("", "embedding_audit", "space", "outcome")
        names = dict.fromkeys(row["space"] for row in rows)
        failed = {row["space"] for row in rows if row["outcome"] == "failed"}
        return {name: name not in failed for name in names}

    @cached_property
    def titles(self) -> dict[str, str]:
        """What each space is called; an embedding that failed is called as its space is named."""
        named = self.rows("spaces", "space", "short") if self.scored else []
        return dict.fromkeys(self.embeddings) | {row["space"]: row["short"] for row in named}

    def title(self, space: str) -> Markup:
        """Return what a space is called."""
        return text('<span class="space">{}</span>', self.titles[space] or space)

    def rows(self, table: str, *columns: str, **where: Any) -> list[dict[str, Any]]:
        """Return columns of the rows that meet the conditions."""
        return self.numbers.rows("", table, *columns, **where)

    def has(self, table: str, **where: Any) -> bool:
        """Return whether there is such a table with a row that meets the conditions."""
        return table in self.numbers.tables[""] and self.numbers.has("", table, **where)

    def value(self, table: str, column: str, **where: Any) -> Number:
        """Return the value in the one row that meets the conditions."""
        return self.numbers.value("", table, column, **{"style": "probability", **where})

    def estimate(self, table: str, **where: Any) -> Markup:
        """Return an estimate with its interval below, or a dash where there is none."""
        if not self.has(table, **where):
            return NONE
        ends = (self.value(table, column, **where) for column in ("estimate", "low", "high"))
        return text("{}<br><small>[{}, {}]</small>", *ends)
