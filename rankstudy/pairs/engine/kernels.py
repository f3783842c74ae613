"""Compiled passes over a tile of values, run while it is in cache.

A tile holds one measure of some cells (rows) with some others (columns), both sorted by type. On the diagonal, rows and
columns are the same cells and only pairs above the diagonal count. Every pass is parallel over things that no other
thread writes to: pairs of types, rows, columns.
"""

from __future__ import annotations

import numba as nb
import numpy as np

# values are never NaN: maxima may be taken many at once
_OPTIONS = {"parallel": True, "cache": True, "fastmath": {"nnan", "nsz"}}


@nb.njit(inline="always")
def bin_of(value, low, scale, n_bins):
    """Return the bin of a value among equal bins from `low`, `scale` bins per unit; outside values go to the ends.

    All in 32 bits, so that the bins of many values are computed at once; cut before the number is made whole, which a
    value far outside might be too large for.
    """
    return np.int32(min(max((value - low) * scale, np.float32(0)), np.float32(n_bins - 1)))


# Bins first and counts after, in functions of their own: the compiler then does many bins at once.


@nb.njit(cache=True, fastmath={"nnan", "nsz"})
def _bin_by_batch(values, batches, batch, low, scale, n_bins, out):
    """Write the bin of each value, further by `n_bins` for those of the batch."""
    for j in range(len(values)):
        same = np.int32(batches[j] == batch)
        out[j] = bin_of(values[j], low, scale, n_bins) + same * np.int32(n_bins)


@nb.njit(cache=True)
def _count(bins, counts):
    """Add one to the count of each bin."""
    for j in range(len(bins)):
        counts[bins[j]] += 1


@nb.njit(**_OPTIONS)
def count_type_pairs(
    tile, diagonal, starts_a, starts_b, pairs, batch_a, batch_b, low, scale, n_bins, ranks, counts, statistics
):
    """Count the values of each pair of types in fine bins, and find its order statistics exactly.

    The bins tell which values can be the wanted ones; only those are gathered and sorted.

    Parameters
    ----------
    tile
        (cells of a) x (cells of b), float32.
    diagonal
        Whether rows and columns are the same cells.
    starts_a, starts_b
        First row (column) of each type of the tile, and the end.
    pairs
        (P, 2), types of the tile, as indices into `starts_a` and `starts_b`.
    batch_a, batch_b
        Batch of each row and column.
    low, scale, n_bins
        The bins.
    ranks
        (P, Q), which order statistics are wanted, from 0; -1 for none.
    counts
        (P, 2, n_bins), filled: other batch, same batch.
    statistics
        (P, Q), filled.
    """
    for p in nb.prange(len(pairs)):
        begin_a, end_a = starts_a[pairs[p, 0]], starts_a[pairs[p, 0] + 1]
        begin_b, end_b = starts_b[pairs[p, 1]], starts_b[pairs[p, 1] + 1]
        own = diagonal and begin_a == begin_b
        width = end_b - begin_b
        bins = np.empty((end_a - begin_a, width), np.uint16)
        count = counts[p].reshape(2 * n_bins)
        for i in range(begin_a, end_a):
            of_row = bins[i - begin_a]
            _bin_by_batch(tile[i, begin_b:end_b], batch_b[begin_b:end_b], batch_a[i], low, scale, n_bins, of_row)
            _count(of_row[i + 1 - begin_b if own else 0 :], count)
        wanted = np.zeros(n_bins, np.bool_)
        total = 0
        n_gathered = 0
        q = 0
        before = np.empty(ranks.shape[1], np.int64)
        offset = np.empty(ranks.shape[1], np.int64)
        for b in range(n_bins):
            held = count[b] + count[n_bins + b]
            first = n_gathered
            while q < ranks.shape[1] and 0 <= ranks[p, q] < total + held:
                wanted[b] = True
                before[q] = total
                offset[q] = first
                q += 1
            if wanted[b]:
                n_gathered += held
            total += held
        gathered = np.empty(n_gathered, np.float32)
        filled = 0
        for i in range(begin_a, end_a):
            for j in range(i + 1 - begin_b if own else 0, width):
                b = bins[i - begin_a, j]
                if wanted[b - n_bins if b >= n_bins else b]:
                    gathered[filled] = tile[i, begin_b + j]
                    filled += 1
        gathered.sort()
        for k in range(q):
            statistics[p, k] = gathered[offset[k] + ranks[p, k] - before[k]]


@nb.njit(inline="always")
def _insert(values, numbers, value, number):
    """Put a value into a list sorted by value (falling), then number (rising), if it is better than the last one."""
    last = len(values) - 1
    if value < values[last] or (value == values[last] and number > numbers[last]):
        return
    at = last
    while at > 0 and (values[at - 1] < value or (values[at - 1] == value and numbers[at - 1] > number)):
        values[at] = values[at - 1]
        numbers[at] = numbers[at - 1]
        at -= 1
    values[at] = value
    numbers[at] = number


FULL, ABOVE, BELOW = 0, 1, 2
_AT_ONCE = 32


@nb.njit(**_OPTIONS)
def visit_rows(
    tile, part, first, types_a, starts_b, first_type_b, relations, batch_a, batch_b, unit_a, unit_b, sign, low, scale,
    best, best_numbers, worst, across, across_numbers, worst_across, extremes, extreme_numbers, counts,
):  # fmt: skip
    """Add the pairs of a tile to the reductions of their row's cell; for those of the column's cell, turn the tile.

    Most pairs change nothing but a count: 32 of them at once are compared with the worst that is kept.

    Parameters
    ----------
    tile, batch_a, batch_b
        As in `count_type_pairs`.
    part
        FULL, or of a tile on the diagonal the pairs ABOVE or BELOW it.
    first
        Number of the first column's cell; the following ones count on.
    types_a
        Type of each row.
    starts_b, first_type_b
        First column of each type of the tile's columns, and the end; the first of these types.
    relations
        Types x types: 0 own type, 1 similar type, 2 other type, 3 unknown.
    unit_a, unit_b
        Unit of each row and column, by which pairs are counted.
    sign
        1 if larger is more alike, -1 if smaller is: a score is `sign * value`.
    low, scale
        Bins of the cutoffs.
    best, best_numbers
        (rows, k), scores of the most alike cells found so far, falling, and their numbers; k may be 0.
    worst
        (rows,), the last of `best`, infinite if k is 0: most pairs need only this one.
    across, across_numbers, worst_across
        The same for the most alike cells of other batches; their k is another one.
    extremes, extreme_numbers
        (2, rows), negated score of the least alike cell of the own type, and score of the most alike one of another.
    counts
        (rows, 8, cutoffs), pairs by relation and unit (2 * relation + same unit) and bin of the cutoff; cutoffs may be
        0.
    """
    k, k_across, n_bins = best.shape[1], across.shape[1], counts.shape[2]
    nothing = -np.float32(np.inf)
    for i in nb.prange(tile.shape[0]):
        batch, row = batch_a[i], tile[i]
        bins = np.empty(tile.shape[1] if n_bins else 0, np.uint16)
        for segment in range(len(starts_b) - 1):
            begin, end = starts_b[segment], starts_b[segment + 1]
            if part == ABOVE:
                begin = max(begin, i + 1)
            elif part == BELOW:
                end = min(end, i)
            if begin >= end:
                continue
            kind = first_type_b + segment
            other = 0 if kind == types_a[i] else 1
            toward = sign if other else -sign
            for chunk in range(begin, end, _AT_ONCE):
                stop = min(chunk + _AT_ONCE, end)
                highest, farthest = nothing, nothing
                for j in range(chunk, stop):
                    highest = max(highest, sign * row[j])
                    farthest = max(farthest, toward * row[j])
                if highest >= worst[i]:
                    for j in range(chunk, stop):
                        if sign * row[j] >= worst[i]:
                            _insert(best[i], best_numbers[i], sign * row[j], first + j)
                            worst[i] = best[i, k - 1]
                if highest >= worst_across[i]:
                    for j in range(chunk, stop):
                        if sign * row[j] >= worst_across[i] and batch_b[j] != batch:
                            _insert(across[i], across_numbers[i], sign * row[j], first + j)
                            worst_across[i] = across[i, k_across - 1]
                if farthest >= extremes[other, i]:
                    for j in range(chunk, stop):
                        found = toward * row[j]
                        lower = found == extremes[other, i] and first + j < extreme_numbers[other, i]
                        if found > extremes[other, i] or lower:
                            extremes[other, i] = found
                            extreme_numbers[other, i] = first + j
            if n_bins:
                group = 2 * relations[types_a[i], kind]
                _bin_by_batch(row[begin:end], unit_b[begin:end], unit_a[i], low, scale, n_bins, bins)
                _count(bins[: end - begin], counts[i, group : group + 2].reshape(2 * n_bins))


@nb.njit(**_OPTIONS)
def count_hexagons(x, y, diagonal, types_a, starts_b, first_type_b, x_low, y_low, dx, dy, nx, ny, counts):
    """Count the pairs of a tile on hexagons of two measures, within and between types.

    Of the four centres of the first lattice around a point and the one of the second between them, the latter is
    nearest where `|x - 1/2| + 3 |y - 1/2| < 1`, in steps of the lattice: the difference of the two squared distances.

    Parameters
    ----------
    x, y
        Two tiles of the same pairs.
    types_a, starts_b, first_type_b
        As in `visit_rows`.
    x_low, y_low, dx, dy, nx, ny
        The grid (`rankstudy.pairs.engine.grids.HexGrid`).
    counts
        (stripes, 2, 2, nx + 2, ny + 2), added to: within and between types, on the two lattices, an array per stripe of
        rows.
    """
    stripes = counts.shape[0]
    half, one, three, zero = np.float32(0.5), np.float32(1), np.float32(3), np.float32(0)
    low_x, low_y, per_x, per_y = np.float32(x_low), np.float32(y_low), np.float32(1 / dx), np.float32(1 / dy)
    top_x, top_y = np.float32(nx), np.float32(ny)
    per_column = np.int32(ny + 2)
    per_lattice = np.int32((nx + 2) * (ny + 2))
    for stripe in nb.prange(stripes):
        places = np.empty(x.shape[1], np.int32)
        for i in range(stripe, x.shape[0], stripes):
            of_x, of_y = x[i], y[i]
            for j in range(x.shape[1]):
                sx = min(max((of_x[j] - low_x) * per_x, zero), top_x)
                sy = min(max((of_y[j] - low_y) * per_y, zero), top_y)
                column, row = np.int32(sx), np.int32(sy)
                in_x, in_y = sx - np.float32(column) - half, sy - np.float32(row) - half
                second = np.int32(abs(in_x) + three * abs(in_y) < one)
                first = np.int32(1) - second
                right, up = first * np.int32(in_x >= zero), first * np.int32(in_y >= zero)
                places[j] = second * per_lattice + (column + right) * per_column + row + up
            for segment in range(len(starts_b) - 1):
                count = counts[stripe, 0 if first_type_b + segment == types_a[i] else 1].ravel()
                for j in range(max(starts_b[segment], i + 1) if diagonal else starts_b[segment], starts_b[segment + 1]):
                    count[places[j]] += 1


@nb.njit(**_OPTIONS)
def merge_best(values_a, numbers_a, values_b, numbers_b):
    """Put the best of two lists per cell into the first: scores falling, then numbers rising.

    -1 marks an empty place.
    """
    for i in nb.prange(values_a.shape[0]):
        for k in range(values_b.shape[1]):
            if numbers_b[i, k] >= 0:
                _insert(values_a[i], numbers_a[i], values_b[i, k], numbers_b[i, k])
