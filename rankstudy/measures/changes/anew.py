"""Cells encoded again after a change, by the encodings themselves: what closed forms must agree with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.modules import resolve
from rankstudy.measures.causes.looked_at import LookedAt
from rankstudy.measures.changes.drawn import Changed
from rankstudy.measures.changes.rules.totals import SHARE_MOVED
from rankstudy.measures.settings.tables import SELECTED
from rankstudy.spaces.encodings.genes import AllGenes
from rankstudy.spaces.encodings.rank import fractional_ranks
from rankstudy.spaces.registry import FILE_GENES

# cells that are encoded together
_AT_ONCE = 1000
# shares of what a value has to move within which rounding can decide
_ROUNDED = 1e-4


@dataclass(frozen=True)
class Vectors:
    """Vectors of some cells.

    Attributes
    ----------
    whole
        CSR, float64, over all genes that the encoding reads.
    selected
        CSR, float64, over the selected genes.
    read
        CSR, the counts of these genes.
    columns
        (genes of the file,), the column of `whole` that is of each gene; -1: none.
    """

    whole: sp.csr_matrix
    selected: sp.csr_matrix
    read: sp.csr_matrix
    columns: np.ndarray


class Moves(NamedTuple):
    """What changes do to an encoding.

    Attributes
    ----------
    blind
        (changes,), whether all is as it was.
    displaced
        (changes,), how many entries of other genes move.
    unsure
        (changes,), how many entries there are of which rounding decides whether they do.
    """

    blind: np.ndarray
    displaced: np.ndarray
    unsure: np.ndarray


class Encoding:
    """An encoding of the cells that are looked at.

    Parameters
    ----------
    looked
        The cells, and their encodings.
    name
        Which of these.
    """

    def __init__(self, looked: LookedAt, name: str) -> None:
        self.name, self._looked, self._encoder = name, looked, looked.encoders[name]
        corner, self._names = looked.corners.get(name), looked.material.counts.var_names.tolist()
        self.kind = corner.kind if corner else ("order" if looked.asked.encodings[name]["order"] else "value")
        # what does the same to every gene, and is given the selected ones, does so to all of the file
        of_file = (
            corner is not None and corner.vocabulary == FILE_GENES and not isinstance(self._encoder.given, AllGenes)
        )
        self._panel = self._names if of_file else looked.panels[SELECTED]

    def vectors(self, counts: sp.csr_matrix, ids: np.ndarray) -> Vectors:
        """Return the vectors of cells of these ids, which may be there several times: chance is that of the id."""
        function, given = resolve(self._encoder.function), self._encoder.given
        obs = pd.DataFrame({"n_counts": np.asarray(counts.sum(axis=1)).ravel()}, index=np.arange(len(ids)).astype(str))
        shard = ad.AnnData(counts, obs=obs, var=pd.DataFrame(index=self._names))
        selected = self._looked.panels[SELECTED]
        if isinstance(given, AllGenes):
            cells = replace(given.cells(shard, self.name), ids=ids.tolist())
            whole = sp.csr_matrix(function(cells), dtype=np.float64)
            (of_selected,) = given.over_cells([selected], lambda _: whole, cells, self.name)
            return Vectors(whole, of_selected, cells.counts, self._columns)
        whole = sp.csr_matrix(given.over([self._panel], function, shard, self.name)[0], dtype=np.float64)
        of_selected = whole[:, pd.Index(self._panel).get_indexer(selected)]
        return Vectors(whole, of_selected, counts[:, pd.Index(self._names).get_indexer(self._panel)], self._columns)

    @cached_property
    def _columns(self) -> np.ndarray:
        """(genes of the file,), which of all that is read each is; -1: none."""
        given, genes, known = self._encoder.given, self._panel, self._names
        if isinstance(given, AllGenes):
            known = given.known_as(self._names, self.name)
            genes = given.read(known)
        return pd.Index(genes, dtype=object).get_indexer(pd.Index(known, dtype=object))

    def changes(self, some: Changed) -> Iterator[tuple[np.ndarray, Vectors, Vectors]]:
        """Yield numbers of changes, and the vectors of their cells before and after: a part of them at a time."""
        drawn = some.drawn
        ids = drawn.counts.obs_names.to_numpy()
        whole = self.vectors(sp.csr_matrix(drawn.counts.X, dtype=np.float64), ids)
        for begin in range(0, len(some.which), _AT_ONCE):
            which = some.which[begin : begin + _AT_ONCE]
            of = drawn.cell[which]
            before = Vectors(whole.whole[of], whole.selected[of], whole.read[of], whole.columns)
            yield which, before, self.vectors(some.counts[begin : begin + _AT_ONCE], ids[of])

    def entries(self, whole: sp.csr_matrix) -> sp.csr_matrix:
        """Return the entries of vectors: of an order its places, 1 is the highest; else what they hold."""
        return places_of(whole) if self.kind == "order" else whole

    def moves(self, before: Vectors, after: Vectors, genes: np.ndarray) -> Moves:
        """Return what changes do.

        Parameters
        ----------
        before, after
            The vectors of a cell before and after each change.
        genes
            (changes,), the gene of the file that is changed.
        """
        blind = _held(before.whole != after.whole) == 0
        was, becomes = self.entries(before.whole), self.entries(after.whole)
        others = sp.csr_matrix(abs(becomes - was))
        others.data[others.indices == np.repeat(after.columns[genes], np.diff(others.indptr))] = 0.0
        others.eliminate_zeros()
        if self.kind != "value":
            return Moves(blind, _held(others), np.zeros(len(genes), np.int64))
        least, most = (_held(others > abs(was) * (SHARE_MOVED * margin)) for margin in (1 + _ROUNDED, 1 - _ROUNDED))
        return Moves(blind, _held(others > abs(was) * SHARE_MOVED), most - least)


def places_of(vectors: sp.csr_matrix) -> sp.csr_matrix:
    """Return the place of each value of a row among those that are not zero, 1 is the highest; ties share the mean."""
    ranks = fractional_ranks(vectors).astype(np.float64)
    held = np.diff(ranks.indptr)
    zeros = ranks.shape[1] - held
    highest = np.where(zeros, (zeros + 1) / 2, 1.0) + held
    ranks.data = np.repeat(highest, held) - ranks.data
    return ranks


def _held(values: sp.spmatrix) -> np.ndarray:
    """Return how many values of each row are not zero."""
    return np.diff(sp.csr_matrix(values).indptr)
