"""Where the counts, the genes and the cells are in an R object: Seurat 3 to 5, SingleCellExperiment, or a bare matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rankstudy.errors import did_you_mean, listing
from rankstudy.identity import positions_of
from rankstudy.readers.rds.contents import Contents, slot
from rankstudy.readers.rds.errors import Damaged, Unsupported
from rankstudy.readers.rds.matrices import Matrix, sparse_matrix
from rankstudy.readers.rds.objects import List, classes_of, kind_of
from rankstudy.readers.rds.tables import DataFrame, bioconductor_frame, data_frame


@dataclass(frozen=True)
class Part:
    """A matrix and which cells and genes it is of: `genes` says, for each of its rows, which gene; None for all in order."""

    matrix: Matrix
    genes: np.ndarray | None


@dataclass(frozen=True)
class Expression:
    """The counts of an object: parts, one after another, and tables of cells and genes (None where there are none).

    The rows of `gene_table` are the genes in order; those of `cell_table` have the names of the cells.
    """

    parts: list[Part]
    cell_names: list[str]
    gene_names: list[str]
    cell_table: DataFrame | None
    gene_table: DataFrame | None


def find_expression(contents: Contents, assay: str | None, layer: str) -> Expression:
    """Return the expression of an object.

    Parameters
    ----------
    contents
        The file.
    assay
        Name of the assay of a Seurat object; None for the active one.
    layer
        Slot of an Assay, layer of an Assay5 or assay of a SingleCellExperiment: `counts`, `data`.

    Raises
    ------
    Damaged, Unsupported
        If there is no such matrix, or it is not one that R would accept.
    """
    root = contents.root
    of_class = classes_of(root)[:1]
    if of_class == ["Seurat"]:
        return _of_seurat(contents, assay, layer)
    if of_class == ["dgCMatrix"]:
        return _named([(sparse_matrix(contents, root, "the matrix"), None, None)], None, None)
    if slot(root, "colData") is not None and slot(root, "assays") is not None:
        return _of_experiment(contents, layer)
    advice = "; in R: UpdateSeuratObject(object), then saveRDS" if of_class == ["seurat"] else ""
    raise Unsupported(
        f"holds an object of the class {kind_of(root)}; read are Seurat (3 or later), SingleCellExperiment and dgCMatrix{advice}"
    )


def _of_seurat(contents: Contents, assay: str | None, layer: str) -> Expression:
    assays = contents.named(slot(contents.root, "assays"), "assays")
    if assay is None:
        active = contents.names(slot(contents.root, "active.assay"), "active.assay")
        assay = active[0] if active else ""
    if assay not in assays:
        raise Unsupported(
            f"rds.assay: there is no assay {assay!r}{did_you_mean(assay, assays)}; it has {listing(assays)}"
        )
    cells = data_frame(contents, slot(contents.root, "meta.data"), "meta.data")
    found = assays[assay]
    if slot(found, "layers") is not None:
        return _of_assay5(contents, found, assay, layer, cells)
    item = slot(found, layer)
    if layer not in ("counts", "data", "scale.data") or item is None:
        raise Unsupported(f"rds.layer: assay {assay!r} ({kind_of(found)}) has no layer {layer!r}; it has counts, data")
    matrix = sparse_matrix(contents, item, f"{assay}@{layer}")
    features = slot(found, "meta.features")
    genes = None if features is None else data_frame(contents, features, "meta.features")
    return _named([(matrix, None, None)], cells, genes)


def _of_assay5(contents: Contents, assay: object, name: str, layer: str, cells: DataFrame) -> Expression:
    """Return the layer of a version 5 assay, or, where it is split (`counts.1`, `counts.2`), its parts as one."""
    layers = contents.named(slot(assay, "layers"), "layers")
    chosen = [layer] if layer in layers else [n for n in layers if n.startswith(f"{layer}.")]
    if not chosen:
        raise Unsupported(
            f"rds.layer: assay {name!r} ({kind_of(assay)}) has no layer {layer!r}{did_you_mean(layer, layers)}; it has {listing(layers)}"
        )
    genes_of, cells_of = (_LayerNames(contents, slot(assay, s), s) for s in ("features", "cells"))
    found = [(sparse_matrix(contents, layers[n], f"{name}@layers${n}"), genes_of.of(n), cells_of.of(n)) for n in chosen]
    table = data_frame(contents, slot(assay, "meta.data"), f"meta.data of assay {name!r}").named(genes_of.all)
    return _named(found, cells, table)


class _LayerNames:
    """A `LogMap`: a logical matrix of names x layers that says which layer has which gene, or which cell."""

    def __init__(self, contents: Contents, item: object, what: str):
        dimensions = contents.integers(slot(item, "dim"), f"dim of {what}")
        names = slot(item, "dimnames")
        if not isinstance(names, List) or len(names.items) != 2 or len(dimensions) != 2:
            raise Damaged(f"{what} is no matrix with names")
        self.all = contents.names(names.items[0], f"names of {what}")
        self._layers = contents.names(names.items[1], f"layers of {what}") if names.items[1] is not None else []
        flags = contents.numbers(item, what)
        if [len(self.all), len(self._layers)] != dimensions.tolist() or len(flags) != len(self.all) * len(self._layers):
            raise Damaged(f"{what}: its names do not fit its size")
        self._flags = flags.reshape(len(self._layers), len(self.all))
        self._what = what

    def of(self, layer: str) -> list[str]:
        """Return the names that a layer has, in the order of its rows or columns."""
        if layer not in self._layers:
            raise Damaged(f"{self._what} does not know the layer {layer!r}")
        return [self.all[at] for at in np.flatnonzero(self._flags[self._layers.index(layer)] == 1)]


def _of_experiment(contents: Contents, layer: str) -> Expression:
    """Return an assay of a SummarizedExperiment or a class on top of it; the names are those of its rows and columns."""
    root = contents.root
    assays = contents.named(slot(slot(slot(root, "assays"), "data"), "listData"), "assays")
    if layer not in assays:
        raise Unsupported(
            f"rds.layer: there is no assay {layer!r}{did_you_mean(layer, assays)}; it has {listing(assays)}"
        )
    matrix = sparse_matrix(contents, assays[layer], f"assay {layer!r}")
    cells = bioconductor_frame(contents, slot(root, "colData"), "colData")
    genes = slot(root, "NAMES") or slot(slot(slot(root, "rowRanges"), "partitioning"), "NAMES")
    genes = None if genes is None else contents.names(genes, "names of the genes")
    return _named([(matrix, genes, cells.row_names)], cells, None)


def _named(
    found: list[tuple[Matrix, list[str] | None, list[str] | None]],
    cells: DataFrame | None,
    genes: DataFrame | None,
) -> Expression:
    """Put matrices, with the names that the object has for their rows and columns, one after another.

    The genes are those of any of them; in the cells of a matrix that lacks one it is zero, as `JoinLayers` of Seurat has it.
    """
    row_names = [_names(matrix.row_names or of_object, matrix.n_genes, "genes") for matrix, of_object, _ in found]
    column_names = [_names(matrix.column_names or of_object, matrix.n_cells, "cells") for matrix, _, of_object in found]
    gene_names = row_names[0] if len(found) == 1 else list(dict.fromkeys(name for names in row_names for name in names))
    parts = [
        Part(matrix, None if names == gene_names else positions_of(names, gene_names, "genes").astype(np.int32))
        for (matrix, *_), names in zip(found, row_names, strict=True)
    ]
    table = None if genes is None or not genes.columns else genes.of(gene_names)
    return Expression(parts, [name for names in column_names for name in names], gene_names, cells, table)


def _names(names: list[str] | None, n: int, what: str) -> list[str]:
    names = names or []
    if len(names) != n:
        raise Unsupported(f"the matrix has {n:,} {what} and {len(names):,} names of {what}; give each a name in R")
    return names
