"""Cells encoded again after a change, by the encodings themselves: what closed forms must agree with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.modules import resolve
from rankstudy.measures.causes.looked_at import LookedAt
from rankstudy.measures.changes.drawn import Drawn
from rankstudy.measures.changes.rules.totals import SHARE_MOVED
from rankstudy.measures.settings.tables import SELECTED
from rankstudy.spaces.encodings.cell_counts import CellCounts
from rankstudy.spaces.encodings.genes import AllGenes
from rankstudy.spaces.encodings.rank import fractional_ranks
from rankstudy.spaces.registry import FILE_GENES

# cells that are encoded together
_AT_ONCE = 2000


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
        of_file = corner is not None and corner.vocabulary == FILE_GENES and not isinstance(self._given, AllGenes)
        self._panel = self._names if of_file else looked.panels[SELECTED]

    @property
    def _given(self) -> Any:
        return self._encoder.given

    def vectors(self, counts: sp.csr_matrix, ids: np.ndarray) -> Vectors:
        """Return the vectors of cells of these ids, which may be there several times: chance is that of the id."""
        function, seen = resolve(self._encoder.function), {}

        def of_ids(given: CellCounts | sp.csr_matrix, *totals: np.ndarray) -> Any:
            if isinstance(given, CellCounts):
                given = replace(given, ids=ids.tolist())
            seen.update(given=given, whole=function(given, *totals))
            return seen["whole"]

        obs = pd.DataFrame({"n_counts": np.asarray(counts.sum(axis=1)).ravel()}, index=np.arange(len(ids)).astype(str))
        shard = ad.AnnData(counts, obs=obs, var=pd.DataFrame(index=self._names))
        (of_panel,) = self._given.over([self._panel], of_ids, shard, self.name)
        if isinstance(given := seen["given"], CellCounts):
            read, genes, known = given.counts, given.genes, self._given.known_as(self._names, self.name)
        else:
            read, genes, known = given, self._panel, self._names
        columns = pd.Index(genes, dtype=object).get_indexer(pd.Index(known, dtype=object))
        selected = pd.Index(self._panel).get_indexer(self._looked.panels[SELECTED])
        whole, of_panel = (sp.csr_matrix(each, dtype=np.float64) for each in (seen["whole"], of_panel))
        return Vectors(whole, of_panel[:, selected], read, columns)

    def changes(self, drawn: Drawn, which: np.ndarray) -> Iterator[tuple[np.ndarray, Vectors, Vectors]]:
        """Yield numbers of changes, and the vectors of their cells before and after: some of those asked at a time."""
        counts, ids = sp.csr_matrix(drawn.counts.X, dtype=np.float64), drawn.counts.obs_names.to_numpy()
        whole = self.vectors(counts, ids)
        for begin in range(0, len(which), _AT_ONCE):
            some = which[begin : begin + _AT_ONCE]
            of = drawn.cell[some]
            before = Vectors(whole.whole[of], whole.selected[of], whole.read[of], whole.columns)
            yield some, before, self.vectors(drawn.changed(some), ids[of])

    def entries(self, whole: sp.csr_matrix) -> sp.csr_matrix:
        """Return the entries of vectors: of an order its places, 1 is the highest; else what they hold."""
        return places_of(whole) if self.kind == "order" else whole

    def moves(self, before: Vectors, after: Vectors, genes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (changes,) and (changes,): whether all is as it was, and how many entries of other genes move.

        Parameters
        ----------
        before, after
            The vectors of a cell before and after each change.
        genes
            (changes,), the gene of the file that is changed.
        """
        blind = np.diff((before.whole != after.whole).tocsr().indptr) == 0
        was, becomes = self.entries(before.whole), self.entries(after.whole)
        if self.kind == "value":
            moved = (abs(becomes - was) > abs(was) * SHARE_MOVED).tocsr()
        else:
            moved = (becomes != was).tocsr()
        columns, rows = after.columns[genes], np.arange(len(genes))
        own = np.where(columns >= 0, np.asarray(moved[rows, np.maximum(columns, 0)]).ravel(), False)
        return blind, np.diff(moved.indptr) - own


def places_of(vectors: sp.csr_matrix) -> sp.csr_matrix:
    """Return the place of each value of a row among those that are not zero, 1 is the highest; ties share the mean."""
    ranks = fractional_ranks(vectors).astype(np.float64)
    held = np.diff(ranks.indptr)
    zeros = ranks.shape[1] - held
    highest = np.where(zeros, (zeros + 1) / 2, 1.0) + held
    ranks.data = np.repeat(highest, held) - ranks.data
    return ranks
