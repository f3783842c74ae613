"""Is it the encoding or the sequencer: the same cells at other depths, in halves, and under other rules for ties."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import pandas as pd

from rankstudy.core.tables import write_empty
from rankstudy.core.threads import limited_threads
from rankstudy.measures.causes.depth import At, Treatment, median_totals, score_depths, treatments_of
from rankstudy.measures.causes.depth_tables import depths_of, differences_at_depths
from rankstudy.measures.causes.looked_at import LookedAt
from rankstudy.measures.causes.reconstruction import reconstructions_of
from rankstudy.measures.causes.tables import (
    CAUSE_CELLS,
    DEPTH_DIFFERENCES,
    DEPTHS,
    RECONSTRUCTIONS,
    RELIABILITIES,
    TABLES,
    TIE_RULES,
    TIES,
    TWINS,
)
from rankstudy.measures.causes.ties import ties_of
from rankstudy.measures.causes.twins import have_twins, score_twins, twins_of
from rankstudy.measures.settings.asked import Asked
from rankstudy.measures.settings.differences import resampled_of
from rankstudy.measures.settings.draws import Drawn
from rankstudy.measures.settings.material import cells_left, in_words, not_alone
from rankstudy.measures.settings.scores import threads_for

log = logging.getLogger(__name__)


def find_causes(
    asked: Asked,
    *,
    pairs: Sequence[Sequence[str]],
    depths: Sequence[float],
    tie_rules: int,
    outputs: Mapping[str, str],
    threads: int | None = None,
) -> None:
    """Encode the same cells at every depth, in two halves and under several rules for ties, and write what comes out.

    Parameters
    ----------
    asked
        What is looked at. Of each encoding it also says the `vocabulary` and the `steps`
        (`rankstudy.spaces.steps.Steps`, as plain values; None: not known).
    pairs
        Each an encoding and what it is compared with at every depth.
    depths
        Shares of the molecules that cells are thinned to.
    tie_rules
        Random rules for ties.
    outputs
        Where each of the tables goes, by its name.
    threads
        Threads of BLAS and of the compiled passes; None leaves them as they are. Changes no result beyond rounding.

    Raises
    ------
    StudyError
        If values are no counts, or no two types of cells are left at all depths.
    """
    if not asked.encodings:
        # all of them can be left out of a data set (`on_missing`), which is known once its genes are
        write_empty(TABLES, outputs)
        return
    with limited_threads(threads):
        whole, compared = asked.read()
        looked = LookedAt.of(asked, asked.material(whole))
        material, treatments = looked.material, treatments_of(looked.material, depths)
        with limited_threads(threads_for(len(looked.cells), threads)):
            looked, scored = _score_defined(looked, treatments)
            kept = material.counts.obs_names.isin(looked.cells.table["cell_id"])
            about = cells_left(compared, whole, material, kept)
            log.info("%s, seed %d: %s", asked.dataset, asked.seed, in_words(about))
            found, draws = resampled_of(
                scored,
                looked.cells,
                k=asked.neighbours,
                unit=asked.unit,
                resamples=asked.resamples,
                random=asked.random,
            )
            of_twins, reliabilities = twins_of(score_twins(looked), looked)
            ties, rules = ties_of(looked, rules=tie_rules)
            reconstructions = reconstructions_of(looked)
    keys = list(scored)
    made = {
        DEPTHS: depths_of(keys, found, draws, median_totals(looked, treatments), asked.level),
        DEPTH_DIFFERENCES: differences_at_depths(keys, found, draws, pairs, asked.level),
        TWINS: of_twins,
        RELIABILITIES: reliabilities,
        TIES: ties,
        TIE_RULES: rules,
        RECONSTRUCTIONS: reconstructions,
        CAUSE_CELLS: pd.DataFrame([about]),
    }
    for table, frame in made.items():
        whole_table = frame.assign(dataset=asked.dataset, seed=asked.seed)
        if "n_cells" in table.names and "n_cells" not in frame:
            whole_table["n_cells"] = len(looked.cells)
        table.write(whole_table[table.names], outputs[table.name])


def _score_defined(looked: LookedAt, treatments: Sequence[Treatment]) -> tuple[LookedAt, dict[At, Drawn]]:
    """Return the cells of which every encoding has a vector, however they are treated, and their statistics.

    Nearly always all cells have one, and all is done in one go. A type that has one cell left leaves with it.
    """
    defined = have_twins(looked)
    while True:
        kept = not_alone(looked.material.counts.obs["slug"].astype(str), defined, "causes", "settings.also")
        if not kept.all():
            looked = looked.of_cells(kept)
        scored, defined = score_depths(looked, treatments)
        if defined.all():
            return looked, scored
