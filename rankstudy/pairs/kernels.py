"""Compiled passes over a tile of values, run while it is in cache.

A tile holds one measure of some cells (rows) with some others (columns), both sorted by type. On the diagonal, rows and
columns are the same cells and only pairs above the diagonal count. Every pass is parallel over things that no other
thread writes to: pairs of types, rows, columns.
"""

from __future__ import annotations

import numba as nb
import numpy as np

_OPTIONS = {"parallel": True, "cache": True, "fastmath": False}


@nb.njit(inline="always")
def bin_of(value, low, scale, n_bins):
    """Return the bin of a value among equal bins from `low`, `scale` bins per unit; outside values go to the ends."""
    return min(max(np.int64((value - low) * scale), 0), n_bins - 1)


@nb.njit(**_OPTIONS)
def unit_rows(indptr, indices, data, means, norms, out):
    """Fill dense rows with `(value - mean) / norm` of CSR rows; what is not stored is zero before that."""
    for i in nb.prange(len(indptr) - 1):
        out[i, :] = np.float32(-means[i] / norms[i])
        for k in range(indptr[i], indptr[i + 1]):
            out[i, indices[k]] = np.float32((data[k] - means[i]) / norms[i])


@nb.njit(**_OPTIONS)
def clip_tile(tile, low, high):
    """Clip a tile in place."""
    for i in nb.prange(tile.shape[0]):
        for j in range(tile.shape[1]):
            tile[i, j] = min(max(tile[i, j], low), high)


@nb.njit(**_OPTIONS)
def distances_direct(a, b, out):
    """Fill a tile with Euclidean distances by differences: exact, and the fastest way for a few dimensions."""
    for i in nb.prange(a.shape[0]):
        for j in range(b.shape[0]):
            total = 0.0
            for d in range(a.shape[1]):
                difference = a[i, d] - b[j, d]
                total += difference * difference
            out[i, j] = np.sqrt(total)


@nb.njit(**_OPTIONS)
def distances_from_products(product, squares_a, squares_b, out):
    """Fill a tile with Euclidean distances from the products of centred vectors and their squared norms."""
    for i in nb.prange(product.shape[0]):
        for j in range(product.shape[1]):
            out[i, j] = np.sqrt(max(squares_a[i] + squares_b[j] - 2.0 * product[i, j], 0.0))


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
        count = counts[p]
        for i in range(begin_a, end_a):
            batch = batch_a[i]
            for j in range(i + 1 if own else begin_b, end_b):
                count[1 if batch_b[j] == batch else 0, bin_of(tile[i, j], low, scale, n_bins)] += 1
        wanted = np.zeros(n_bins, np.bool_)
        total = 0
        n_gathered = 0
        q = 0
        before = np.empty(ranks.shape[1], np.int64)
        offset = np.empty(ranks.shape[1], np.int64)
        for b in range(n_bins):
            held = count[0, b] + count[1, b]
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
            for j in range(i + 1 if own else begin_b, end_b):
                value = tile[i, j]
                if wanted[bin_of(value, low, scale, n_bins)]:
                    gathered[filled] = value
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


@nb.njit(**_OPTIONS)
def visit_rows(
    tile, part, first, types_a, types_b, relations, batch_a, batch_b, sign, low, scale,
    best, best_numbers, worst, extremes, extreme_numbers, counts,
):  # fmt: skip
    """Add the pairs of a tile to the reductions of their row's cell; for those of the column's cell, turn the tile.

    Parameters
    ----------
    tile, batch_a, batch_b
        As in `count_type_pairs`.
    part
        FULL, or of a tile on the diagonal the pairs ABOVE or BELOW it.
    first
        Number of the first column's cell; the following ones count on.
    types_a, types_b
        Type of each row and column.
    relations
        Types x types: 0 own type, 1 similar type, 2 other type.
    sign
        1 if larger is more alike, -1 if smaller is: a score is `sign * value`.
    low, scale
        Bins of the cutoffs.
    best, best_numbers
        (rows, k), scores of the most alike cells found so far, falling, and their numbers; k may be 0.
    worst
        (rows,), the last of `best`, infinite if k is 0: most pairs need only this one.
    extremes, extreme_numbers
        (2, rows), negated score of the least alike cell of the own type, and score of the most alike one of another.
    counts
        (rows, 6, cutoffs), pairs by relation and batch (2 * relation + same batch) and bin of the cutoff; cutoffs may be 0.
    """
    k, n_bins = best.shape[1], counts.shape[2]
    for i in nb.prange(tile.shape[0]):
        kind, batch = types_a[i], batch_a[i]
        begin = i + 1 if part == ABOVE else 0
        end = i if part == BELOW else tile.shape[1]
        for j in range(begin, end):
            value = tile[i, j]
            score = sign * value
            if score >= worst[i]:
                _insert(best[i], best_numbers[i], score, first + j)
                worst[i] = best[i, k - 1]
            other = 0 if types_b[j] == kind else 1
            found = score if other else -score
            if found > extremes[other, i] or (found == extremes[other, i] and first + j < extreme_numbers[other, i]):
                extremes[other, i] = found
                extreme_numbers[other, i] = first + j
            if n_bins:
                group = 2 * relations[kind, types_b[j]] + (1 if batch_b[j] == batch else 0)
                counts[i, group, bin_of(value, low, scale, n_bins)] += 1


_TURNED_AT_ONCE = 32


@nb.njit(**_OPTIONS)
def turn(tile, out):
    """Write the transposed tile to `out`, square by square."""
    n = _TURNED_AT_ONCE
    for block in nb.prange((tile.shape[1] + n - 1) // n):
        begin, end = block * n, min((block + 1) * n, tile.shape[1])
        for top in range(0, tile.shape[0], n):
            for j in range(begin, end):
                for i in range(top, min(top + n, tile.shape[0])):
                    out[j, i] = tile[i, j]


@nb.njit(**_OPTIONS)
def count_hexagons(x, y, diagonal, types_a, types_b, x_low, y_low, dx, dy, nx, ny, counts):
    """Count the pairs of a tile on hexagons of two measures, within and between types.

    Parameters
    ----------
    x, y
        Two tiles of the same pairs.
    x_low, y_low, dx, dy, nx, ny
        The grid (`rankstudy.pairs.grids.HexGrid`).
    counts
        (stripes, 2, 2, nx + 2, ny + 2), added to: within and between types, on the two lattices, an array per stripe of rows.
    """
    stripes = counts.shape[0]
    per_x, per_y = 1.0 / dx, 1.0 / dy
    for stripe in nb.prange(stripes):
        count = counts[stripe]
        for i in range(stripe, x.shape[0], stripes):
            for j in range(i + 1 if diagonal else 0, x.shape[1]):
                sx = min(max((x[i, j] - x_low) * per_x, 0.0), np.float64(nx))
                sy = min(max((y[i, j] - y_low) * per_y, 0.0), np.float64(ny))
                second_x, second_y = np.int64(sx), np.int64(sy)
                in_x, in_y = sx - second_x, sy - second_y
                up_x, up_y = in_x >= 0.5, in_y >= 0.5
                to_first = (in_x - up_x) ** 2 + 3.0 * (in_y - up_y) ** 2
                to_second = (in_x - 0.5) ** 2 + 3.0 * (in_y - 0.5) ** 2
                relation = 0 if types_a[i] == types_b[j] else 1
                if to_second < to_first:
                    count[relation, 1, second_x, second_y] += 1
                else:
                    count[relation, 0, second_x + up_x, second_y + up_y] += 1


@nb.njit(**_OPTIONS)
def merge_best(values_a, numbers_a, values_b, numbers_b):
    """Put the best of two lists per cell into the first: scores falling, then numbers rising; -1 marks an empty place."""
    for i in nb.prange(values_a.shape[0]):
        for k in range(values_b.shape[1]):
            if numbers_b[i, k] >= 0:
                _insert(values_a[i], numbers_a[i], values_b[i, k], numbers_b[i, k])
