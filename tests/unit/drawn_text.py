"""Where text stands on a drawing: what was drawn is recorded while a figure is saved, and measured in pixels."""

from contextlib import contextmanager
from itertools import combinations

from matplotlib.figure import Figure
from matplotlib.text import Text

TOUCHING = 0.6  # pixels by which boxes may overlap: a box is a little larger than its letters


class Drawn:
    """A figure, its texts with their boxes, and its size in pixels."""

    def __init__(self, figure):
        self.figure, self.texts = figure, []
        draw = Text.draw

        def recorded(text, renderer):
            if text.get_visible() and text.get_text().strip():
                self.texts.append((text.get_text(), text.get_window_extent(renderer)))
            draw(text, renderer)

        Text.draw = recorded
        try:
            figure.canvas.draw()
        finally:
            Text.draw = draw
        self.width, self.height = figure.bbox.width, figure.bbox.height

    def overlapping(self):
        """Return the pairs of texts of which one stands on the other."""
        return [
            (a, b)
            for (a, one), (b, other) in combinations(self.texts, 2)
            if min(one.x1, other.x1) - max(one.x0, other.x0) > TOUCHING
            and min(one.y1, other.y1) - max(one.y0, other.y0) > TOUCHING
        ]

    def cut_off(self):
        """Return the texts that leave the figure."""
        return [
            text
            for text, box in self.texts
            if min(box.x0, box.y0) < -TOUCHING or box.x1 > self.width + TOUCHING or box.y1 > self.height + TOUCHING
        ]


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
