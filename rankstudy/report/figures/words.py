"""What figures say in words: lists, and the ends of a range of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def joined(parts: Iterable[str]) -> str:
    """Return parts as a list of a sentence: `a, b and c`."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def extremes(values: Mapping[str, float], *, digits: int = 3) -> str:
    """Return what has the highest and what the lowest value: `highest in a (0.910), lowest in b (0.520)`."""
    shown = {name: f"{value:.{digits}f}" for name, value in values.items() if value == value}
    if not shown:
        return "not defined"
    high, low = max(shown, key=values.__getitem__), min(shown, key=values.__getitem__)
    if len(shown) == 1:
        return f"{shown[high]} in {high}"
    return f"highest in {high} ({shown[high]}), lowest in {low} ({shown[low]})"
