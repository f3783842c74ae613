"""Numbers of which a part may be unknown, and how they are written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Amount(NamedTuple):
    """A sum, and whether everything that belongs to it was known; if not, it is a least value."""

    value: float = 0.0
    complete: bool = True

    def text(self, write) -> str:
        """Return it as `write` formats the value: `≥` before a least value, `unknown` where nothing is known."""
        if self.complete:
            return write(self.value)
        return f"≥ {write(self.value)}" if self.value > 0 else "unknown"


UNKNOWN = Amount(0.0, False)


def total(amounts: Iterable[Amount | float | None]) -> Amount:
    """Add up; None is an unknown number."""
    parts = [UNKNOWN if part is None else part if isinstance(part, Amount) else Amount(part) for part in amounts]
    return Amount(sum(part.value for part in parts), all(part.complete for part in parts))


def product(*factors: float | None) -> float | None:
    """Multiply; None if any factor is unknown."""
    result = 1.0
    for factor in factors:
        if factor is None:
            return None
        result *= factor
    return result


def size(mb: float) -> str:
    """Write megabytes (a million bytes) with a unit that keeps the number short."""
    if mb < 0.5:
        return "0 MB" if mb == 0 else "< 1 MB"
    for unit in ("MB", "GB", "TB"):
        if mb < 999.5 or unit == "TB":
            return f"{mb:.0f} {unit}" if mb >= 9.95 or unit == "MB" else f"{mb:.1f} {unit}"
        mb /= 1000
    raise AssertionError("unreachable")


def duration(seconds: float) -> str:
    """Write a time with a unit that keeps the number short."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    if seconds < 99.5 * 60:
        return f"{seconds / 60:.0f} min"
    hours = seconds / 3600
    return f"{hours:.1f} h" if hours < 9.95 else f"{hours:,.0f} h"


def count(number: float) -> str:
    """Write a whole number with commas between thousands."""
    return f"{number:,.0f}"
