"""What the spaces of a second opinion know of depth."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rankstudy.core.identity import positions_of
from rankstudy.measures.audit.leakage import depth_leakage, drawn
from rankstudy.measures.audit.tables import LEAKAGE
from rankstudy.measures.judge.spaces import Judged, Spaces
from rankstudy.pairs.space_files import SpaceFile

_ROWS_AT_ONCE = 1024
# controls are made of labels and chance, and library size is the depth itself
_LEFT_OUT = ("control",)


def leakage_of(judged: Judged, spaces: Spaces, outputs: Mapping[str, str]) -> None:
    """Write how well depth is predicted from the vectors of each space but the controls; nothing without counts."""
    if judged.given.counts is None:
        return
    cells = pd.read_parquet(spaces.cells).query("used").sort_values(["slug", "cell_id"], ignore_index=True)
    chosen = drawn(cells["cell_id"], judged.options.seed)
    cells = cells.iloc[chosen]
    at = positions_of(cells["cell_id"].tolist(), judged.chosen["cell_id"].tolist(), "drawn cells")
    totals = judged.chosen["n_counts"].to_numpy()[at]
    labels = [np.unique(cells[name], return_inverse=True)[1] for name in ("cell_type", "batch")]
    rows, seen = [], set()
    for name, path in spaces.files.items():
        space = SpaceFile(path)
        if spaces.declared[name]["role"] in _LEFT_OUT or space.source in seen:
            continue
        # views have the vectors of their parents
        seen.add(space.source)
        found = depth_leakage(
            _read(space, chosen),
            totals,
            *labels,
            cells["cell_id"].tolist(),
            seed=judged.options.seed,
            level=judged.options.level,
        )
        rows += [{"space": name, **row} for row in found]
    frame = pd.DataFrame(rows).assign(dataset=judged.options.name, seed=judged.options.seed)
    LEAKAGE.write(frame[LEAKAGE.names], outputs["leakage"], outputs.get("leakage_tsv"))


def _read(space: SpaceFile, chosen: np.ndarray) -> np.ndarray:
    """Return the vectors (chosen, d) of some cells, read by ranges."""
    vectors = np.empty((len(chosen), space.layout.dimensions), np.float32)
    for begin in range(0, chosen.max(initial=-1) + 1, _ROWS_AT_ONCE):
        first, last = np.searchsorted(chosen, [begin, begin + _ROWS_AT_ONCE])
        if first == last:
            continue
        rows = space.read(begin, min(begin + _ROWS_AT_ONCE, chosen.max() + 1))
        rows = rows[chosen[first:last] - begin]
        vectors[first:last] = rows if isinstance(rows, np.ndarray) else rows.toarray()
    return vectors
