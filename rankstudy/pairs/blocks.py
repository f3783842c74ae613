"""Blocks of pairs: groups of cell types, and each pair of groups once."""

from __future__ import annotations

from collections.abc import Mapping


def pack(sizes: Mapping[str, int], capacity: int) -> list[list[str]]:
    """Pack items, in order, into groups of at most `capacity` units; a larger item is a group of its own."""
    groups: list[list[str]] = []
    room = 0
    for name, size in sizes.items():
        if not groups or size > room:
            groups.append([])
            room = capacity
        groups[-1].append(name)
        room -= size
    return groups


def block_indices(n_groups: int) -> list[tuple[int, int]]:
    """Return the blocks (i, j), i <= j, that together hold every unordered pair of groups once."""
    return [(i, j) for i in range(n_groups) for j in range(i, n_groups)]
