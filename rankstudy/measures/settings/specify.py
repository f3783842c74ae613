"""The specification curves of a replicate: pairs of encodings compared in every setting, on the same cells."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from rankstudy.core.progress import Progress
from rankstudy.core.tables import write_empty
from rankstudy.core.threads import limited_threads
from rankstudy.measures.settings.asked import Asked
from rankstudy.measures.settings.curves import curves_of, deciders_of
from rankstudy.measures.settings.differences import differences_of
from rankstudy.measures.settings.draws import Drawn
from rankstudy.measures.settings.material import (
    Encoder,
    Material,
    Omission,
    cells_left,
    cells_of,
    defined_everywhere,
    in_words,
    not_alone,
)
from rankstudy.measures.settings.scores import Cells, scores, threads_for
from rankstudy.measures.settings.setting import Scored, Setting, claimed, shown
from rankstudy.measures.settings.tables import (
    AS_MEASURED,
    CURVE_CELLS,
    CURVE_OMISSIONS,
    CURVES,
    DECIDERS,
    SELECTED,
    SPECIFICATIONS,
    TABLES,
)
from rankstudy.measures.uncertainty.tables import ACROSS, BATCH_DRIVEN, OWN_TYPE
from rankstudy.pairs.likeness.measures import Measure

log = logging.getLogger(__name__)

STATISTIC = "statistic"


def specify_pairs(
    asked: Asked,
    *,
    pairs: Sequence[Sequence[str]],
    spaces_in: Mapping[str, str],
    outputs: Mapping[str, str],
    threads: int | None = None,
) -> None:
    """Compare pairs of encodings in every setting and write the tables of their curves.

    Memory: the counts of the cells, vectors of one encoding, dense, and three matrices of all pairs of the cells,
    unless these are many (`rankstudy.measures.settings.scores`).

    Parameters
    ----------
    asked
        What is looked at.
    pairs
        Each an encoding and what it is compared with; without any the tables are empty.
    spaces_in
        The files of the encodings that are spaces of the study.
    outputs
        Where each of the tables goes, by its name.
    threads
        Threads of BLAS and of the compiled passes; None leaves them as they are. Changes no result beyond rounding.

    Raises
    ------
    StudyError
        If no two types of cells are left in all settings.
    """
    if not pairs:
        # all that had a curve can be left out of a data set (`on_missing`), which is known once its genes are
        write_empty(TABLES, outputs)
        return
    encoders = asked.encoders(spaces_in)
    with limited_threads(threads):
        whole, compared = asked.read()
        material = asked.material(whole)
        defined = defined_everywhere(material, encoders)
        kept = not_alone(material.counts.obs["slug"].astype(str), defined, "settings", "settings.also")
        about = cells_left(compared, whole, material, kept)
        log.info("%s, seed %d: %s", asked.dataset, asked.seed, in_words(about))
        material = material.of_cells(kept)
        looked_at = cells_of(material, asked.donors_in)
        orders = {name: bool(of["order"]) for name, of in asked.encodings.items()}
        with limited_threads(threads_for(len(looked_at), threads)):
            scored = score(material, encoders, _measures(pairs, orders), looked_at, asked.neighbours)
        specified, resampled = differences_of(
            scored,
            pairs,
            orders,
            looked_at,
            k=asked.neighbours,
            unit=asked.unit,
            resamples=asked.resamples,
            random=asked.random,
            level=asked.level,
        )
    specified["n_genes"] = specified["panel"].map({name: len(genes) for name, genes in material.panels.items()})
    made = {
        SPECIFICATIONS: specified,
        CURVES: curves_of(specified),
        DECIDERS: deciders_of(specified, resampled, asked.level),
        CURVE_CELLS: pd.DataFrame([about]).astype({"total": "Int64"}),
        CURVE_OMISSIONS: pd.DataFrame(
            [*material.omissions, *_omitted(looked_at, asked.neighbours)], columns=Omission._fields
        ),
    }
    for table, frame in made.items():
        table.write(frame.assign(dataset=asked.dataset, seed=asked.seed)[table.names], outputs[table.name])


def _measures(pairs: Sequence[Sequence[str]], orders: Mapping[str, bool]) -> dict[str, list[Measure]]:
    """Return the measures by which each encoding is looked at in any of the pairs."""
    found: dict[str, dict[Measure, None]] = {}
    for pair in pairs:
        order = any(orders[name] for name in pair)
        for name in pair:
            found.setdefault(name, {}).update(dict.fromkeys((*claimed(order), *shown(order))))
    return {name: list(measures) for name, measures in found.items()}


def score(
    material: Material,
    encoders: Mapping[str, Encoder],
    measures: Mapping[str, Sequence[Measure]],
    cells: Cells,
    k: int,
) -> dict[Scored, Drawn]:
    """Return the statistics of every encoding in every setting; at one total their means over draws."""
    found: dict[Scored, Drawn] = {}
    steps = len(measures) * len(material.panels) * (1 + (len(material.depths) - 1) * material.draws)
    with Progress(total=steps, unit="encodings, panels and draws") as progress:
        for name, panel, depth, vectors in _vectors(material, {name: encoders[name] for name in measures}):
            for measure, statistic, one in scores(vectors, measures[name], cells, k):
                found.setdefault(Scored(name, Setting(measure, panel, depth), statistic), Drawn()).add(one)
            progress.update(1)
    return found


def _vectors(material: Material, encoders: Mapping[str, Encoder]) -> Iterator[tuple[str, str, str, Any]]:
    """Yield encoding, panel, depth and vectors: those that the study compares from their file."""
    for depth in material.depths:
        for counts in material.at(depth):
            for name, encoder in encoders.items():
                vectors = encoder.vectors(counts, material.panels, name)
                if depth == AS_MEASURED and encoder.space_in is not None:
                    vectors[SELECTED] = encoder.stored(counts.obs_names.tolist())
                yield from ((name, panel, depth, of_panel) for panel, of_panel in vectors.items())


def _omitted(cells: Cells, k: int) -> list[Omission]:
    """Return the statistics of which nothing can be said of these cells."""
    if len(cells) <= k:
        reason = f"{len(cells)} cells are no more than the {k} of a neighbourhood"
        return [Omission(STATISTIC, name, reason) for name in (OWN_TYPE, ACROSS, BATCH_DRIVEN)]
    if not cells.has_batches:
        return [Omission(STATISTIC, name, "the cells are of one batch") for name in (ACROSS, BATCH_DRIVEN)]
    if cells.others.min() < k:
        fewest = int(cells.others.min())
        return [Omission(STATISTIC, ACROSS, f"some cells have {fewest} cells in other batches, fewer than {k}")]
    return []
