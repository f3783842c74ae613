"""Tokens: a cell as the order of its genes, each gene's counts measured against its median over a large corpus.

For a cell with counts c, total n and medians m the value of gene g is c_g / n * 10,000 / m_g (no logarithm). Zeros are
dropped; genes stand in descending order of value; genes of equal value in the order of the vocabulary. The authors'
own order of equal values is undefined (an unstable sort), so it is not imitated.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import scipy.sparse as sp

from rankstudy.core.errors import StudyError
from rankstudy.spaces.models.geneformer.vocabulary import CLS, EOS, Vocabulary

ROWS_AT_ONCE = 256  # cells that share one thread's scratch memory


def gene_places(tokens: np.ndarray, vocabulary: Vocabulary) -> np.ndarray:
    """Return the place in the vocabulary of each gene of a data set.

    Parameters
    ----------
    tokens
        Token of each gene of the data set, -1 for none. Genes may share a token: their counts are summed.
    vocabulary
        The vocabulary.

    Returns
    -------
    int32, -1 for a gene without a token.
    """
    at = np.searchsorted(vocabulary.tokens, tokens)
    return np.where(tokens >= 0, at, -1).astype(np.int32)


def tokenise(
    counts: sp.csr_matrix, places: np.ndarray, vocabulary: Vocabulary, *, max_length: int | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the tokens of each cell.

    The total of a cell divides all its values alike and so leaves their order as it is; it is not needed.

    Parameters
    ----------
    counts
        Cells x genes of the data set, non-negative.
    places
        What `gene_places` returns for these genes.
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
    expressed
        (cells,), genes of the vocabulary with a count, before they are cut to the longest input.
    """
    frames = vocabulary.version.frames
    longest = max_length or vocabulary.version.max_length
    if len(places) != counts.shape[1]:
        raise StudyError(f"tokens: the counts have {counts.shape[1]} genes, the table of tokens {len(places)}")
    stored = counts.indptr.astype(np.int64), counts.indices, counts.data
    expressed = _count_expressed(*stored, places, len(vocabulary.tokens))
    kept = np.minimum(expressed, longest - 2 * frames)
    lengths = kept + 2 * frames * (kept > 0)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    tokens = np.empty(offsets[-1], np.int32)
    _order_rows(*stored, places, vocabulary.medians, vocabulary.tokens, kept, offsets, int(frames), tokens)
    return tokens, offsets, expressed


def token_values(counts: np.ndarray, total: float, medians: np.ndarray) -> np.ndarray:
    """Return the value of each gene of a cell by which Geneformer orders it: count / total * 10,000 / median."""
    return counts / total * 10_000 / medians


@nb.njit(parallel=True, cache=True)
def _count_expressed(indptr, genes, counts, places, size):  # pragma: no cover - compiled
    """Return for each row how many genes of a vocabulary of this size have a count."""
    n_rows = len(indptr) - 1
    expressed = np.zeros(n_rows, np.int64)
    for chunk in nb.prange(-(-n_rows // ROWS_AT_ONCE)):
        seen_in = np.full(size, -1, np.int64)
        for row in range(chunk * ROWS_AT_ONCE, min((chunk + 1) * ROWS_AT_ONCE, n_rows)):
            for k in range(indptr[row], indptr[row + 1]):
                place = places[genes[k]]
                if place >= 0 and counts[k] > 0 and seen_in[place] != row:
                    seen_in[place] = row
                    expressed[row] += 1
    return expressed


@nb.njit(parallel=True, cache=True)
def _order_rows(  # pragma: no cover - compiled
    indptr, genes, counts, places, medians, tokens, kept, offsets, frame, out
):
    """Fill `out` with the tokens of each row in descending order of count / median."""
    n_rows = len(kept)
    for chunk in nb.prange(-(-n_rows // ROWS_AT_ONCE)):
        sums, held = np.zeros(len(medians)), np.empty(len(medians), np.int32)
        for row in range(chunk * ROWS_AT_ONCE, min((chunk + 1) * ROWS_AT_ONCE, n_rows)):
            for k in range(indptr[row], indptr[row + 1]):
                place = places[genes[k]]
                if place >= 0:
                    sums[place] += counts[k]
            n_held = 0
            for place in range(len(sums)):  # in the order of the vocabulary, which decides between equal values
                held[n_held] = place
                n_held += sums[place] > 0
            at = held[:n_held]
            order = _descending(sums[at] / medians[at])
            sums[at] = 0
            begin = offsets[row]
            if frame and n_held:
                out[begin] = CLS
                out[offsets[row + 1] - 1] = EOS
            for k in range(kept[row]):
                out[begin + frame + k] = tokens[at[order[k]]]


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
