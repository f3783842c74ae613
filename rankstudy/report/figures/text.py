"""What figures say, and the room for it: widths of text, lists in words, legends above the panels and notes below."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from rankstudy.report.figures.style import RC, plain_label

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

_NOTE = 6.5  # points
_HANDLE = 40.0  # points of an entry of a legend beside its text
POINTS_PER_INCH = 72
# a renderer moves letters to whole pixels, which makes some texts a little wider
_HINTED = 1.04


@lru_cache(maxsize=20_000)
def text_width(text: str, size: float) -> float:
    """Return the width (points) of a line of text in the figures' font of a size (points)."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=RC["font.family"], size=size)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return _HINTED * width


def widest(texts: Iterable[str], size: float) -> float:
    """Return the width (points) of the widest of some lines of text; 0 of none."""
    return max((text_width(text, size) for text in texts), default=0.0)


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Return a text as lines of at most `width` points: broken between words, and within those that are wider."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines += _pieces(word, width, size)
    return lines or [""]


def one_line(text: str, most: float, size: float) -> str:
    """Return a text, or as much of it as stands on a line of so many inches, with dots where something is left out."""
    first, *others = wrapped(text, most * POINTS_PER_INCH, size)
    return f"{first} …" if others else first


def _pieces(word: str, width: float, size: float) -> list[str]:
    """Return a word in as few pieces as fit."""
    pieces = [""]
    for character in word:
        if pieces[-1] and text_width(pieces[-1] + character, size) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def joined(parts: Iterable[str]) -> str:
    """Return parts as a list of a sentence: `a, b and c`."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def extremes(values: Mapping[str, float], *, digits: int = 3) -> str:
    """Return what has the highest and what the lowest value: `highest in a (0.910), lowest in b (0.520)`."""
    shown = {name: f"{value:.{digits}f}" for name, value in values.items() if value == value}
    if not shown:
        return "not defined"
    high, low = max(shown, key=values.__getitem__), min(shown, key=values.__getitem__)
    if len(shown) == 1:
        return f"{shown[high]} in {high}"
    return f"highest in {high} ({shown[high]}), lowest in {low} ({shown[low]})"


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
