"""What readers decide where a file leaves a choice: for the log, the table `part_choices` and the article."""

from __future__ import annotations

from dataclasses import dataclass

from rankstudy.core.errors import listing

# of the choice that a file's own column is meant
OWN_COLUMN = "column {}"


@dataclass(frozen=True)
class Choice:
    """What a reader took where a file offers more than one thing, or may be understood in more than one way.

    `what` it is (matrix, feature types, separator), what was `taken`, and the `others` that were left.
    """

    what: str
    taken: str
    others: tuple[str, ...] = ()

    def __str__(self) -> str:
        left = f" (not {listing(self.others, 10)})" if self.others else ""
        return f"{self.what}: {self.taken}{left}"
