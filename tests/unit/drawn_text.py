"""What stands where on a drawing: what was drawn is recorded while a figure is saved, and measured in pixels."""

from contextlib import contextmanager
from itertools import combinations

from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

COLOUR_BAR = "<colorbar>"  # what matplotlib calls its axes
TOUCHING = 0.6  # pixels by which boxes may overlap: a box is a little larger than its letters


class Drawn:
    """A figure, its texts with their boxes, and its size in pixels."""

    def __init__(self, figure):
        self.figure, self.texts = figure, []
        draw = Text.draw

        def recorded(text, renderer):
            if text.get_visible() and text.get_text().strip():
                self.texts.append((text.get_text(), _box(text, renderer)))
            draw(text, renderer)

        Text.draw = recorded
        try:
            figure.canvas.draw()
        finally:
            Text.draw = draw
        self.width, self.height = figure.bbox.width, figure.bbox.height
        self.panels = [axes for axes in figure.axes if axes.get_label() != COLOUR_BAR]

    def overlapping(self):
        """Return the pairs of texts of which one stands on the other."""
        return [
            (a, b) for (a, one), (b, other) in combinations(self.texts, 2) if one.intersects_path(other, filled=True)
        ]

    def cut_off(self):
        """Return the texts that leave the figure."""
        return [
            text
            for text, box in self.texts
            if box.vertices.min() < 0 or (box.vertices.max(axis=0) > (self.width, self.height)).any()
        ]

    def covered_by_legends(self):
        """Return the panels that a legend of the figure, or of one of them, stands on."""
        legends = [*self.figure.legends, *(axes.get_legend() for axes in self.panels if axes.get_legend())]
        return [
            axes.get_title("left")
            for axes in self.panels
            for legend in legends
            if axes.get_window_extent().padded(-TOUCHING).overlaps(legend.get_window_extent())
        ]

    @property
    def n_panels(self):
        """How many panels show data; one that is off without anything in it is a hole."""
        return len(self.panels)

    def holes(self):
        """Return the panels that hold nothing."""
        return [axes for axes in self.panels if not axes.axison and not axes.texts]


def _box(text, renderer):
    """Return the rectangle that a text stands in, turned as it is, without the rim that letters do not fill."""
    around, angle = text.get_window_extent(renderer), text.get_rotation()
    text.set_rotation(0)
    own = text.get_window_extent(renderer)
    text.set_rotation(angle)
    width, height = (max(length - 2 * TOUCHING, TOUCHING) for length in (own.width, own.height))
    middle = (around.x0 + around.x1) / 2, (around.y0 + around.y1) / 2
    place = Affine2D().translate(-0.5, -0.5).scale(width, height).rotate_deg(angle).translate(*middle)
    return place.transform_path(Path.unit_rectangle())


@contextmanager
def recorded_figures(monkeypatch):
    """Yield a list that gets what each figure has drawn when it is saved."""
    found, save = [], Figure.savefig

    def saved(figure, *args, **options):
        figure.set_dpi(options["dpi"])
        found.append(Drawn(figure))
        return save(figure, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Figure, "savefig", saved)
        yield found
