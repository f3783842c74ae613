"""What stands around the panels of a figure: legends above them, and notes below."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from rankstudy.report.figures.measured import POINTS_PER_INCH, text_width, wrapped
from rankstudy.report.figures.style import RC, plain_label

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

_NOTE = 6.5  # points
_HANDLE = 40.0  # points of an entry of a legend beside its text


def legend_above(drawing: Figure, handles: Sequence[Artist]) -> None:
    """Explain colours and marks above all panels, in as many columns as there is room for."""
    room = drawing.get_figwidth() * POINTS_PER_INCH
    entries = [text_width(handle.get_label(), RC["legend.fontsize"]) + _HANDLE for handle in handles]
    columns = next((n for n in range(len(entries), 1, -1) if _width(entries, n) <= room), 1)
    drawing.legend(handles=handles, loc="outside upper left", ncols=columns)


def _width(entries: Sequence[float], columns: int) -> float:
    """Return the width of a legend, which fills its columns from top to bottom, the longer ones first."""
    least, longer = divmod(len(entries), columns)
    ends = [*accumulate([least + 1] * longer + [least] * (columns - longer))]
    return sum(max(entries[begin:end]) for begin, end in zip([0, *ends], ends, strict=False))


def note_below(drawing: Figure, *sentences: str) -> None:
    """Write a note below all panels, as wide as the figure."""
    lines = wrapped(" ".join(filter(None, sentences)), 0.97 * drawing.get_figwidth() * POINTS_PER_INCH, _NOTE)
    if lines != [""]:
        drawing.supxlabel(plain_label("\n".join(lines)), x=0.01, ha="left", fontsize=_NOTE, color="#555555")


def full_titles(spaces: Mapping[str, Mapping[str, str]], shown: Collection[str]) -> str:
    """Return what a figure's short titles stand for, where they are not the titles; once for a space and its fits."""
    titles = [(of["short"], of["title"]) for name, of in spaces.items() if name in shown and of["parent"] not in shown]
    return " ".join(f"{short}: {title}." for short, title in titles if short != title)
