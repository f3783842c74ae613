"""How files of expression values are read, a section for each format."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from rankstudy.core.strict import LocalPath, Strict
from rankstudy.sources.separators import Separator


class TableFormat(Strict):
    """Counts as text in columns (CSV, TSV, packed with gzip or not), with the labels of the cells in a second file."""

    counts: str | None = None
    """Member of the archive that holds the counts; omit it when the source is the file itself."""
    rows: Literal["genes", "cells"] = "genes"
    """What a row of the counts is. The first column holds the names of the rows, the first row those of the columns."""
    labels: LocalPath | None = None
    """CSV or TSV with one row per cell: a member of the archive, or a path. Omit it where `labels` of the data set or
    part names a source."""
    labels_key: Literal["cell_name", "cell_number"] = "cell_name"
    """What the first column of the labels holds: the cell's name, or its number in the counts, from 1."""
    separator: Separator | None = None
    """What separates the columns of the counts; without it, it is found in the header."""
    labels_separator: Separator | None = None
    """What separates the columns of the labels; without it, it is found in their header."""
    decimal: Literal["point", "comma"] | None = None
    """What stands before the decimals of the counts; without it, it is found in the first rows, where they leave no
    doubt of it."""


class H5adFormat(Strict):
    """Counts as an AnnData file (h5ad)."""

    counts: str = Field("X", pattern=r"^(mod/[^/]+/)?(X|raw/X|layers/.+)$")
    """Where the raw counts are: `X`, `raw/X` or `layers/<name>`; in a MuData file (h5mu) after the modality:
    `mod/rna/X`."""
    gene_names: str | None = None
    """Column of `var` to take as names of the genes, such as one of Ensembl ids; without it the index is taken."""
    member: str | None = None
    """The h5ad in a source that is a zip archive; may be omitted where it is the only one."""


class MtxFormat(Strict):
    """Counts as a 10x folder; the source is its `matrix.mtx[.gz]`; the other files lie beside it, or are named."""

    gene_names: Literal["ids", "symbols"] = "ids"
    """Which column of `features.tsv` or `genes.tsv` names the genes: the first (Ensembl ids) or the second."""
    labels: LocalPath | None = None
    """CSV or TSV with one row per cell, the barcode in its first column."""
    labels_separator: Separator | None = None
    """What separates the columns of the labels; without it, it is found in their header."""


class TenxH5Format(Strict):
    """Counts as a 10x HDF5 file, such as `filtered_feature_bc_matrix.h5`."""

    gene_names: Literal["ids", "symbols"] = "ids"
    """What names the genes: their Ensembl ids or their symbols."""
    genome: str | None = None
    """Which genome to read of a file of Cell Ranger 2 that holds a matrix of each of several."""
    labels: LocalPath | None = None
    """CSV or TSV with one row per cell, the barcode in its first column."""
    labels_separator: Separator | None = None
    """What separates the columns of the labels; without it, it is found in their header."""


class LoomFormat(Strict):
    """Counts as a loom file."""

    counts: str = Field("matrix", pattern=r"^(matrix|layers/.+)$")
    """Where the raw counts are: `matrix` or `layers/<name>`."""
    cell_names: str = "CellID"
    """Attribute of the columns (`col_attrs`) that names the cells."""
    gene_names: str = "Gene"
    """Attribute of the rows (`row_attrs`) that names the genes."""


class RdsFormat(Strict):
    """Counts as an RDS file of R: a Seurat object (3 to 5), a SingleCellExperiment or a dgCMatrix."""

    assay: str | None = None
    """Assay of a Seurat object; null for the raw counts of genes: `RNA`, else the active assay, but never corrected
    counts (SCT) or other features (ADT, HTO, peaks). Or an alternative experiment (`altExps`) of a
    SingleCellExperiment; null for the main one."""
    layer: str = "counts"
    """Where in the assay the raw counts are; a layer that Seurat 5 has split (`counts.1`, `counts.2`) is read as
    one."""


FORMATS = {
    "table": TableFormat,
    "h5ad": H5adFormat,
    "rds": RdsFormat,
    "mtx": MtxFormat,
    "tenx_h5": TenxH5Format,
    "loom": LoomFormat,
}
