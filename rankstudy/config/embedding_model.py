"""An embedding that a user brings, as a data set's YAML file names it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_validator

from rankstudy.core.errors import advise
from rankstudy.core.strict import LocalPath, Strict

# what the end of a file's name says that it is
FORMATS = {
    ".h5ad": "h5ad",
    ".parquet": "parquet",
    ".npz": "npz",
    **{f"{end}{packed}": "text" for end in (".csv", ".tsv", ".txt") for packed in ("", ".gz")},
}


class Embedding(Strict):
    """Vectors of the cells that were made elsewhere: `{obsm: X_scGPT}`, `{file: uce.parquet}`."""

    obsm: str | None = None
    """Entry of `obsm` in an h5ad: that of `file`, or else the data set's own."""
    file: LocalPath | None = None
    """File with the vectors, one row per cell: h5ad, Parquet, CSV or TSV (packed with gzip or not), or npz. A row is
    known by the id of its cell, or by the cell's name in the file of the data set."""
    ids: str | None = None
    """Column (Parquet, CSV, TSV) or array (npz) that holds the ids; without it the index or first column, and the array
    `ids`."""
    array: str | None = None
    """Array of an npz that holds the vectors; may be omitted where there is one besides the ids."""
    measure: Literal["correlation", "cosine", "euclidean"] = "euclidean"
    """How alike two vectors are."""
    title: str | None = None
    """What it is called in figures and text; without it, its name."""

    @model_validator(mode="after")
    def _one_place(self) -> Embedding:
        if self.file is None and self.obsm is None:
            problem = "says not where the vectors are"
            raise ValueError(advise(problem, "give `obsm` (of the data set's own h5ad)", "give `file`"))
        if self.file is not None and self.format is None:
            problem = f"file: {self.file}: its name ends in none of {', '.join(FORMATS)}"
            raise ValueError(advise(problem, "name it after what it is"))
        if self.format == "h5ad" and self.obsm is None:
            problem = "file: is an h5ad, which holds many things"
            raise ValueError(advise(problem, "add `obsm`, the entry that holds the vectors"))
        if self.format in ("parquet", "text", "npz") and self.obsm is not None:
            problem = f"obsm: {self.format} files have no such part"
            raise ValueError(advise(problem, "remove `obsm`"))
        for key, where in (("array", ("npz",)), ("ids", ("npz", "parquet", "text"))):
            if getattr(self, key) is not None and self.format not in where:
                problem = f"{key}: {self.format or 'h5ad'} files have no such part"
                raise ValueError(advise(problem, f"remove `{key}`"))
        return self

    @property
    def format(self) -> str | None:
        """What `file` is: `h5ad`, `parquet`, `text` or `npz`; None without one, or if its name does not tell."""
        ends = [end for end in FORMATS if (self.file or "").lower().endswith(end)]
        return FORMATS[max(ends, key=len)] if ends else None

    @property
    def how(self) -> dict[str, Any]:
        """How to read it, as plain values for `rankstudy.spaces.brought.files.open_embedding`."""
        return {"obsm": self.obsm, "ids": self.ids, "array": self.array}
