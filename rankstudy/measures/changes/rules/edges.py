"""Edges of a cell in which one value is another one, and which bins change: the loops of `bins`.

All take the values of a cell: `ascending` (genes,) sorted; `distinct` values, of which the genes are those from `first`
on; `chance` (draws, genes); and the `points` of the quantiles.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from rankstudy.spaces.encodings.bins import quantile


@nb.njit(cache=True)
def change_bins(
    ascending, distinct, first, chance, points, was, becomes, order, ends, places, blind, displaced
):  # pragma: no cover - compiled
    """Write what changes do: each pair of values once, for the changes in `order` between its `ends`.

    `places` are those of the changed genes among the sorted ones, -1 of one that the cell lacks.
    """
    now, after = _edges(ascending, points, 0.0, 0.0), np.zeros((2, len(distinct)), np.int64)
    before = np.zeros((2, len(distinct)), np.int64)
    _count_edges(distinct, now, before)
    n_draws = len(chance)
    moved = np.empty((n_draws, len(ascending)), np.bool_)
    for pair in range(len(was)):
        edges = _edges(ascending, points, was[pair], becomes[pair])
        _count_edges(distinct, edges, after)
        low, high = np.searchsorted(edges, becomes[pair], "left"), np.searchsorted(edges, becomes[pair], "right")
        for draw in range(n_draws):
            others = _move(first, chance[draw], before, after, moved[draw])
            for j in order[ends[pair] : ends[pair + 1]]:
                gene = places[j]
                stays = gene >= 0 and becomes[pair] > 0
                if gene >= 0:
                    d = np.searchsorted(distinct, was[pair])
                    old = _bin(before[0, d], before[1, d], chance[draw, gene])
                    stays = stays and _bin(low, high, chance[draw, gene]) == old
                displaced[draw, j] = others - (gene >= 0 and moved[draw, gene])
                blind[draw, j] = stays and displaced[draw, j] == 0


@nb.njit(cache=True)
def widest_bands(ascending, distinct, first, chance, points, found):  # pragma: no cover - compiled
    """Write how low (0) and how high (1) each value may be: outward over the other values while no bin changes."""
    before = np.zeros((2, len(distinct)), np.int64)
    _count_edges(distinct, _edges(ascending, points, 0.0, 0.0), before)
    for d in range(len(distinct)):
        genes = first[d + 1] - first[d]
        for up in range(2):
            left = np.ones(genes, np.bool_)
            ends = found[up, first[d] : first[d + 1]]
            ends[:] = np.inf if up else 0.0
            at, between = d, genes > 1  # a gene alone at its value is between two others already
            if not between:
                at += 1 if up else -1
            while True:
                if between:
                    becomes = _between(distinct, at if up else at - 1)
                elif 0 <= at < len(distinct):
                    becomes = distinct[at]
                else:
                    break
                seen = left.copy()
                some = _leave(ascending, distinct, first, chance, points, before, d, becomes, left)
                ends[seen & ~left] = distinct[at]
                if not some:
                    break
                if between:
                    at += 1 if up else -1
                between = not between


@nb.njit(cache=True)
def fewest_molecules(ascending, distinct, first, chance, points, counts, medians, found):  # pragma: no cover - compiled
    """Write how many molecules are seen, at the least, if they are added (0) or taken away (1), in the first draw."""
    before = np.zeros((2, len(distinct)), np.int64)
    _count_edges(distinct, _edges(ascending, points, 0.0, 0.0), before)
    for d in range(len(distinct)):
        done = np.zeros(first[d + 1] - first[d], np.bool_)
        for k in range(len(done)):
            if not done[k]:
                # genes of one value have one count, unless their medians differ
                count, median = counts[first[d] + k], medians[first[d] + k]
                together = medians[first[d] : first[d + 1]] == median
                done |= together
                for way in range(2):
                    left, fewest = together.copy(), 1.0
                    while way == 0 or fewest <= count:
                        becomes = (count - fewest if way else count + fewest) / median
                        seen = left.copy()
                        some = _leave(ascending, distinct, first, chance[:1], points, before, d, becomes, left)
                        for j in np.flatnonzero(seen & ~left):
                            found[way, first[d] + j] = fewest
                        if not some or (way == 0 and becomes > distinct[-1]):
                            break
                        fewest = max(fewest + 1, _next(distinct, becomes, count, median, way))


@nb.njit
def _next(distinct, value, count, median, way):  # pragma: no cover - compiled
    """Return how many molecules lead to the next value of another gene; nothing changes before."""
    if way:
        below = np.searchsorted(distinct, value, "left")
        return np.floor(count - distinct[below - 1] * median) if below else count
    above = np.searchsorted(distinct, value, "right")
    return np.floor(distinct[min(above, len(distinct) - 1)] * median - count)


@nb.njit
def _between(distinct, at):  # pragma: no cover - compiled
    """Return a value between one of the distinct ones and the next; before the first, or behind the last."""
    if at < 0:
        return distinct[0] / 2
    if at + 1 == len(distinct):
        return distinct[at] * 2
    return (distinct[at] + distinct[at + 1]) / 2


@nb.njit(cache=True)
def _leave(ascending, distinct, first, chance, points, before, d, becomes, left):  # pragma: no cover - compiled
    """Take those from the genes of a value that are `left` of which a change is seen; return whether any remains."""
    edges = _edges(ascending, points, distinct[d], becomes)
    after = np.empty_like(before)
    _count_edges(distinct, edges, after)
    own, moved, other = first[d], np.empty(len(ascending), np.bool_), -1
    for draw in range(len(chance)):
        if _move(first, chance[draw], before, after, moved):
            for gene in np.flatnonzero(moved):
                if other not in (-1, gene):
                    left[:] = False
                    return False
                other = gene
    low, high = np.searchsorted(edges, becomes, "left"), np.searchsorted(edges, becomes, "right")
    for k in np.flatnonzero(left):
        left[k] = becomes > 0 and other in (-1, own + k)
        for draw in range(len(chance)):
            u = chance[draw, own + k]
            left[k] = left[k] and _bin(low, high, u) == _bin(before[0, d], before[1, d], u)
    return left.any()


@nb.njit(cache=True)
def _move(first, chance, before, after, moved):  # pragma: no cover - compiled
    """Write which genes have other bins where the edges below and up to their values are others; return how many."""
    many = 0
    moved[:] = False
    for d in range(len(first) - 1):
        if before[0, d] != after[0, d] or before[1, d] != after[1, d]:
            for k in range(first[d], first[d + 1]):
                moved[k] = _bin(before[0, d], before[1, d], chance[k]) != _bin(after[0, d], after[1, d], chance[k])
                many += moved[k]
    return many


@nb.njit(inline="always")
def _bin(low, high, chance):  # pragma: no cover - compiled
    return np.ceil(chance * (low - high) + high)


@nb.njit(cache=True)
def _edges(ascending, points, was, becomes):  # pragma: no cover - compiled
    """Return the edges of a cell in which one value is another one; 0: a gene that is absent."""
    gone = was > 0
    left_out = np.searchsorted(ascending, was) if gone else len(ascending)
    rest = np.concatenate((ascending[:left_out], ascending[left_out + gone :]))
    if becomes > 0:
        at = np.searchsorted(rest, becomes)
        rest = np.concatenate((rest[:at], np.array([becomes]), rest[at:]))
    edges = np.zeros(len(points))
    for k in range(len(points) if len(rest) else 0):
        edges[k] = quantile(rest, points[k])
    return edges


@nb.njit(cache=True)
def _count_edges(distinct, edges, found):  # pragma: no cover - compiled
    """Write how many edges are below each value (0), and at or below it (1)."""
    below, up_to = 0, 0
    for d in range(len(distinct)):
        while below < len(edges) and edges[below] < distinct[d]:
            below += 1
        while up_to < len(edges) and edges[up_to] <= distinct[d]:
            up_to += 1
        found[0, d], found[1, d] = below, up_to
