"""The one style of all figures: colours that colour-blind readers can tell apart, sizes, and byte-stable saving."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate
from string import ascii_lowercase
from typing import TYPE_CHECKING

from rankstudy.core.files import atomic
from rankstudy.measures.verdict import BETTER, WORSE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rankstudy.report.figure import Outputs

# Okabe and Ito 2008
WITHIN, BETWEEN, NEUTRAL = "#0072B2", "#D55E00", "#8A8A8A"
RELATION_COLOURS = {"within": WITHIN, "between": BETWEEN}
RELATION_NAMES = {"within": "within a type", "between": "between types"}
# from the most to the least alike by label
TYPE_COLOURS = {"own": WITHIN, "similar": "#009E73", "unknown": NEUTRAL, "other": BETWEEN}
TYPE_NAMES = {"own": "own type", "similar": "similar type", "unknown": "relation unknown", "other": "other type"}
# where another verdict stands, or none: black
VERDICT_COLOURS = {BETTER: WITHIN, WORSE: BETWEEN}
SEQUENTIAL = "cividis_r"
WIDTH = 7.2
DPI = 200

# beside seaborn's style "ticks"
RC = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
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
def figure(height: float, *, width: float = WIDTH, outputs: Outputs) -> Iterator[Figure]:
    """Yield an empty figure (inches) in the study's style; when done, save it to each of the outputs with its words.

    Nothing of the time or the version of the software is written, and what seaborn draws at random (the jitter of
    strips) has a seed, so that the same tables give the same bytes.
    """
    import matplotlib as mpl

    mpl.use("agg")

    import matplotlib.pyplot as plt
    import seaborn as sns

    with mpl.rc_context({**sns.axes_style("ticks"), **RC}), _seeded():
        drawing = plt.figure(figsize=(width, height))
        try:
            yield drawing
            for path in outputs.paths:
                with atomic(path) as temporary:
                    unsaid = {"Date": None, "Creator": None} if path.endswith(".svg") else {"Software": None}
                    metadata = {**unsaid, "Description": outputs.description}
                    drawing.savefig(temporary, dpi=DPI, metadata=metadata)
        finally:
            plt.close(drawing)


@contextmanager
def _seeded() -> Iterator[None]:
    """Give the generator that seaborn draws from a seed, and its state back."""
    import numpy as np

    state = np.random.get_state()
    np.random.seed(0)
    try:
        yield
    finally:
        np.random.set_state(state)


def space_rows(panels: Sequence[Axes], spaces: Mapping[str, Mapping[str, str]], *, wrap: int = 32) -> None:
    """Make the vertical axis that panels share one row per space, the first one on top, named by their titles."""
    titles = ["\n".join(lines(about["short"], wrap)) for about in spaces.values()]
    panels[0].set_yticks(range(len(spaces)), titles)
    panels[0].set_ylim(len(spaces) - 0.5, -0.5)
    for axes in panels:
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)


def say(axes: Axes, text: str, *, wrap: int = 40) -> None:
    """Write in the middle of an empty panel why there is nothing to draw."""
    axes.set_axis_off()
    axes.text(
        0.5, 0.5, "\n".join(lines(text, wrap)), ha="center", va="center", transform=axes.transAxes, color="#555555"
    )


def letter(axes: Sequence[Axes], *, wrap: int = 100, rows: Sequence[int] | None = None) -> None:
    """Mark panels a, b, c, ... in front of their titles, wrapped at `wrap` characters.

    The titles of a row get the same number of lines; `rows` says how many panels each has, None that all are one row.
    """
    titles = [lines(panel.get_title(loc="left"), wrap) for panel in axes]
    most = [max(map(len, titles[end - n : end])) for n, end in _with_ends(rows or [len(axes)]) for _ in range(n)]
    for name, panel, title, height in zip(ascii_lowercase, axes, titles, most, strict=False):
        text = "\n".join([*title, *[""] * (height - len(title))])
        panel.set_title(f"$\\bf{{{name}}}$  {text}", loc="left")


def _with_ends(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    return zip(sizes, accumulate(sizes), strict=True)


def lines(text: str, most: int) -> list[str]:
    """Return a text as lines of at most `most` characters (but for longer words): few, and about equally long."""
    words = text.split()
    fewest = len(_broken(words, most))
    narrow = max([-(-len(text) // fewest), *map(len, words)])
    widths = (*range(narrow, most), most)
    return next(found for width in widths if len(found := _broken(words, width)) <= fewest)


def _broken(words: Sequence[str], width: int) -> list[str]:
    return textwrap.wrap(" ".join(words), max(width, 1), break_long_words=False, break_on_hyphens=False) or [""]


def plain_label(text: str) -> str:
    """Return a label of a data set so that matplotlib draws it as it is: no mathematics."""
    return str(text).replace("$", r"\$")
