"""Matrices of cell types by cell types: fields large enough to be read, and room for labels of any length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rankstudy.report.figures.measured import POINTS_PER_INCH, widest, wrapped
from rankstudy.report.figures.style import RC, plain_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

_MOST_LARGE = 20  # types whose fields hold numbers
# inches
_LARGE, _SMALL = 0.36, 0.12  # a field
_LEAST_SIDE = 1.8
_RIM = 0.1
_BAR = 1.25  # from the matrix on, with the labels of the colour bar
_BAR_AT, _BAR_WIDTH = 0.15, 0.14
_SHRUNK = 0.7  # height of the colour bar, as a share of the matrix


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

    def add_axes(self, drawing: Figure) -> Axes:
        """Return the axes of the matrix, with labels at both sides."""
        drawing.set_layout_engine("none")
        axes = self._place(drawing, self._beside, 0.0, self._side, self._side)
        labels = [plain_label(label) for label in self.labels]
        axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=self._font)
        axes.set_yticks(range(len(labels)), labels, fontsize=self._font)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        return axes

    def add_colour_bar(self, image: AxesImage, label: str) -> None:
        """Add a colour bar at the right, its label broken where it is longer than the bar."""
        height = _SHRUNK * self._side
        left, bottom = self._beside + self._side + _BAR_AT, (self._side - height) / 2
        bar = self._place(image.figure, left, bottom, _BAR_WIDTH, height)
        lines = wrapped(label, height * POINTS_PER_INCH, RC["axes.labelsize"])
        image.figure.colorbar(image, cax=bar, label="\n".join(lines))

    def _place(self, drawing: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
        """Return new axes at a place (inches) above the labels."""
        whole, high = drawing.get_size_inches()
        begin = self.below + self._beside + bottom
        return drawing.add_axes((left / whole, begin / high, width / whole, height / high))

    @property
    def _side(self) -> float:
        return max(len(self.labels) * (_LARGE if self.is_large else _SMALL), _LEAST_SIDE)

    @property
    def _beside(self) -> float:
        return widest(self.labels, self._font) / POINTS_PER_INCH + _RIM

    @property
    def _font(self) -> float:
        return 7 if self.is_large else 5
