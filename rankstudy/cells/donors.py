"""What is known of the donors of a data set: a table beside the cells, checked against them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd

from rankstudy.cells.tables import CELLS, DONORS
from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.files import verify
from rankstudy.core.identity import positions_of, require_unique
from rankstudy.sources.readers.base import require_columns
from rankstudy.sources.readers.delimited import layout_of, open_text
from rankstudy.sources.readers.labels import text_rows
from rankstudy.sources.separators import Separator

log = logging.getLogger(__name__)


def describe_donors(
    path: str,
    cells_in: str,
    *,
    dataset: str,
    key: str,
    separator: Separator | None,
    verified: Mapping[str, Any],
    expected: int | None,
    missing: Sequence[str],
    output: str,
    output_tsv: str,
) -> None:
    """Write what a table says of the donors, one row per donor and property.

    Parameters
    ----------
    path
        CSV or TSV with one row per donor.
    cells_in
        The table `cells`, whose donors must all be in the file.
    dataset, key
        Name of the data set; the column of the file that holds the donor.
    separator
        What separates the columns of the file; None finds it.
    verified, expected
        `bytes`, `sha256` and `md5` that the file must have, and the number of its donors; None is not checked.
    missing
        Words that mean that there is no value.
    output, output_tsv
        Where the table `donors` goes.

    Raises
    ------
    StudyError
        If the file is not as declared, has a donor twice, or lacks one that the cells name.
    """
    verify(path, **{f"{name}_expected": value for name, value in verified.items()}, what=path)
    table = _rows(path, key, separator)
    donors = table[key].tolist()
    if expected is not None and len(donors) != expected:
        problem = f"data set {dataset}: {path}: {len(donors):,} donors found, {expected:,} expected"
        raise StudyError(advise(problem, "correct `expect.donors`", "give the file that was meant"))
    n_cells = CELLS.read(cells_in)["donor"].value_counts()
    positions_of(
        n_cells.index.tolist(), donors, f"data set {dataset}: {path}: donors of the cells in the column {key!r}"
    )
    if without := sorted(set(donors) - set(n_cells.index)):
        log.info("%d donors have no cell: %s", len(without), listing(without, 10))
    long = table.melt(id_vars=key, var_name="property").rename(columns={key: "donor"})
    long["value"] = long["value"].mask(long["value"].isin(["", *missing]), None)
    long = long.assign(dataset=dataset, n_cells=long["donor"].map(n_cells).fillna(0).astype(int))
    DONORS.write(long.sort_values(["donor", "property"])[DONORS.names], output, output_tsv)


def _rows(path: str, key: str, separator: Separator | None) -> pd.DataFrame:
    """Return the table of donors as text."""
    opened = partial(open_text, path)
    layout = layout_of(opened, path, "donors.separator", separator)
    names = [layout.corner or "row", *layout.columns]
    require_columns([key], names, f"donors.key: {path}")
    require_unique(names, f"{path}: columns")
    return text_rows(opened, layout, path).iloc[:, : len(names)].set_axis(names, axis=1)
