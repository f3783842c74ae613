"""What a data set's values are, in words, by what its file declares (`rankstudy.cells.needs.GIVES`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """What values are, in words.

    Attributes
    ----------
    what
        For the list of data.
    sentence, short, bracketed
        What has to be known of results, as a sentence, below a table or figure, and behind a name; empty for counts.
    tokens
        The same where tokens are.
    total
        What the sum of a cell is called.
    """

    what: str
    sentence: str = ""
    short: str = ""
    bracketed: str = ""
    tokens: str = ""
    total: str = "Counts"


VALUES = {
    "counts": Words("counts (whole numbers, checked)"),
    "expected_counts": Words(
        "expected counts (estimated, not whole numbers)",
        "Its values are expected counts: estimated when reads were assigned to genes, not whole numbers, and not "
        "numbers of molecules.",
        "Expected counts, not whole numbers.",
        "expected counts, not whole numbers",
        (
            "These are expected counts, which the tokeniser takes as they are: their order is that of estimates, "
            "not of molecules."
        ),
    ),
    "by_batch": Words("counts in the batches whose values are whole; the others are used for ranks only"),
    "cpm": Words(
        "scaled to one total per cell (CPM, TPM; the totals were checked): proportions, not counts",
        "Its values are scaled so that every cell has the same total (CPM, TPM), and are not counts: what is computed "
        "of proportions is computed of them, and nothing is known of how many molecules a cell had.",
        "Values scaled to one total per cell, not counts.",
        "values scaled to one total per cell, not counts",
        (
            "These are values scaled to one total per cell, not counts; the order of a cell's genes is that of "
            "its proportions."
        ),
        "Total",
    ),
    "normalised": Words(
        "normalised (only their order is used)",
        (
            "Its values are normalised, not counts: only their order within a cell is used, and every result is "
            "one of ranks."
        ),
        "Normalised values: ranks only.",
        "normalised values: ranks only",
        total="Total",
    ),
}
