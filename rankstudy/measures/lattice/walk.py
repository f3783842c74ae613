"""The lattice of a replicate: all corners scored in every setting on the same cells, and what they come to."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.errors import StudyError, advise
from rankstudy.core.progress import Progress
from rankstudy.core.tables import write_empty
from rankstudy.core.threads import limited_threads
from rankstudy.measures.lattice.itinerary import Lattice, n_places, places_of, shortest
from rankstudy.measures.lattice.ledgers import Walked, lattice_of, ledgers_of, steps_of
from rankstudy.measures.lattice.origin import order_origin
from rankstudy.measures.lattice.tables import LATTICE, LATTICE_STEPS, LEDGER, ORDER_ORIGIN, TABLES
from rankstudy.measures.lattice.vectors import Read, genes_read
from rankstudy.measures.settings.asked import Asked
from rankstudy.measures.settings.differences import CLAIMED, resampled_of
from rankstudy.measures.settings.draws import Drawn
from rankstudy.measures.settings.material import (
    Encoder,
    Material,
    cells_left,
    cells_of,
    has_direction,
    in_words,
    not_alone,
)
from rankstudy.measures.settings.scores import Cells, Score, scores, threads_for
from rankstudy.measures.settings.setting import Scored, Setting
from rankstudy.pairs.likeness.measures import Measure
from rankstudy.spaces.encodings.genes import AllGenes

log = logging.getLogger(__name__)

# cells of which it is checked that declared steps make their vectors
_CHECKED = 100


def walk_lattice(
    asked: Asked, *, ledgers: Sequence[Sequence[str]], outputs: Mapping[str, str], threads: int | None = None
) -> None:
    """Score all corners in every setting, and write what each step costs and whose order it is.

    Parameters
    ----------
    asked
        What is looked at. Of each encoding it also says the `vocabulary` and the `steps`
        (`rankstudy.spaces.steps.Steps`, as plain values).
    ledgers
        Each an encoding and what its ledger starts from; without any the tables are empty.
    outputs
        Where each of the tables goes, by its name.
    threads
        Threads of BLAS and of the compiled passes; None leaves them as they are. Changes no result beyond rounding.

    Raises
    ------
    StudyError
        If the steps that an encoding declares do not make its vectors, or no two types are left at all corners.
    """
    if not ledgers:
        # all that had one can be left out of a data set (`on_missing`), which is known once its genes are
        write_empty(TABLES, outputs)
        return
    lattice, encoders = Lattice.of(asked.encodings, ledgers), asked.encoders({})
    genes = genes_read(asked, encoders)
    with limited_threads(threads):
        whole, compared = asked.read()
        material = asked.material(whole)
        _require_steps(Read(_some(material.counts), genes, material.panels), lattice, encoders)
        defined = _defined(material, lattice, genes)
        kept = not_alone(material.counts.obs["slug"].astype(str), defined, "lattice", "lattice.ledgers")
        about = {**cells_left(compared, whole, material, kept), "corners": len(lattice.corners)}
        log.info("%s, seed %d: %s", asked.dataset, asked.seed, in_words(about))
        material = material.of_cells(kept)
        looked_at = cells_of(material, asked.donors_in)
        with limited_threads(threads_for(len(looked_at), threads)):
            scored = score(material, lattice, genes, looked_at, asked.neighbours)
        found, drawn = resampled_of(
            scored,
            looked_at,
            k=asked.neighbours,
            unit=asked.unit,
            resamples=asked.resamples,
            random=asked.random,
        )
        origins = _origins(whole, lattice, genes)
    walked = Walked(list(scored), found, drawn, asked.level)
    n_genes = {panel: len(of) for panel, of in material.panels.items()}
    corners = lattice.corners
    made = {
        LATTICE: lattice_of(walked, corners, lattice.names),
        LATTICE_STEPS: steps_of(walked, corners),
        LEDGER: ledgers_of(walked, lattice.cubes),
    }
    names = {"dataset": asked.dataset, "seed": asked.seed}
    for table, frame in made.items():
        frame = frame.assign(n_cells=len(looked_at), n_genes=frame["panel"].map(n_genes))
        table.write(frame.assign(**names)[table.names], outputs[table.name])
    ORDER_ORIGIN.write(origins.assign(**names)[ORDER_ORIGIN.names], outputs[ORDER_ORIGIN.name])


def score(
    material: Material, lattice: Lattice, genes: Mapping[str, AllGenes], cells: Cells, k: int
) -> dict[Scored, Drawn]:
    """Return the three statistics of every corner in every setting, as means over draws where chance has a part."""
    found: dict[Scored, Drawn] = {}
    with Progress(total=n_places(material, lattice), unit="corners and draws") as progress:
        for counts, places in places_of(material, lattice):
            read, known = Read(counts, genes, material.panels), {}
            for place in places:
                for panel, vectors in read.vectors(place.corner, draw=place.ties).items():
                    for measure, statistic, one in _scores_once(vectors, place.measures, cells, k, known):
                        key = Scored(place.corner.name, Setting(measure, panel, place.depth), statistic)
                        found.setdefault(key, Drawn()).add(one)
                progress.update(1)
    return found


def _scores_once(
    vectors: sp.csr_matrix, measures: tuple[Measure, ...], cells: Cells, k: int, known: dict
) -> list[tuple[Measure, str, Score]]:
    """Return the scores of vectors; of equal vectors they are taken once, so that these differ by nothing."""
    content = hashlib.blake2b(digest_size=16)
    for stored in (vectors.data, vectors.indices, vectors.indptr):
        content.update(stored)
    key = content.digest(), measures
    if key not in known:
        known[key] = [one for one in scores(vectors, measures, cells, k) if one[1] in CLAIMED]
    return known[key]


def _defined(material: Material, lattice: Lattice, genes: Mapping[str, AllGenes]) -> np.ndarray:
    """Return (cells,), whether each has vectors that have a direction at all corners, in all settings and draws."""
    defined = np.ones(material.counts.n_obs, bool)
    looked_at = shortest(lattice.corners)
    for counts, places in places_of(material, lattice):
        read = Read(counts, genes, material.panels)
        for place in places:
            if place.corner in looked_at:
                for vectors in read.vectors(place.corner, draw=place.ties).values():
                    defined &= has_direction(vectors)
    return defined


def _some(counts: ad.AnnData) -> ad.AnnData:
    """Return some of the cells, of all types."""
    return counts[:: max(1, counts.n_obs // _CHECKED)].copy()


def _require_steps(read: Read, lattice: Lattice, encoders: Mapping[str, Encoder]) -> None:
    """Raise StudyError unless the vectors of each encoding are those of the corner that it says it is."""
    for name, corner in lattice.named.items():
        theirs = encoders[name].vectors(read.counts, read.panels, name)
        for panel, ours in read.vectors(corner).items():
            apart = np.abs(sp.csr_matrix(theirs[panel], dtype=np.float64) - ours).max(axis=1).toarray().ravel()
            if (differ := apart > 1e-5 * np.abs(ours).max()).any():
                cell = read.counts.obs_names[differ.argmax()]
                problem = f"{name}: its declared steps ({corner.name}) do not make its vectors, as of the cell {cell}"
                further = "leave `steps` out there, and the encoding out of `lattice.ledgers`"
                raise StudyError(advise(problem, "correct `steps` where it is declared", further))


def _origins(cells: ad.AnnData, lattice: Lattice, genes: Mapping[str, AllGenes]) -> pd.DataFrame:
    """Return the table `order_origin` of every encoding with a ledger that orders genes by counts over medians."""
    tables = []
    about = cells.obs[["cell_type", "batch"]].astype(str).rename_axis("cell_id").reset_index()
    for space, _ in lattice.cubes:
        corner = lattice.named[space]
        if corner.kind == "order" and corner.scaling == corner.vocabulary:
            found = order_origin(genes[corner.vocabulary].cells(cells, space))
            tables.append(found.merge(about, on="cell_id", validate="many_to_one").assign(space=space))
    return pd.concat(tables, ignore_index=True) if tables else ORDER_ORIGIN.empty()
