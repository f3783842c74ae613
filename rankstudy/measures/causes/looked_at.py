"""The cells in which causes are looked for, and the encodings of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import anndata as ad
import numpy as np

from rankstudy.core.modules import resolve
from rankstudy.measures.lattice.corner import Corner
from rankstudy.measures.lattice.vectors import genes_read
from rankstudy.measures.settings.asked import Asked
from rankstudy.measures.settings.material import Encoder, Material, cells_of
from rankstudy.measures.settings.scores import Cells
from rankstudy.measures.settings.tables import SELECTED
from rankstudy.spaces.encodings.cell_counts import CellCounts
from rankstudy.spaces.encodings.genes import AllGenes, Vectors


@dataclass(frozen=True)
class LookedAt:
    """Cells, what is asked of them, and their encodings.

    Attributes
    ----------
    asked
        What is asked.
    material
        The counts of the cells, sorted by type and id.
    cells
        Their types, batches and units.
    encoders
        The encodings, by name.
    corners
        Of those that declare their steps, the corner of the lattice that they are: it can be varied.
    genes
        What gives the genes of each vocabulary that a corner reads, by its name; those of the file are among them.
    """

    asked: Asked
    material: Material
    cells: Cells
    encoders: Mapping[str, Encoder]
    corners: Mapping[str, Corner]
    genes: Mapping[str, AllGenes]

    @classmethod
    def of(cls, asked: Asked, material: Material) -> LookedAt:
        """Take all cells of a material."""
        encoders = asked.encoders({})
        of_steps = {name: about for name, about in asked.encodings.items() if about["steps"] is not None}
        return cls(
            asked,
            material,
            cells_of(material, asked.donors_in),
            encoders,
            {name: Corner.of(about["vocabulary"], about["steps"]) for name, about in of_steps.items()},
            genes_read(asked, encoders),
        )

    @property
    def panels(self) -> dict[str, list[str]]:
        """The panel that vectors are over: the selected genes."""
        return {SELECTED: list(self.material.panels[SELECTED])}

    def vectors(self, counts: ad.AnnData) -> Iterator[tuple[str, Vectors]]:
        """Yield what each encoding makes of counts of some of the cells, over the selected genes."""
        panels = list(self.panels.values())
        read: dict[str, CellCounts] = {}
        for name, encoder in self.encoders.items():
            function, vocabulary = resolve(encoder.function), self.asked.encodings[name]["vocabulary"]
            if vocabulary is None:
                yield name, encoder.given.over(panels, function, counts, name)[0]
                continue
            genes = self.genes[vocabulary]
            if vocabulary not in read:
                read[vocabulary] = genes.cells(counts, name)
            yield name, genes.over_cells(panels, function, read[vocabulary], name)[0]

    def of_cells(self, kept: np.ndarray) -> LookedAt:
        """Return the same of some of the cells."""
        material = self.material.of_cells(kept)
        return replace(self, material=material, cells=cells_of(material, self.asked.donors_in))
