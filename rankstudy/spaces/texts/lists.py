"""Lists of a cell's genes, as GenePT-s writes them, and varied in one respect at a time.

Which genes stand in a list is settled before in which order they do: the first ones by counts (or by counts over
medians), as many as were asked for and as the model's window holds. An order that is shuffled then has the same genes,
and what it loses is not what the window cuts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from rankstudy.core.seeds import generator
from rankstudy.spaces.encodings.orders import order_vectors
from rankstudy.spaces.encodings.sorting import first_of_rows
from rankstudy.spaces.encodings.stored import over_medians

# the word pieces of each of some texts; None where a model cannot tell
Lengths = Callable[[Sequence[str]], np.ndarray] | None


@dataclass(frozen=True)
class Listed:
    """The lists of some cells.

    Attributes
    ----------
    places
        Of each cell, the columns of its listed genes in the order of the choice (not of the writing).
    n_genes
        (cells,): genes that could be written.
    n_cut
        (cells,): genes that were asked for and that the window cuts.
    """

    places: list[np.ndarray]
    n_genes: np.ndarray
    n_cut: np.ndarray


def words_of(symbols: Sequence[str | None], names: dict[str, str] | None) -> list[str | None]:
    """Return the word of each gene: its symbol, or its name where it has one; None for genes without a symbol."""
    if names is None:
        return list(symbols)
    return [None if symbol is None else names.get(symbol.upper(), symbol) for symbol in symbols]


def permuted(words: Sequence[str | None], seed: int) -> list[str | None]:
    """Return the words with those that there are given to other genes, drawn by the seed."""
    known = [k for k, word in enumerate(words) if word is not None]
    drawn, found = generator(seed, "words of genes").permutation(known), list(words)
    for to, of in zip(known, drawn, strict=True):
        found[to] = words[of]
    return found


def choose(
    counts: sp.csr_matrix,
    words: Sequence[str | None],
    *,
    medians: np.ndarray | None,
    most: int | None,
    room: int | None,
    lengths: Lengths,
    with_counts: bool,
) -> Listed:
    """Choose the genes of each cell's list.

    Parameters
    ----------
    counts
        CSR, cells x genes, float64, no zeros stored, indices sorted.
    words
        The word of each gene; genes without one are not written.
    medians
        What a count is divided by before the genes are ordered; genes without a median are not written. None: counts
        themselves. Equal values stand in the order of the columns.
    most
        Genes at most.
    room, lengths
        Word pieces that the list may have, and what tells how many texts have; None: all that are asked for fit.
    with_counts
        Whether the count is written behind each gene.
    """
    can_be_written = np.array([word is not None for word in words])
    if medians is not None:
        can_be_written &= np.isfinite(medians)
    kept = counts[:, np.flatnonzero(can_be_written)]
    columns = np.flatnonzero(can_be_written)
    values = kept if medians is None else over_medians(kept, medians[columns])
    stored, offsets = first_of_rows(values.indptr, values.data, most)
    genes = columns[kept.indices[stored]]
    of_genes = _pieces(genes, kept.data[stored], words, lengths, with_counts) if room is not None else None
    places, cut = [], []
    for begin, end in zip(offsets[:-1], offsets[1:], strict=True):
        fits = end - begin
        if of_genes is not None:
            fits = int(np.searchsorted(np.cumsum(of_genes[begin:end]), room, side="right"))
        places.append(genes[begin : begin + fits])
        cut.append(end - begin - fits)
    return Listed(places, np.diff(kept.indptr), np.array(cut, np.int64))


def _pieces(
    genes: np.ndarray, counts: np.ndarray, words: Sequence[str | None], lengths: Any, with_counts: bool
) -> np.ndarray:
    """Return the word pieces of each listed gene, with those of its count."""
    which, at = np.unique(genes, return_inverse=True)
    found = lengths([words[gene] for gene in which])[at]
    if with_counts:
        numbers, of_counts = np.unique(counts, return_inverse=True)
        found = found + lengths([_number(count) for count in numbers])[of_counts]
    return found


def _number(count: float) -> str:
    return f"{count:g}"


def write(
    listed: Listed,
    counts: sp.csr_matrix,
    words: Sequence[str | None],
    ids: Sequence[str],
    *,
    order: str,
    with_counts: bool,
    prefix: str,
    seed: int,
) -> list[str]:
    """Return the text of each cell.

    Parameters
    ----------
    listed
        Its genes.
    counts, words
        As for `choose`.
    ids
        Ids of the cells; what is shuffled is drawn by the seed and the id.
    order
        `descending`, `reversed`, `shuffled` or `alphabetical`.
    with_counts
        Whether the count is written behind each gene.
    prefix
        What stands before the list.
    """
    texts = []
    for row, (genes, cell) in enumerate(zip(listed.places, ids, strict=True)):
        written = _ordered(genes, order, words, seed, cell)
        said = [str(words[gene]) for gene in written]
        if with_counts:
            of_cell = dict(zip(*_row(counts, row), strict=True))
            said = [f"{word} {_number(of_cell[gene])}" for word, gene in zip(said, written, strict=True)]
        texts.append(prefix + " ".join(said))
    return texts


def _row(counts: sp.csr_matrix, row: int) -> tuple[list[int], list[float]]:
    stored = slice(counts.indptr[row], counts.indptr[row + 1])
    return counts.indices[stored].tolist(), counts.data[stored].tolist()


def _ordered(genes: np.ndarray, order: str, words: Sequence[str | None], seed: int, cell: str) -> list[int]:
    if order == "reversed":
        return genes[::-1].tolist()
    if order == "shuffled":
        return generator(seed, "list", cell).permutation(genes).tolist()
    if order == "alphabetical":
        return sorted(genes.tolist(), key=lambda gene: (str(words[gene]), gene))
    return genes.tolist()


def as_vectors(listed: Listed, n_genes: int, *, places: bool) -> sp.csr_matrix:
    """Return the lists as plain vectors, cells x genes, CSR float32: places as ranks (`orders`), or 1 for each gene."""
    lengths = np.array([len(genes) for genes in listed.places])
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    indices = np.concatenate([*listed.places, np.empty(0, np.int64)]).astype(np.int64)
    # the first gene has the largest value, so that the order of the values is that of the list
    values = np.concatenate([*(np.arange(n, 0, -1.0) for n in lengths), np.empty(0)])
    lists = sp.csr_matrix((values if places else np.ones(len(values)), indices, indptr), (len(lengths), n_genes))
    lists.sort_indices()
    return order_vectors(lists) if places else lists.astype(np.float32)


def from_others(slugs: Sequence[str], ids: Sequence[str], seed: int) -> np.ndarray:
    """Return for each cell another cell of its type, drawn by the seed, as its row; a single cell has itself.

    A cycle through the cells of each type in random order, so that no cell keeps its own list.
    """
    found = np.arange(len(ids))
    kinds = np.asarray(slugs)
    for slug in sorted(set(slugs)):
        rows = np.flatnonzero(kinds == slug)
        drawn = generator(seed, "lists of others", slug).permutation(rows)
        found[drawn] = np.roll(drawn, 1)
    return found
