"""The thresholds of the audit, fixed before any embedding was looked at; free of packages that compute."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Thresholds:
    """From which value on a check fails, or is reported; `docs/judging.md` gives the reason of each.

    Attributes
    ----------
    missing_ids
        Share of the wanted cells without a vector, above which the embedding fails.
    constant_rows, constant_columns, doubled_vectors
        Shares of rows, columns and rows, above which it fails.
    is_the_column
        |Spearman correlation| of a column with the row number or the depth from which on the column is that number.
    leaks
        The same, from which on it is reported.
    one_direction, few_directions
        Share of the variance in one direction above which it fails, and above which it is reported.
    at_chance
        Label structure, 0 by chance and 1 at best, below which there is none.
    restored, beyond_luck
        By how much more of it another order of the rows gives, and by how many standard deviations of shuffled labels,
        from which on the rows seem to stand in that order.
    knows_the_row
        Share of the variance of the row number, beyond what labels and depth tell, that the vectors predict, from which
        on rows without label structure are taken to be sorted by something that the vectors know.
    """

    missing_ids: float = 0.05
    constant_rows: float = 0.01
    constant_columns: float = 0.5
    doubled_vectors: float = 0.05
    is_the_column: float = 0.999
    leaks: float = 0.5
    one_direction: float = 0.999
    few_directions: float = 0.9
    at_chance: float = 0.05
    restored: float = 0.1
    beyond_luck: float = 8.0
    knows_the_row: float = 0.3
