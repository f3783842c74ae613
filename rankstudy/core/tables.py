"""Tables between rules: Parquet with a declared schema (type, unit and meaning of each column), TSV for people.

Each room declares its tables in its `tables.py`, of which `docs/tables.md` is generated. Declaring imports nothing that
computes: who reads a table loads pandas and Arrow when it does, and never the code that fills it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.files import atomic

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_ARROW = {"text": "string", "integer": "int64", "number": "float64", "boolean": "bool"}


@dataclass(frozen=True)
class Column:
    """A column of a table. `type` is text, integer, number or boolean; only an `optional` one may hold nulls."""

    name: str
    type: str
    meaning: str
    unit: str = ""
    optional: bool = False

    def arrow(self) -> pa.Field:
        """Return the Arrow field, with unit and meaning as its metadata."""
        import pyarrow as pa

        metadata = {"meaning": self.meaning, "unit": self.unit}
        return pa.field(self.name, pa.type_for_alias(_ARROW[self.type]), nullable=self.optional, metadata=metadata)


@dataclass(frozen=True)
class Table:
    """The declaration of a table: its columns in order, and the columns that together identify a row.

    `version` is raised with every change of what a column is or means: files of another one are refused.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    location: str = field(default="", kw_only=True)
    version: int = field(default=1, kw_only=True)

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema, with the table's name, meaning and version as metadata."""
        import pyarrow as pa

        metadata = {"table": self.name, "meaning": self.meaning, "version": str(self.version)}
        return pa.schema([c.arrow() for c in self.columns], metadata=metadata)

    @property
    def names(self) -> list[str]:
        """The column names in order."""
        return [c.name for c in self.columns]

    def write(self, frame: pd.DataFrame, path: str | os.PathLike, tsv: str | os.PathLike | None = None) -> None:
        """Check a frame against the declaration and write it as Parquet and, if asked, as TSV (six digits).

        Raises
        ------
        StudyError
            If columns are missing or unknown, a required value is null, or a key occurs twice.
        """
        import pyarrow.parquet as pq

        table = self._checked(frame)
        with atomic(path) as temporary:
            pq.write_table(table, temporary, compression="zstd")
        if tsv is not None:
            with atomic(tsv) as temporary:
                table.to_pandas().to_csv(temporary, sep="\t", index=False, float_format="%.6g", lineterminator="\n")

    def read(self, path: str | os.PathLike, columns: list[str] | None = None) -> pd.DataFrame:
        """Read the table, or some of its columns; raise StudyError if the file is not one of these, in this version."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(path) as file:
            self._require(file.schema_arrow, path)
            return file.read(columns).to_pandas()

    def read_all(self, paths: Iterable[str | os.PathLike]) -> pd.DataFrame:
        """Read and concatenate several files of this table."""
        import pandas as pd

        return pd.concat([self.read(path) for path in paths], ignore_index=True)

    def empty(self) -> pd.DataFrame:
        """Return a frame with the columns and no row."""
        return self.schema.empty_table().to_pandas()

    def _require(self, schema: pa.Schema, path: str | os.PathLike) -> None:
        found = (schema.metadata or {}).get(b"version", b"none").decode()
        if found != str(self.version):
            problem = f"{path}: table {self.name}: version {self.version} is expected, found is {found}"
            raise StudyError(advise(problem, "remove the file and run again", f"run again with `--forcerun {path}`"))
        if schema.names != self.names:
            raise StudyError(f"{path}: is not a table of {self.name}: it has the columns {listing(schema.names, 30)}")

    def _checked(self, frame: pd.DataFrame) -> pa.Table:
        import pyarrow as pa

        unknown, missing = set(frame.columns) - set(self.names), set(self.names) - set(frame.columns)
        if unknown or missing:
            raise StudyError(f"table {self.name}: columns missing: {sorted(missing)}, not declared: {sorted(unknown)}")
        repeated = frame.duplicated(list(self.key))
        if repeated.any():
            raise StudyError(f"table {self.name}: {int(repeated.sum())} rows repeat a key of {self.key}")
        for column in self.columns:
            if not column.optional and (nulls := int(frame[column.name].isna().sum())):
                raise StudyError(f"table {self.name}: column {column.name!r} must not be empty, and is in {nulls} rows")
        table = pa.Table.from_pandas(frame[self.names], schema=self.schema, preserve_index=False)
        return table.replace_schema_metadata(self.schema.metadata)


def put_together(tables: Iterable[Table], inputs: Mapping[str, Sequence[str]], outputs: Mapping[str, str]) -> None:
    """Read several files of each table and write one, by its name; as TSV too where there is an output `<name>_tsv`."""
    for table in tables:
        table.write(table.read_all(inputs[table.name]), outputs[table.name], outputs.get(f"{table.name}_tsv"))


def write_empty(tables: Iterable[Table], outputs: Mapping[str, str]) -> None:
    """Write tables without a row, by their names; as TSV too where there is an output `<name>_tsv`."""
    for table in tables:
        table.write(table.empty(), outputs[table.name], outputs.get(f"{table.name}_tsv"))


DATASET = Column("dataset", "text", "data set: name of its file in config/datasets")
SEED = Column("seed", "integer", "replicate: the seed of the subsample and of everything random after it")
CELL_ID = Column(
    "cell_id", "text", "cell: <dataset>:<original name>, <dataset>:<part>/<original name> where there are several files"
)
CELL_TYPE = Column("cell_type", "text", "cell type as the data set labels it")
BATCH = Column("batch", "text", "batch (library, plate, donor, study: what the data set declares)")
OPTIONAL_BATCH = replace(
    BATCH, meaning=f"{BATCH.meaning}; empty where a cell that takes no part has none", optional=True
)
TYPE_A = Column("type_a", "text", "cell type of the one side (label)")
TYPE_B = Column("type_b", "text", "cell type of the other side (label)")
SPACE = Column("space", "text", "space: a representation of cells with its measure of similarity")
# how two cell types are related, from the most to the least alike
RELATIONS = OWN, SIMILAR, OTHER, UNKNOWN = "own", "similar", "other", "unknown"
