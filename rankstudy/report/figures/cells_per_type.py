"""How many cells of each type there are, and how many take part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rankstudy.cells.tables import CELL_TYPES, SELECTION_REPORT
from rankstudy.report.figure import Figure, of_one_seed
from rankstudy.report.figures.style import NEUTRAL, WITHIN, figure, plain_label
from rankstudy.report.figures.text import POINTS_PER_INCH, text_width, widest

if TYPE_CHECKING:
    import pandas as pd

    from rankstudy.report.figure import Outputs

_LABEL_SIZE = 7  # as RC has it for ticks
# inches of the figure beside the labels, and of these of the axis, at least
_BARS, _AXIS = 4.6, 4.3
_LEAST, _AFTER = 0.8, 1.06  # where the axis begins; where a note begins after its bar


FIGURE = Figure(
    title="Cells per type",
    section="data",
    caption=("Cells of each type in ``{dataset}`` and how many of them take part (seed {seed})."),
    reads={"types": CELL_TYPES, "report": of_one_seed(SELECTION_REPORT)},
    settings=lambda plan: {"seed": plan.first_seed},
)


def draw(types: pd.DataFrame, report: pd.DataFrame, *, seed: int, outputs: Outputs) -> None:
    """Draw one bar per cell type, on a log axis: all usable cells, and those that one replicate selected."""
    import numpy as np

    counts = types.sort_values(["n_cells", "cell_type"], ascending=[False, True], ignore_index=True)
    chosen = report[report["selected"] & (report["seed"] == seed)].set_index("cell_type")["n_cells"]
    selected = counts["cell_type"].map(chosen).fillna(0).to_numpy()
    y = np.arange(len(counts))
    labels = list(counts["cell_type"])
    notes = [_note(n, int(s)) for n, s in zip(counts["n_cells"], selected, strict=True)]
    beside = widest(labels, _LABEL_SIZE) / POINTS_PER_INCH
    with figure(1.1 + 0.21 * len(counts), width=_BARS + beside, outputs=outputs) as drawing:
        axes = drawing.subplots()
        axes.barh(y, counts["n_cells"], color=NEUTRAL, alpha=0.45, height=0.72, label="in the data set")
        axes.barh(y, selected, color=WITHIN, height=0.72, label="selected")
        for at, (n, note) in enumerate(zip(counts["n_cells"], notes, strict=True)):
            axes.text(max(n, 1) * _AFTER, at, note, va="center", fontsize=_LABEL_SIZE, color="#333333")
        axes.set_xscale("log")
        axes.set_xlim(_LEAST, _end(counts["n_cells"], notes))
        axes.set_yticks(y, [plain_label(label) for label in labels])
        axes.set_ylim(len(counts) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("cells (log)")
        drawing.legend(loc="outside lower right", ncols=2)


def finding(types: pd.DataFrame, report: pd.DataFrame, *, seed: int) -> str:
    """Return how many types there are, and how many of them take part with how many cells."""
    chosen = report[report["selected"] & (report["seed"] == seed)]["n_cells"]
    return (
        f"{len(types)} cell types with {types['n_cells'].min():,} to {types['n_cells'].max():,} cells; {len(chosen)} "
        f"of them take part, with {chosen.min():,} to {chosen.max():,} cells each."
    )


def _note(n: int, selected: int) -> str:
    return f"{n:,}" if selected == n else f"{n:,} ({selected:,} selected)" if selected else f"{n:,} (left out)"


def _end(numbers: Iterable[int], notes: Iterable[str]) -> float:
    """Return where a logarithmic axis has to end, so that the note after each bar has room."""
    import numpy as np

    ends = []
    for n, note in zip(numbers, notes, strict=True):
        share = text_width(note, _LABEL_SIZE) / POINTS_PER_INCH / _AXIS
        begin = np.log10(max(n, 1) * _AFTER / _LEAST)
        ends.append(begin / (1 - share))
    return _LEAST * 10 ** max(ends, default=1.0)
