"""What is asked of the cells of a replicate: what the jobs are told that look at encodings in every setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anndata as ad
import numpy as np

from rankstudy.core.modules import resolve
from rankstudy.core.seeds import generator
from rankstudy.measures.settings.material import Encoder, Material, material_of, read_cells


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which cells and encodings are looked at, and how numbers are resampled.

    Attributes
    ----------
    shards
        The replicate's shards.
    cells_in
        The table `analysed_cells`.
    genes_in
        For each encoding, the files that say which genes it is given (`rankstudy.spaces.encodings.genes`).
    encodings
        For each encoding its `function`, `genes` (`module:class` of what gives it these), whether it is an `order`, and
        what else the job has to know.
    shared_genes
        The list of the panel `shared`.
    dataset, seed
        Names of the data set and the replicate.
    counts
        Whether values are counts of molecules, of which some can be drawn.
    unit, donors_in
        What is resampled, `batches` or `donors`; the table `cells`, where donors are not batches.
    cells
        Cells to look at, at most.
    neighbours
        Cells of a neighbourhood.
    draws
        Draws of one total, and of ties.
    resamples, resampling_seed, level
        How many resamples, their seed, and the level of the intervals.
    """

    shards: Sequence[str]
    cells_in: str
    genes_in: Mapping[str, Mapping[str, str]]
    encodings: Mapping[str, Mapping[str, Any]]
    shared_genes: str
    dataset: str
    seed: int
    counts: bool
    unit: str
    donors_in: str | None
    cells: int
    neighbours: int
    draws: int
    resamples: int
    resampling_seed: int
    level: float

    @property
    def selected_in(self) -> str:
        """The table of the selected genes."""
        return next(iter(self.genes_in.values()))["genes"]

    @property
    def random(self) -> np.random.Generator:
        """The source of random numbers for the resamples; the same for all that is looked at in these cells."""
        return generator(self.resampling_seed, "uncertainty", self.dataset, str(self.seed))

    def encoders(self, spaces_in: Mapping[str, str]) -> dict[str, Encoder]:
        """Return the encodings; those that are spaces of the study have files of vectors."""
        return {
            name: Encoder(
                about["function"], resolve(about["genes"])(self.genes_in[name], self.seed), spaces_in.get(name)
            )
            for name, about in self.encodings.items()
        }

    def read(self) -> tuple[ad.AnnData, int]:
        """Return the counts of the cells, and of how many they were drawn."""
        return read_cells(self.shards, self.cells_in, cells=self.cells, seed=self.seed)

    def material(self, whole: ad.AnnData) -> Material:
        """Return the cells that can be looked at in all settings, and which settings these are."""
        return material_of(
            whole,
            selected_in=self.selected_in,
            shared_genes=self.shared_genes,
            counts=self.counts,
            draws=self.draws,
            seed=self.seed,
        )
