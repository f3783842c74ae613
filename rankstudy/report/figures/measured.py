"""The width of text before it is drawn, so that labels of any length find room."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from rankstudy.report.figures.style import RC

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


def _pieces(word: str, width: float, size: float) -> list[str]:
    """Return a word in as few pieces as fit."""
    pieces = [""]
    for character in word:
        if pieces[-1] and text_width(pieces[-1] + character, size) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces
