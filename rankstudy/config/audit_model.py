"""The thresholds of the audit of embeddings, as the configuration names them."""

from __future__ import annotations

from pydantic import Field

from rankstudy.core.strict import Strict
from rankstudy.measures.audit.thresholds import Thresholds

_FIXED = Thresholds()


class Audit(Strict):
    """From where on an embedding that is brought fails its audit, or something is reported (`docs/judging.md`)."""

    missing_ids: float = Field(_FIXED.missing_ids, ge=0, le=1)
    """Share of the wanted cells without a vector, above which the embedding fails; fewer leave all spaces."""
    constant_rows: float = Field(_FIXED.constant_rows, ge=0, le=1)
    """Share of rows with one value in all columns, above which it fails."""
    constant_columns: float = Field(_FIXED.constant_columns, ge=0, le=1)
    """Share of columns with one value for all cells, above which it fails."""
    doubled_vectors: float = Field(_FIXED.doubled_vectors, ge=0, le=1)
    """Share of cells with exactly the vector of another cell, above which it fails."""
    is_the_column: float = Field(_FIXED.is_the_column, gt=0, le=1)
    """|Spearman correlation| of a column with the row number or the depth, from which on it is that number."""
    leaks: float = Field(_FIXED.leaks, gt=0, le=1)
    """The same, from which on it is reported."""
    one_direction: float = Field(_FIXED.one_direction, gt=0, le=1)
    """Share of the variance in one direction, above which it fails."""
    few_directions: float = Field(_FIXED.few_directions, gt=0, le=1)
    """The same, above which it is reported."""
    at_chance: float = Field(_FIXED.at_chance, ge=0, le=1)
    """Label structure of the 15 nearest cells (0: chance, 1: all have the cell's label), below which there is none."""
    restored: float = Field(_FIXED.restored, ge=0, le=1)
    """By how much more of it another order of the rows gives, from which on the embedding fails."""
    beyond_luck: float = Field(_FIXED.beyond_luck, ge=0)
    """By how many standard deviations of shuffled labels it has to give more."""
    knows_the_row: float = Field(_FIXED.knows_the_row, ge=0, le=1)
    """Share of the variance of the row number that the vectors predict beyond labels and depth, from which on rows
    without label structure are taken to be sorted, and the embedding fails."""
