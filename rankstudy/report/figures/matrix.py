"""Matrices of cell types by cell types: fields large enough to be read, and room for labels of any length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rankstudy.report.figures.style import RC, SEQUENTIAL, plain_label
from rankstudy.report.figures.text import POINTS_PER_INCH, widest, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_LARGE = 20  # types whose fields hold numbers
# inches
_LARGE, _SMALL = 0.36, 0.12  # a field
_LEAST_SIDE = 1.8
_RIM = 0.1
_BAR = 1.25  # from the matrix on, with the labels of the colour bar
_BAR_AT, _BAR_WIDTH = 0.15, 0.14
_SHRUNK = 0.7  # height of the colour bar, as a share of the matrix
_NUMBER = 5.5  # points


@dataclass(frozen=True)
class MatrixOf:
    """A matrix of types, in the order of its rows and columns, with so many inches left free below it."""

    labels: Sequence[str]
    below: float = 0.0

    @property
    def is_large(self) -> bool:
        """Whether its fields are large enough for numbers."""
        return len(self.labels) <= _MOST_LARGE

    @property
    def size(self) -> tuple[float, float]:
        """Width and height (inches) of a figure that holds the matrix, its labels and a colour bar."""
        return self._beside + self._side + _BAR, self.below + self._beside + self._side + _RIM

    def draw(
        self, drawing: Figure, values: pd.DataFrame, label: str, *, texts: pd.DataFrame | None = None, **limits: float
    ) -> Axes:
        """Draw values by colour, as `label` says beside the colours, and with them, if they are large, texts.

        Types are named at both sides; the field in row i and column j has its middle at (j + 0.5, i + 0.5). `limits`
        are the values, `vmin` and `vmax`, at the ends of the colours.
        """
        import seaborn as sns

        drawing.set_layout_engine("none")
        axes = self._place(drawing, self._beside, 0.0, self._side, self._side)
        known = bool(values.notna().any(axis=None))
        with_texts = {"annot": texts, "fmt": "", "annot_kws": {"fontsize": _NUMBER}} if texts is not None else {}
        # as outlines thousands of fields would make the article megabytes larger
        style = {"cmap": SEQUENTIAL, "rasterized": not self.is_large, "xticklabels": False, "yticklabels": False}
        beside = {"cbar": known, "cbar_ax": self._add_colour_bar(drawing) if known else None}
        sns.heatmap(values.astype(float), ax=axes, **style, **beside, **with_texts, **limits)
        if known:
            beside["cbar_ax"].set_ylabel("\n".join(wrapped(label, self._bar * POINTS_PER_INCH, RC["axes.labelsize"])))
        labels = [plain_label(label) for label in self.labels]
        middles = [place + 0.5 for place in range(len(labels))]
        axes.set_xticks(middles, labels, rotation=90, fontsize=self._font)
        axes.set_yticks(middles, labels, rotation=0, fontsize=self._font)
        axes.set(xlabel=None, ylabel=None)
        axes.tick_params(length=0)
        return axes

    def _add_colour_bar(self, drawing: Figure) -> Axes:
        left, bottom = self._beside + self._side + _BAR_AT, (self._side - self._bar) / 2
        return self._place(drawing, left, bottom, _BAR_WIDTH, self._bar)

    def _place(self, drawing: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
        """Return new axes at a place (inches) above the labels."""
        whole, high = drawing.get_size_inches()
        begin = self.below + self._beside + bottom
        return drawing.add_axes((left / whole, begin / high, width / whole, height / high))

    @property
    def _side(self) -> float:
        return max(len(self.labels) * (_LARGE if self.is_large else _SMALL), _LEAST_SIDE)

    @property
    def _bar(self) -> float:
        """Height of the colour bar."""
        return _SHRUNK * self._side

    @property
    def _beside(self) -> float:
        return widest(self.labels, self._font) / POINTS_PER_INCH + _RIM

    @property
    def _font(self) -> float:
        return 7 if self.is_large else 5
