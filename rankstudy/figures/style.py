"""The one style of all figures: colours that colour-blind readers can tell apart, sizes, and byte-stable saving."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rankstudy.files import atomic

# Okabe and Ito 2008
WITHIN, BETWEEN, NEUTRAL = "#0072B2", "#D55E00", "#8A8A8A"
RELATION_COLOURS = {"within": WITHIN, "between": BETWEEN}
RELATION_NAMES = {"within": "within a type", "between": "between types"}
SEQUENTIAL = "cividis_r"
WIDTH = 7.2
DPI = 200

RC = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "svg.fonttype": "path",
    "svg.hashsalt": "rankstudy",
    "path.simplify": True,
}


@contextmanager
def figure(height: float, *, width: float = WIDTH, outputs: Sequence[str]) -> Iterator[Figure]:
    """Yield an empty figure in the study's style and save it to each of `outputs` (inches; .svg, .png) when done.

    Nothing of the time or the version of the software is written, so that the same tables give the same bytes.
    """
    with mpl.rc_context(RC):
        drawing = plt.figure(figsize=(width, height))
        try:
            yield drawing
            for path in outputs:
                with atomic(path) as temporary:
                    metadata = {"Date": None, "Creator": None} if path.endswith(".svg") else {"Software": None}
                    drawing.savefig(temporary, dpi=DPI, metadata=metadata)
        finally:
            plt.close(drawing)


def swarm(values: np.ndarray, *, half_width: float = 0.35, bins: int = 40) -> np.ndarray:
    """Return horizontal offsets that spread points of similar value evenly: as wide as the values are dense.

    Deterministic: within a bin points alternate left and right of the middle, in their order.
    """
    if len(values) < 2 or np.ptp(values) == 0:
        return np.zeros(len(values))
    bin_of = np.minimum((bins * (values - values.min()) / np.ptp(values)).astype(int), bins - 1)
    fullest = np.bincount(bin_of).max()
    step = 2 * half_width / max(fullest, 8)
    offsets = np.zeros(len(values))
    for b in np.unique(bin_of):
        members = np.flatnonzero(bin_of == b)
        offsets[members] = (np.arange(len(members)) - (len(members) - 1) / 2) * step
    return offsets


def letter(axes: Sequence[Axes], *, wrap: int = 100) -> None:
    """Mark panels a, b, c, ... in front of their titles, wrapped at `wrap` characters to the same number of lines."""
    titles = [textwrap.wrap(panel.get_title(loc="left"), wrap) or [""] for panel in axes]
    most = max(len(lines) for lines in titles)
    for name, panel, lines in zip("abcdefghijklmnopqrstuvwxyz", axes, titles, strict=False):
        text = "\n".join([*lines, *[""] * (most - len(lines))])
        panel.set_title(f"$\\bf{{{name}}}$  {text}", loc="left")


def plain_label(text: str) -> str:
    """Return a label of a data set so that matplotlib draws it as it is: no mathematics."""
    return str(text).replace("$", r"\$")
