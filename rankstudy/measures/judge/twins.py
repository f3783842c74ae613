"""How far an embedding agrees on twins: it was made twice, of two halves of the molecules of each cell."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np
import pandas as pd

from rankstudy.core.seeds import generator
from rankstudy.measures.audit.leakage import drawn
from rankstudy.measures.causes.tables import HALF, TWINS
from rankstudy.measures.causes.twins import Twins, scores_of_twins, twins_of
from rankstudy.measures.judge.spaces import Judged, Spaces
from rankstudy.measures.settings.scores import Cells
from rankstudy.measures.uncertainty.influence import Influence
from rankstudy.pairs.likeness.measures import Measure
from rankstudy.spaces.brought.bring import vectors_of

Scored = dict[Twins, tuple[np.ndarray, Influence]]


def write_twins(judged: Judged, spaces: Spaces, outputs: Mapping[str, str]) -> None:
    """Write how often a cell's nearest among all other halves is its own, and how far halves agree on neighbours.

    By the functions of `rankstudy.measures.causes`, on the compared cells that both halves have, at most 5,000. Nothing
    is written where no embedding came twice, or one of both failed its audit.
    """
    frames = []
    cells = pd.read_parquet(spaces.cells).query("used").sort_values(["slug", "cell_id"], ignore_index=True)
    cells = cells.iloc[drawn(cells["cell_id"], judged.options.seed)].reset_index(drop=True)
    for name, halves in judged.options.twins.items():
        if not {judged.names[one] for one in (name, *halves)} <= set(spaces.files):
            # one of them failed its audit
            continue
        frames.append(_of_one(judged, judged.names[name], halves, cells))
    if frames:
        frame = pd.concat(frames).assign(dataset=judged.options.name, seed=judged.options.seed)
        TWINS.write(frame[TWINS.names], outputs["twins"], outputs.get("twins_tsv"))


def _of_one(judged: Judged, space: str, halves: tuple[str, str], cells: pd.DataFrame) -> pd.DataFrame:
    ids, options = cells["cell_id"].tolist(), judged.options
    found = [vectors_of(given, pd.Index(given.ids).to_numpy(object), ids) for given in _embeddings(judged, halves)]
    both = found[0][1] & found[1][1]
    first, second = (vectors[both[has]] for vectors, has in found)
    held = cells[both].reset_index(drop=True)
    compared = Cells(held, np.unique(held["batch"], return_inverse=True)[1])
    measure, k = Measure(judged.catalogue.spaces[space].metric), min(options.neighbours)
    scored: Scored = {
        Twins(space, HALF, *key): each for key, each in scores_of_twins(compared, first, second, [measure], k)
    }
    asked = SimpleNamespace(
        unit="batches",
        resamples=options.resamples,
        neighbours=k,
        level=options.level,
        random=generator(options.seed, "twins", options.name, space),
    )
    return twins_of(scored, SimpleNamespace(asked=asked, cells=compared))[0]


def _embeddings(judged: Judged, halves: tuple[str, str]) -> list:
    return [judged.given.embeddings[name] for name in halves]
