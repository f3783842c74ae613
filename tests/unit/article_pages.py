"""Reading the pages of an article as a test does: their texts, and their numbers, looked up again."""

from __future__ import annotations

import functools
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from markupsafe import Markup

from rankstudy.report.article.text import Bullets, Facts, Grid, Section

# names of things that happen to hold a digit
TERMS = ("log1p CP10K", "SHA-256", "MD5", "Macro F1", "macro F1")
VOID = {"meta", "link", "img", "br", "input"}
# given by others and quoted: names, labels, titles, references, captions of figures
QUOTED = {"label", "cite", "reference", "quoted", "legend"}
# what is no part of the text: numbers that are looked up, code, and what a title or a style sheet says
SILENT = {"data", "code", "style", "title"}


class Page(HTMLParser):
    """A parsed page: texts with the elements around them, attributes, and whether every element is closed in order."""

    def __init__(self, text: str):
        super().__init__()
        self.open: list[tuple[str, dict]] = []
        self.texts: list[tuple[str, list[tuple[str, dict]]]] = []
        self.elements: list[tuple[str, dict]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        assert len(attributes) == len(attrs), f"an attribute stands twice in <{tag}>"
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self.open.append((tag, attributes))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data):
        self.texts.append((data, list(self.open)))

    def loose(self) -> str:
        """Return the text that is neither a looked-up number, nor code, nor quoted."""
        kept = []
        for text, around in self.texts:
            tags = {tag for tag, _ in around}
            classes = {c for _, attributes in around for c in (attributes.get("class") or "").split()}
            if not tags & SILENT and not classes & QUOTED:
                kept.append(text)
        text = " ".join(kept)
        for term in TERMS:
            text = text.replace(term, "")
        return text

    def data(self) -> list[tuple[str, str, str]]:
        """Return value, title and text of each looked-up number."""
        found = []
        for text, around in self.texts:
            for tag, attributes in around:
                if tag == "data":
                    found.append((attributes["value"], attributes["title"], text))
        return found


# looking a number up again, from the grammar in rankstudy/report/article/numbers.py, without its code

_CONDITION = re.compile(r'(\w+)(?: is empty|=("(?:[^"\\]|\\.)*"|[A-Za-z0-9_.+-]+))(?:, |$)')


def conditions(text: str) -> dict[str, str | None]:
    found, at = {}, 0
    while at < len(text):
        match = _CONDITION.match(text, at)
        assert match, f"not a condition: {text[at:]}"
        value = match[2]
        found[match[1]] = json.loads(value) if value and value.startswith('"') else value
        at = match.end()
    return found


@functools.lru_cache(maxsize=8192)
def meeting(path: Path, changed: int, column: str, wanted: str | None) -> np.ndarray:
    """Return which rows meet a condition: the same few stand in a thousand numbers."""
    values = table(path, changed)[column]
    empty = values.isna().to_numpy(bool)
    return empty if wanted is None else ~empty & (values.astype(str) == wanted).to_numpy(bool)


def chosen(file: Path, columns: list[str], where: dict[str, str | None]) -> pd.DataFrame:
    changed = file.stat().st_mtime_ns
    frame = table(file, changed)
    meets = np.ones(len(frame), bool)
    for column, wanted in where.items():
        meets &= meeting(file, changed, column, wanted)
    return frame[columns][meets]


@functools.lru_cache(maxsize=64)
def table(path: Path, changed: int) -> pd.DataFrame:
    """Return a table as it was when it was last changed: a page has a thousand numbers of the same few."""
    # whole numbers stay whole where some are empty
    return pd.read_parquet(path, dtype_backend="numpy_nullable")


def look_up(title: str, folder: Path):
    file, what, where = lookup_parts(title, folder)
    call = re.fullmatch(r"(\w+)\(([\w, ]+)\)", what)
    columns = [what] if call is None else call[2].split(", ")
    rows = chosen(file, columns, where)
    if call is None:
        assert len(rows) == 1, title
        return rows[what].iloc[0]
    values = rows[columns[0]]
    if call[1] == "shared":
        return len(set.intersection(*(set(group) for _, group in rows.groupby(columns[1])[columns[0]])))
    simple = {"count": len, "distinct": lambda v: v.dropna().nunique(), "sum": sum, "min": min, "max": max}
    simple["median"] = lambda v: v.median()
    simple |= {"low": lambda v: np.quantile(v, 0.05), "high": lambda v: np.quantile(v, 0.95)}
    return simple[call[1]](values)


def lookup_parts(title: str, folder: Path):
    path, _, rest = title.partition(": ")
    what, _, where = rest.partition(" where ")
    return folder / path, what, conditions(where)


def pages_of(article: Path) -> list[Path]:
    """Return the pages below a folder, the first one first; of a page itself."""
    return [article] if article.is_file() else sorted(article.glob("*.html"), key=lambda p: (p.stem != "index", p.stem))


def check_numbers(article: Path, folder: Path) -> int:
    """Look every number of the pages up again; return how many there are."""
    numbers = [number for page in pages_of(article) for number in Page(page.read_text()).data()]
    for value, title, _ in numbers:
        found = look_up(title, folder)
        same = value == found if isinstance(found, str) else float(value) == pytest.approx(float(found), rel=1e-12)
        assert same, (value, found, title)
    return len(numbers)


def loose_digits(article: Path) -> list[str]:
    """Return where digits stand in the text that are not looked up."""
    texts = (Page(page.read_text()).loose() for page in pages_of(article))
    return [hit for text in texts for hit in re.findall(r".{0,40}\d.{0,40}", text)]


def words_of(article: Path) -> str:
    """Return the words of the pages, one page after the other."""
    texts = [
        text
        for page in pages_of(article)
        for text, around in Page(page.read_text()).texts
        if not {"style", "title"} & {tag for tag, _ in around}
    ]
    return " ".join(" ".join(texts).split())


def said(markup) -> str:
    """Return a sentence as a reader sees it."""
    return " ".join(Markup(str(markup).replace("<br>", " ")).striptags().split())


def shown(item) -> str:
    """Return what sentence functions return as a reader sees it: sections, tables, lists, sentences."""
    if isinstance(item, Section):
        return shown([item.heading, *item.said, *item.details])
    if isinstance(item, Grid):
        cells = [cell for group in item.groups for row in [[group.heading], *group.rows] for cell in row]
        return shown([item.caption, *item.columns, *cells, item.note])
    if isinstance(item, Bullets):
        return shown(item.items)
    if isinstance(item, Facts):
        return shown([part for pair in item.pairs for part in pair])
    if isinstance(item, list | tuple):
        return " ".join(filter(None, map(shown, item)))
    # numbers print themselves as markup
    return said(f"{item}")
