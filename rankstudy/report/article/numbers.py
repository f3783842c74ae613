"""Numbers of the text: each is looked up in a table and says where it comes from.

A number is rendered as `<data class="n" value="0.963556" title="results/.../effect_sizes.parquet: auroc where
seed=0, space=rank">0.964</data>`. The titles follow a small grammar, so that a test can look every number up again:

    lookup    = path ": " (column | function "(" column ")") [" where " condition {", " condition}]
    condition = column "=" value | column " is empty"

A value that is not a plain word stands in JSON's quotes. Functions: min, max, median, low and high (5 % and 95 %
quantiles), sum, count (rows), distinct (values), shared (values of the column that every value of the second one has).
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from markupsafe import Markup, escape

from rankstudy.core.errors import StudyError, advise, did_you_mean, listing

_PLAIN_WORD = re.compile(r"[A-Za-z0-9_.+-]+")
_SMALLEST_PLAIN = 1e-4
# functions that no rows have a value of
_OF_NOTHING = ("sum", "count", "distinct", "shared")


def formatted(value: Any, style: str = "number", digits: int = 3) -> Markup:
    """Return a value as HTML text.

    Parameters
    ----------
    value
        A number or text.
    style
        `number`: whole numbers in full, others to significant digits, thousands separated by commas. `percent`: of a
        share. `probability` (or a difference of two): to decimals, and never rounded to 0 or 1. `text`: as it is.
    digits
        Significant digits (`number`, `percent`) or decimals (`probability`).
    """
    if style == "text":
        return escape(value)
    number = float(value)
    if style == "probability":
        return _probability(number, digits)
    if style == "percent":
        return Markup("{}%").format(_plain(number * 100, digits))
    if number == int(number) and abs(number) < 1e15 and not (isinstance(value, float) and abs(number) >= 10**digits):
        return _signed(f"{int(number):,}")
    if number and abs(number) < _SMALLEST_PLAIN:
        mantissa, exponent = f"{number:.{digits - 1}e}".split("e")
        return Markup("{} × 10<sup>{}</sup>").format(_signed(mantissa), _signed(str(int(exponent))))
    return _plain(number, digits)


def _probability(number: float, decimals: int) -> Markup:
    least, rounded = 10.0**-decimals, round(number, decimals)
    if rounded == 1 and number < 1:
        return Markup("&gt; {}").format(f"{1 - least:.{decimals}f}")
    if rounded == 0 and number != 0:
        return Markup("{} {}").format(
            "<" if number > 0 else ">", _signed(f"{math.copysign(least, number):.{decimals}f}")
        )
    return _signed(f"{number:.{decimals}f}")


def _plain(number: float, digits: int) -> Markup:
    """Write a number to significant digits, without an exponent."""
    rounded = float(f"{number:.{digits}g}")
    magnitude = math.floor(math.log10(abs(rounded))) if rounded else 0
    return _signed(f"{rounded:,.{max(digits - 1 - magnitude, 0)}f}")


def _signed(text: str) -> Markup:
    return escape(text.replace("-", "\N{MINUS SIGN}"))


@dataclass(frozen=True)
class Number:
    """A value with its origin; in a template it renders itself."""

    raw: Any
    title: str
    style: str = "number"
    digits: int = 3

    @property
    def text(self) -> Markup:
        """The value as HTML text, as a reader sees it."""
        return formatted(self.raw, self.style, self.digits)

    def __html__(self) -> str:
        return Markup('<data class="n" value="{}" title="{}">{}</data>').format(_exact(self.raw), self.title, self.text)

    def __str__(self) -> str:
        return self.__html__()


def _exact(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


class Numbers:
    """Values of tables by name and condition; `dataset`, `table` and `column` are positional, conditions have names.

    Parameters
    ----------
    tables
        Per data set, the path of each table by its name. Tables of the whole run stand under the empty name.
    labels
        What to call a path in a title, if not itself.
    """

    def __init__(
        self, tables: Mapping[str, Mapping[str, str | os.PathLike]], labels: Mapping[str, str] | None = None
    ) -> None:
        self.tables = {dataset: {name: str(p) for name, p in paths.items()} for dataset, paths in tables.items()}
        self.labels = dict(labels or {})
        # a page asks two thousand times: each file is opened once, and each column read once
        self._file = cache(pq.ParquetFile)
        self._stored = cache(self._read)
        self._column = cache(self._in_pandas)
        self._meets = lru_cache(maxsize=None, typed=True)(self._compare)

    def path(self, dataset: str, table: str) -> str:
        """Return the path of a table; raise StudyError if it was not given."""
        paths = self.tables.get(dataset, {})
        if table not in paths:
            raise StudyError(f"article: there is no table {table!r} of {dataset!r}; there are {listing(paths, 30)}")
        return paths[table]

    def has(self, dataset: str, table: str, /, **where: Any) -> bool:
        """Return whether any row of a table meets the conditions."""
        return bool(self._mask(self.path(dataset, table), where).any())

    def rows(self, dataset: str, table: str, /, *columns: str, **where: Any) -> list[dict[str, Any]]:
        """Return columns of the rows that meet the conditions, in the order of the table; empty values are None."""
        path = self.path(dataset, table)
        mask = self._mask(path, where)
        values = [self._stored(path, name).filter(pa.array(mask)).to_pylist() for name in columns]
        return [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]

    def value(
        self, dataset: str, table: str, column: str, /, *, style: str = "number", digits: int = 3, **where: Any
    ) -> Number:
        """Return the value in the one row that meets the conditions (None: empty).

        Raises
        ------
        StudyError
            If no row meets them, or more than one, or the value is empty.
        """
        path = self.path(dataset, table)
        found = self._column(path, column)[self._mask(path, where)]
        title = self.title(path, column, where)
        if len(found) != 1:
            raise StudyError(f"article: {len(found)} rows instead of one for {title}")
        if pd.isna(found.iloc[0]):
            raise StudyError(f"article: the value is empty for {title}")
        return Number(_python(found.iloc[0]), title, style, digits)

    def derived(
        self,
        function: str,
        dataset: str,
        table: str,
        column: str,
        /,
        *,
        over: str | None = None,
        style: str = "number",
        digits: int = 3,
        **where: Any,
    ) -> Number:
        """Return a function of a column over the rows that meet the conditions.

        Parameters
        ----------
        function
            `min`, `max`, `median`, `low`, `high` (5 % and 95 % quantiles), `sum`, `count` (rows), `distinct` (values),
            or `shared` (values of the column that occur with every value of the column `over`).

        Raises
        ------
        StudyError
            If no row meets the conditions and the function is not a count.
        """
        path = self.path(dataset, table)
        mask = self._mask(path, where)
        found = self._column(path, column)[mask]
        inner = column if over is None else f"{column}, {over}"
        title = self.title(path, f"{function}({inner})", where)
        if found.empty and function not in _OF_NOTHING:
            raise StudyError(f"article: no rows for {title}")
        if function == "shared":
            groups = self._column(path, over)[mask]
            held = pd.DataFrame({"value": found, "group": groups}).drop_duplicates().groupby("value").size()
            return Number(int((held == groups.nunique()).sum()), title, style, digits)
        result = {
            "min": found.min,
            "max": found.max,
            "median": found.median,
            "low": lambda: found.quantile(0.05),
            "high": lambda: found.quantile(0.95),
            "sum": found.sum,
            "count": lambda: len(found),
            "distinct": found.nunique,
        }[function]()
        return Number(_python(result), title, style, digits)

    def run(self, key: str, *, style: str = "text", digits: int = 3) -> Number:
        """Return a value of the table `run`; with a style other than text it is taken as a number."""
        found = self.value("", "run", "value", key=key)
        raw = found.raw if style == "text" else _number(found.raw)
        return Number(raw, found.title, style, digits)

    def setting(self, key: str) -> str | None:
        """Return a value of the table `run` as text, for a condition in the template; None if it is not set."""
        found = self.rows("", "run", "value", key=key)
        return found[0]["value"] if found else None

    def _read(self, path: str, column: str) -> pa.ChunkedArray:
        """Return one column: a table of millions of cells is not read whole for a count."""
        file = self._file(path)
        names = file.schema_arrow.names
        if column not in names:
            problem = f"{path}: there is no column {column!r}{did_you_mean(column, names)}"
            raise StudyError(advise(problem, f"name one of its columns: {listing(names, 30)}"))
        return file.read(columns=[column]).column(0)

    def _in_pandas(self, path: str, column: str) -> pd.Series:
        found = self._stored(path, column)
        # whole numbers stay whole where some are empty
        return found.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get if found.null_count else None)

    def _mask(self, path: str, where: Mapping[str, Any]) -> np.ndarray:
        mask = np.ones(self._file(path).metadata.num_rows, bool)
        for name, wanted in where.items():
            mask &= self._meets(path, name, wanted)
        return mask

    def _compare(self, path: str, name: str, wanted: Any) -> np.ndarray:
        column = self._column(path, name)
        met = column.isna() if wanted is None else (column == wanted).fillna(False)
        return met.to_numpy(bool)

    def title(self, path: str, what: str, where: Mapping[str, Any]) -> str:
        """Return where a value stands: a table, a column or a function of one, and the conditions on its rows."""
        conditions = [f"{k} is empty" if v is None else f"{k}={_quoted(v)}" for k, v in where.items()]
        shown = self.labels.get(path, path)
        return f"{shown}: {what}" + (f" where {', '.join(conditions)}" if conditions else "")


def _quoted(value: Any) -> str:
    text = str(value)
    return text if _PLAIN_WORD.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _python(value: Any) -> Any:
    """Return a scalar of numpy as one of Python."""
    return value.item() if hasattr(value, "item") else value


def _number(text: str) -> int | float:
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)
