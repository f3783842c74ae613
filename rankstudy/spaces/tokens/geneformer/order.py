"""Tokens: a cell as the order of its genes, each gene's counts measured against its median over a large corpus.

For a cell with counts c, total n and medians m the value of gene g is c_g / n * 10,000 / m_g (no logarithm). Zeros are
dropped; genes stand in descending order of value; genes of equal value in the order of the vocabulary. The authors'
own order of equal values is undefined (an unstable sort), so it is not imitated.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import scipy.sparse as sp

from rankstudy.spaces.tokens.geneformer.versions import CLS, EOS, VERSIONS
from rankstudy.spaces.tokens.vocabulary import Vocabulary


def tokenise(
    counts: sp.csr_matrix, vocabulary: Vocabulary, max_length: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the tokens of each cell.

    The total of a cell divides all its values alike and so leaves their order as it is; it is not needed.

    Parameters
    ----------
    counts
        Cells x genes of the vocabulary, positive where stored, in the order of the genes.
    vocabulary
        The vocabulary.
    max_length
        Longest input, special tokens included; that of the version if None.

    Returns
    -------
    tokens
        int32, of all cells one after the other, `<cls>` and `<eos>` included where the version has them.
    offsets
        (cells + 1,), where the tokens of each cell begin. A cell without any gene of the vocabulary has none.
    """
    version = VERSIONS[vocabulary.identity["version"]]
    kept = np.minimum(np.diff(counts.indptr), (max_length or version.max_length) - 2 * version.frames)
    lengths = kept + 2 * version.frames * (kept > 0)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    tokens = np.empty(offsets[-1], np.int32)
    values, of_genes = counts.data / vocabulary.medians[counts.indices], vocabulary.tokens[counts.indices]
    _order_rows(counts.indptr.astype(np.int64), values, of_genes, kept, offsets, int(version.frames), tokens)
    return tokens, offsets


def token_values(counts: np.ndarray, total: float, medians: np.ndarray) -> np.ndarray:
    """Return the value of each gene of a cell by which Geneformer orders it: count / total * 10,000 / median."""
    return counts / total * 10_000 / medians


@nb.njit(parallel=True, cache=True)
def _order_rows(indptr, values, tokens, kept, offsets, frame, out):  # pragma: no cover - compiled
    """Fill `out` with the tokens of each row in descending order of their values, equal ones as they stand."""
    for row in nb.prange(len(kept)):
        begin, end, at = indptr[row], indptr[row + 1], offsets[row]
        order = _descending(values[begin:end])
        if frame and end > begin:
            out[at] = CLS
            out[offsets[row + 1] - 1] = EOS
        for k in range(kept[row]):
            out[at + frame + k] = tokens[begin + order[k]]


_DIGIT = 11  # bits: three digits hold the 32 bits of a float


@nb.njit(inline="always")
def _descending(values):  # pragma: no cover - compiled
    """Return the stable order of positive values, largest first.

    A radix sort by the values as float32 (whose bits have the order of the numbers), which is stable and takes no
    comparisons; then values that float32 cannot tell apart are put in order among themselves.
    """
    n = len(values)
    keys = ~values.astype(np.float32).view(np.uint32)
    order, spare = np.arange(n).astype(np.int32), np.empty(n, np.int32)
    first = np.empty(1 << _DIGIT, np.int32)
    for shift in range(0, 32, _DIGIT):
        first[:] = 0
        for key in keys:
            first[(key >> np.uint32(shift)) & np.uint32((1 << _DIGIT) - 1)] += 1
        total = 0
        for digit in range(1 << _DIGIT):
            held = first[digit]
            first[digit] = total
            total += held
        for k in range(n):
            digit = (keys[order[k]] >> np.uint32(shift)) & np.uint32((1 << _DIGIT) - 1)
            spare[first[digit]] = order[k]
            first[digit] += 1
        order, spare = spare, order
    for k in range(1, n):
        item = order[k]
        j = k
        while j > 0 and keys[order[j - 1]] == keys[item] and values[order[j - 1]] < values[item]:
            order[j] = order[j - 1]
            j -= 1
        order[j] = item
    return order
