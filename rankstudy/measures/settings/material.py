"""What a specification curve is made of: the same cells in every setting, and the vectors of each encoding there."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.cells.shards import read_counts
from rankstudy.cells.treatments.one_total import at_one_total, default_total
from rankstudy.core.draws import keys_of_cells
from rankstudy.core.ensembl import without_versions
from rankstudy.core.errors import StudyError, advise
from rankstudy.core.identity import positions_of
from rankstudy.core.modules import resolve
from rankstudy.measures.compared import read_compared
from rankstudy.measures.settings.scores import Cells
from rankstudy.measures.settings.tables import AS_MEASURED, DEPTH, ONE_TOTAL, PANEL, SELECTED, SHARED
from rankstudy.measures.uncertainty.units import units_of
from rankstudy.pairs.likeness.measures import Measure
from rankstudy.pairs.likeness.numbers import CellNumbers
from rankstudy.pairs.space_files import read_space
from rankstudy.spaces.encodings.genes import GivenGenes
from rankstudy.spaces.genes import listed_names, selected_names

log = logging.getLogger(__name__)

# of a shared panel of fewer genes, hardly a cell has an order
FEWEST_GENES = 100
_NO_MOLECULES = "values are not counts of molecules, of which some could be drawn"


class Omission(NamedTuple):
    """A part of the settings that is left out: which, and why."""

    part: str
    what: str
    reason: str


@dataclass(frozen=True)
class Encoder:
    """An encoding of cells over genes.

    Attributes
    ----------
    function
        `module:function`.
    given
        What gives it its genes.
    space_in
        The file of its vectors over the selected genes, where it is a space of the study.
    """

    function: str
    given: GivenGenes
    space_in: str | None = None

    def vectors(
        self, counts: ad.AnnData, panels: Mapping[str, Sequence[str]], what: str
    ) -> dict[str, sp.csr_matrix | np.ndarray]:
        """Return the vectors of cells over the genes of each panel."""
        found = self.given.over(panels.values(), resolve(self.function), counts, what)
        return dict(zip(panels, found, strict=True))

    def stored(self, cells: Sequence[str]) -> sp.csr_matrix | np.ndarray:
        """Return the vectors that the study compares, of some of its cells."""
        space = read_space(self.space_in)
        return space.vectors[positions_of(cells, space.cells["cell_id"].tolist(), self.space_in)]


@dataclass(frozen=True)
class Material:
    """The counts of some cells, and in which settings they can be looked at.

    Attributes
    ----------
    counts
        Raw counts of all genes, cells sorted by type and id; `obs["n_counts"]` are their sums.
    panels
        The genes of each panel, by its name.
    total
        Molecules of each cell at one total; None where there is no such depth.
    draws
        How often the molecules are drawn.
    seed
        The replicate's seed.
    omissions
        What is left out.
    """

    counts: ad.AnnData
    panels: Mapping[str, list[str]]
    total: int | None
    draws: int
    seed: int
    omissions: tuple[Omission, ...]

    @property
    def depths(self) -> list[str]:
        """The depths that there are."""
        return [AS_MEASURED] if self.total is None else [AS_MEASURED, ONE_TOTAL]

    def at(self, depth: str) -> Iterator[ad.AnnData]:
        """Yield the counts of the cells at a depth: once as they are, else of each draw."""
        if depth == AS_MEASURED:
            yield self.counts
            return
        for draw in range(self.draws):
            yield self._drawn(draw)

    def _drawn(self, draw: int) -> ad.AnnData:
        ids, genes = self.counts.obs_names.tolist(), self.counts.var_names.tolist()
        drawn = at_one_total(self.counts.X, ids, genes, seed=self.seed, draw=draw, total=self.total)
        obs = self.counts.obs.assign(n_counts=float(self.total))
        return ad.AnnData(drawn.counts, obs=obs, var=self.counts.var)

    def of_cells(self, kept: np.ndarray) -> Material:
        """Return the same of some of the cells."""
        return replace(self, counts=self.counts[kept].copy())


def read_cells(shards: Sequence[str], cells_in: str, *, cells: int, seed: int) -> tuple[ad.AnnData, int]:
    """Return the counts of at most so many of the compared cells, and how many are compared."""
    compared = read_compared(cells_in)
    return _counts_of(shards, _sampled(compared["cell_id"].to_numpy(), seed, cells)), len(compared)


def material_of(
    whole: ad.AnnData, *, selected_in: str, shared_genes: str, counts: bool, draws: int, seed: int
) -> Material:
    """Return the cells of a curve among some, and in which settings they can be looked at.

    Cells that have fewer molecules than the one total are left out; `specify_pairs` says what the arguments are.
    """
    kept, total, omissions = _one_total(whole, counts)
    panels, without = _panels(whole, selected_names(selected_in), shared_genes)
    return Material(whole[kept].copy(), panels, total, draws, seed, (*omissions, *without))


def _sampled(ids: np.ndarray, seed: int, cells: int) -> list[str]:
    """Return at most so many cells, in their order: those of the smallest random numbers."""
    if len(ids) <= cells:
        return ids.tolist()
    keys = keys_of_cells(seed, ids, "settings")
    return ids[np.sort(np.argsort(keys, kind="stable")[:cells])].tolist()


def _counts_of(shards: Sequence[str], wanted: Sequence[str]) -> ad.AnnData:
    """Return the counts of the wanted cells, in their order; one shard is read at a time."""
    parts, left = [], set(wanted)
    for path in shards:
        shard = read_counts(path)
        parts.append(shard[shard.obs_names.isin(left)].copy())
    together = ad.concat(parts, join="inner", merge="same")
    return together[positions_of(wanted, together.obs_names.tolist(), "shards")].copy()


def _one_total(whole: ad.AnnData, counts: bool) -> tuple[np.ndarray, int | None, list[Omission]]:
    """Return which cells have the one total, and the total; all and none where molecules cannot be drawn."""
    everyone = np.ones(whole.n_obs, bool)
    if not counts:
        return everyone, None, [Omission(DEPTH, ONE_TOTAL, _NO_MOLECULES)]
    totals = np.asarray(whole.X.sum(axis=1, dtype=np.float64)).ravel()
    total = default_total(totals)
    return totals >= total, total, []


def _panels(whole: ad.AnnData, selected: list[str], path: str) -> tuple[dict[str, list[str]], list[Omission]]:
    """Return the panels of genes, and the one that is left out."""
    names = whole.var_names.astype(str)
    shared = names[np.isin(without_versions(names.tolist()), list(listed_names(path)))].tolist()
    if len(shared) < FEWEST_GENES:
        reason = f"the data set has {len(shared)} of its genes, and {FEWEST_GENES} are needed"
        return {SELECTED: selected}, [Omission(PANEL, SHARED, reason)]
    if set(shared) == set(selected):
        return {SELECTED: selected}, [Omission(PANEL, SHARED, "these are the selected genes")]
    return {SELECTED: selected, SHARED: shared}, []


def cells_of(material: Material, donors_in: str | None) -> Cells:
    """Return the table of the cells and what is independent among them."""
    table = material.counts.obs[["cell_type", "slug", "batch"]].astype(str).rename_axis("cell_id").reset_index()
    return Cells(table, units_of(table, donors_in))


def defined_everywhere(material: Material, encoders: Mapping[str, Encoder]) -> np.ndarray:
    """Return (cells,), whether every encoding has a vector of the cell that has a direction, in every setting."""
    defined = np.ones(material.counts.n_obs, bool)
    for depth in material.depths:
        for counts in material.at(depth):
            for name, encoder in encoders.items():
                for vectors in encoder.vectors(counts, material.panels, name).values():
                    defined &= has_direction(vectors)
    return defined


def has_direction(vectors: sp.csr_matrix | np.ndarray) -> np.ndarray:
    """Return (cells,), whether a vector has correlations and cosines with others."""
    numbers = CellNumbers.of(vectors, np.zeros(vectors.shape[1]))
    return numbers.defined(Measure("correlation")) & numbers.defined(Measure("cosine"))


def not_alone(types: pd.Series, kept: np.ndarray, switch: str, encodings: str) -> np.ndarray:
    """Return which of the kept cells have another one of their type among them.

    Parameters
    ----------
    types, kept
        (cells,), the type of each, and whether it is kept.
    switch, encodings
        For the message: the section of the configuration that would switch it off, and where encodings are named.

    Raises
    ------
    StudyError
        If two types are not left.
    """
    left = types[kept].value_counts()
    together = kept & (types.map(left).fillna(0).to_numpy() > 1)
    if types[together].nunique() < 2:
        problem = f"{int(together.sum())} of {len(kept)} cells are left in every setting, of fewer than two types"
        further = f"leave out encodings of few genes (`{encodings}`)"
        raise StudyError(advise(problem, f"switch it off (`{switch}: {{replicates: 0}}`)", further))
    return together


def cells_left(compared: int, whole: ad.AnnData, material: Material, kept: np.ndarray) -> dict[str, int | None]:
    """Return what the table `curve_cells` says: of so many compared cells, those that were drawn, left out, and left.

    Parameters
    ----------
    compared, whole, material
        As of `read_cells` and `material_of`.
    kept
        Which of the material's cells are left.
    """
    return {
        "compared": compared,
        "drawn": whole.n_obs,
        "below_total": whole.n_obs - material.counts.n_obs,
        "total": material.total,
        "undefined": int((~kept).sum()),
        "cells": int(kept.sum()),
    }


def in_words(about: Mapping[str, int | None]) -> str:
    """Return numbers of cells for the log."""
    return ", ".join(f"{number} {what}" for what, number in about.items())
