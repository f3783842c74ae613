"""How many cells of each type there are, and how many take part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rankstudy.figures.style import NEUTRAL, WITHIN, figure, plain_label
from rankstudy.index import CELL_TYPES
from rankstudy.selection import SELECTION_REPORT


def draw_cells_per_type(types: str, report: str, *, seed: int, outputs: Sequence[str]) -> None:
    """Draw one bar per cell type, on a log axis: all usable cells, and those that one replicate selected."""
    counts = CELL_TYPES.read(types).sort_values(["n_cells", "cell_type"], ascending=[False, True], ignore_index=True)
    chosen = SELECTION_REPORT.read(report)
    chosen = chosen[chosen["selected"] & (chosen["seed"] == seed)].set_index("cell_type")["n_cells"]
    selected = counts["cell_type"].map(chosen).fillna(0).to_numpy()
    y = np.arange(len(counts))
    with figure(0.9 + 0.21 * len(counts), width=5.6, outputs=outputs) as drawing:
        axes = drawing.subplots()
        axes.barh(y, counts["n_cells"], color=NEUTRAL, alpha=0.45, height=0.72, label="in the data set")
        axes.barh(y, selected, color=WITHIN, height=0.72, label="selected")
        for at, (n, s) in enumerate(zip(counts["n_cells"], selected, strict=True)):
            text = f"{n:,}" if s == n else f"{n:,} ({int(s):,} selected)" if s else f"{n:,} (left out)"
            axes.text(max(n, 1) * 1.06, at, text, va="center", fontsize=7, color="#333333")
        axes.set_xscale("log")
        axes.set_xlim(0.8, counts["n_cells"].max() * 4)
        axes.set_yticks(y, [plain_label(t) for t in counts["cell_type"]])
        axes.set_ylim(len(counts) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("cells (log)")
        axes.legend(loc="lower right")
