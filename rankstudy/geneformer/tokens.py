"""Tokens: a cell as the order of its genes, each gene's counts measured against its median over a large corpus.

For a cell with counts c, total n and medians m the value of gene g is c_g / n * 10,000 / m_g (no logarithm). Zeros are
dropped; genes stand in descending order of value; genes of equal value in the order of the vocabulary. The authors'
own order of equal values is undefined (an unstable sort), so it is not imitated.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import scipy.sparse as sp

from rankstudy.errors import StudyError
from rankstudy.geneformer.vocabulary import CLS, EOS, Vocabulary


def gene_matrix(tokens: np.ndarray, vocabulary: Vocabulary) -> sp.csr_matrix:
    """Return the matrix that sums the counts of a data set's genes per gene of the vocabulary.

    Parameters
    ----------
    tokens
        Token of each gene of the data set, -1 for none.
    vocabulary
        The vocabulary.

    Returns
    -------
    Genes of the data set x genes of the vocabulary, ones and zeros.
    """
    has = np.flatnonzero(tokens >= 0)
    at = np.searchsorted(vocabulary.tokens, tokens[has])
    shape = (len(tokens), len(vocabulary.tokens))
    return sp.csr_matrix((np.ones(len(has), np.float32), (has, at)), shape=shape)


def tokenise(
    counts: sp.csr_matrix, genes: sp.csr_matrix, vocabulary: Vocabulary, *, max_length: int | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the tokens of each cell.

    The total of a cell divides all its values alike and so leaves their order as it is; it is not needed.

    Parameters
    ----------
    counts
        Cells x genes of the data set, non-negative.
    genes
        What `gene_matrix` returns for these genes.
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
    per_gene = _per_gene(counts, genes)
    expressed = np.diff(per_gene.indptr).astype(np.int64)
    kept = np.minimum(expressed, longest - 2 * frames)
    lengths = kept + 2 * frames * (kept > 0)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    tokens = np.empty(offsets[-1], np.int32)
    _order_rows(
        per_gene.indptr.astype(np.int64),
        per_gene.indices,
        per_gene.data.astype(np.float64),
        vocabulary.medians,
        vocabulary.tokens,
        kept,
        offsets,
        int(frames),
        tokens,
    )
    return tokens, offsets, expressed


def token_values(counts: np.ndarray, total: float, medians: np.ndarray) -> np.ndarray:
    """Return the value of each gene of a cell by which Geneformer orders it: count / total * 10,000 / median."""
    return counts / total * 10_000 / medians


def _per_gene(counts: sp.csr_matrix, genes: sp.csr_matrix) -> sp.csr_matrix:
    """Return the summed counts, cells x genes of the vocabulary, columns sorted, no zero stored."""
    target = np.diff(genes.indptr)
    if genes.shape[0] != counts.shape[1]:
        raise StudyError(f"tokens: the counts have {counts.shape[1]} genes, the table of tokens {genes.shape[0]}")
    # a selection of columns where no two genes share a token; a product of matrices would do the same, slower
    kept = np.flatnonzero(target)
    columns = genes.indices
    if len(np.unique(columns)) == len(columns):
        order = np.argsort(columns, kind="stable")
        picked = sp.csr_matrix(counts)[:, kept[order]]
        summed = sp.csr_matrix(
            (picked.data, columns[order][picked.indices], picked.indptr), (counts.shape[0], genes.shape[1])
        )
    else:
        summed = sp.csr_matrix(counts @ genes)
    summed.sum_duplicates()  # and with it the columns are sorted
    summed.eliminate_zeros()
    return summed


@nb.njit(parallel=True, cache=True)
def _order_rows(indptr, genes, counts, medians, tokens, kept, offsets, frame, out):  # pragma: no cover - compiled
    """Fill `out` with the tokens of each row in descending order of count / median."""
    for row in nb.prange(len(kept)):
        n, begin = kept[row], offsets[row]
        if n == 0:
            continue
        at = genes[indptr[row] : indptr[row + 1]]
        values = counts[indptr[row] : indptr[row + 1]] / medians[at]
        order = _descending(values)
        if frame:
            out[begin] = CLS
            out[offsets[row + 1] - 1] = EOS
        for k in range(n):
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
