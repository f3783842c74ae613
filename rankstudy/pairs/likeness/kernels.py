"""Compiled passes over vectors, and over a tile of their products, on all threads."""

from __future__ import annotations

import numba as nb
import numpy as np

# values of a tile are never NaN: maxima may be taken many at once
_OPTIONS = {"parallel": True, "cache": True, "fastmath": {"nnan", "nsz"}}
# sums may be taken many at once; a vector that is not finite must stay so
_SUMS = {"cache": True, "fastmath": {"reassoc", "contract", "nsz"}}


@nb.njit(**_SUMS)
def _numbers_of(row, values, profile, numbers):
    """Fill mean, squared length about it, product with the profile, squared length of the rest, and largest value.

    `values` are those of the row, with or without its zeros.
    """
    total, largest = 0.0, 0.0
    for value in values:
        total += value
        largest = max(largest, abs(value))
    mean = total / len(row)
    left, squares, inner, rest = 0.0, 0.0, 0.0, 0.0
    for g in range(len(row)):
        value = row[g] - mean
        left += value
        squares += value * value
        inner += value * profile[g]
        rest += (value - profile[g]) * (value - profile[g])
    # what adding many values has rounded off the mean
    left /= len(row)
    numbers[0], numbers[2], numbers[4] = mean + left, inner, largest
    numbers[1], numbers[3] = max(squares - len(row) * left * left, 0.0), max(rest - len(row) * left * left, 0.0)


@nb.njit(parallel=True, **_SUMS)
def numbers_of_dense(rows, profile, numbers):
    """Fill (5, cells) numbers of dense rows, as `_numbers_of` has them."""
    for i in nb.prange(rows.shape[0]):
        row = rows[i].astype(np.float64)
        _numbers_of(row, row, profile, numbers[:, i])


@nb.njit(parallel=True, **_SUMS)
def numbers_of_sparse(indptr, indices, data, profile, numbers):
    """Fill (5, cells) numbers of CSR rows, as `_numbers_of` has them."""
    for i in nb.prange(len(indptr) - 1):
        row = np.zeros(len(profile))
        for k in range(indptr[i], indptr[i + 1]):
            row[indices[k]] = data[k]
        _numbers_of(row, data[indptr[i] : indptr[i + 1]], profile, numbers[:, i])


@nb.njit(**_OPTIONS)
def directions_of_dense(rows, means, per, profile, out):
    """Fill float32 rows with `(value - mean - profile) * per`."""
    for i in nb.prange(rows.shape[0]):
        for g in range(rows.shape[1]):
            out[i, g] = np.float32((rows[i, g] - means[i] - profile[g]) * per[i])


@nb.njit(**_OPTIONS)
def directions_of_sparse(indptr, indices, data, means, per, profile, out):
    """Fill dense float32 rows as `directions_of_dense` does, of CSR rows; what is not stored is zero."""
    for i in nb.prange(len(indptr) - 1):
        for g in range(len(profile)):
            out[i, g] = np.float32((-means[i] - profile[g]) * per[i])
        for k in range(indptr[i], indptr[i + 1]):
            out[i, indices[k]] = np.float32((data[k] - means[i] - profile[indices[k]]) * per[i])


@nb.njit(cache=True)
def places_behind(indices, indptr_by_dimension, places):
    """Fill for each value of CSR rows the place behind it among the values of its dimension, these by rising cell."""
    behind = indptr_by_dimension[:-1].copy()
    for k in range(len(indices)):
        behind[indices[k]] += 1
        places[k] = behind[indices[k]]


@nb.njit(**_OPTIONS)
def sparse_products(onto, indptr_a, indices_a, data_a, first_b, indptr_b, indices_b, data_b, of_a, of_b, out):
    """Fill a tile with the cosines of the rests of CSR rows of `a` and of `b` (by dimension), rounded once.

    Each value of `a` meets those of its dimension in `b` from the place `first_b` on. `of_a` and `of_b` are (4, cells),
    what is subtracted: `f g' + g f' + q u' + u q'`. Where the rows are a part of the dimensions, the sum goes `onto`
    what the tile holds of the others.
    """
    for turn in nb.prange(out.shape[0]):
        # from both ends in turns: the upper rows of a triangle take longer
        i = turn // 2 if turn % 2 else out.shape[0] - 1 - turn // 2
        total = out[i].astype(np.float64) if onto else np.zeros(out.shape[1])
        for k in range(indptr_a[i], indptr_a[i + 1]):
            value = data_a[k]
            for at in range(first_b[k], indptr_b[indices_a[k] + 1]):
                total[indices_b[at]] += value * data_b[at]
        f, g, q, u = of_a[0, i], of_a[1, i], of_a[2, i], of_a[3, i]
        for j in range(out.shape[1]):
            out[i, j] = total[j] - (f * of_b[1, j] + g * of_b[0, j] + q * of_b[3, j] + u * of_b[2, j])


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


# Functions of their own: the compiler then does many values at once.


@nb.njit(cache=True, fastmath={"nnan", "nsz", "contract"})
def _similarities(base, w, f, g, h, of_b, out):
    for j in range(len(out)):
        value = w * of_b[0, j] * base[j] + (f * of_b[2, j] + g * of_b[1, j] + h * of_b[3, j])
        out[j] = min(max(value, -1.0), 1.0)


@nb.njit(cache=True, fastmath={"nnan", "nsz", "contract"})
def _distances(base, w, f, h, of_b, out):
    for j in range(len(out)):
        apart = h - of_b[3, j]
        out[j] = np.sqrt(max(f + of_b[1, j] - w * of_b[0, j] * base[j] + apart * apart, 0.0))


SIMILARITY, DISTANCE, FINISHED = 0, 1, 2


@nb.njit(**_OPTIONS)
def finish_and_turn(kind, base, of_a, of_b, tile, turned):
    """Fill a tile with a measure and write it transposed to `turned`, in pieces that fit the first cache.

    Parameters
    ----------
    kind
        SIMILARITY or DISTANCE; FINISHED where `base` holds the measure already.
    base
        Cosines of the rests of the rows' and the columns' cells; may be the tile itself.
    of_a, of_b
        (4, cells), w, f, g, h of the rows and of the columns (`rankstudy.pairs.likeness.numbers`): a similarity is
        `w w' base + f g' + g f' + h h'`, a squared distance `f + f' - w w' base + (h - h')^2`, in float64.
    tile, turned
        (cells of a) x (cells of b) and its transpose, float32.
    """
    rows, columns = 8, 64
    for block in nb.prange((tile.shape[1] + columns - 1) // columns):
        begin, end = block * columns, min((block + 1) * columns, tile.shape[1])
        for top in range(0, tile.shape[0], rows):
            for i in range(top, min(top + rows, tile.shape[0])):
                w, f, g, h = of_a[0, i], of_a[1, i], of_a[2, i], of_a[3, i]
                if kind == SIMILARITY:
                    _similarities(base[i, begin:end], w, f, g, h, of_b[:, begin:end], tile[i, begin:end])
                elif kind == DISTANCE:
                    _distances(base[i, begin:end], w, f, h, of_b[:, begin:end], tile[i, begin:end])
                else:
                    tile[i, begin:end] = base[i, begin:end]
                for j in range(begin, end):
                    turned[j, i] = tile[i, j]
