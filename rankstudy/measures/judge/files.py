"""A second opinion on embeddings in files: what `make judge` computes."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rankstudy.core.files import write_json
from rankstudy.measures.audit.thresholds import Thresholds
from rankstudy.measures.judge.given import given_in
from rankstudy.measures.judge.judge import write_opinion
from rankstudy.measures.judge.options import Options
from rankstudy.measures.judge.tables import NOTES, TABLES


def judge_file(
    cells: str, files: Mapping[str, str], *, given: Mapping[str, Any], options: Mapping[str, Any], output: str
) -> None:
    """Judge embeddings of the cells of an h5ad.

    Parameters
    ----------
    cells, files
        The h5ad, and further files of embeddings by name.
    given
        `cell_type`, `batch`, `obsm` and `counts`, as `rankstudy.measures.judge.given.given_in` takes them.
    options
        Fields of `Options`; the thresholds of the audit as a mapping.
    output
        Folder for the tables, as Parquet and TSV, and the notes (JSON).
    """
    folder = Path(output)
    folder.mkdir(parents=True, exist_ok=True)
    outputs = {
        f"{table.name}{end}": str(folder / f"{table.name}{suffix}")
        for table in TABLES
        for end, suffix in (("", ".parquet"), ("_tsv", ".tsv"))
    }
    how = {**options, "thresholds": Thresholds(**options["thresholds"]), "neighbours": tuple(options["neighbours"])}
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        notes = write_opinion(given_in(cells, files=files, **given), Options(**how), outputs, work)
    write_json(notes, folder / NOTES)
