"""Where the counts, the genes and the cells are in an R object: Seurat, SingleCellExperiment, or a bare matrix."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rankstudy.core.errors import advise, did_you_mean, listing
from rankstudy.core.identity import positions_of
from rankstudy.sources.choices import Choice
from rankstudy.sources.readers.rds.assays import chosen_assay, layers_named, layers_of
from rankstudy.sources.readers.rds.contents import Contents, slot
from rankstudy.sources.readers.rds.errors import Damaged, Unsupported
from rankstudy.sources.readers.rds.experiments import chosen_experiment
from rankstudy.sources.readers.rds.matrices import Matrix, sparse_matrix
from rankstudy.sources.readers.rds.objects import List, classes_of, kind_of
from rankstudy.sources.readers.rds.tables import DataFrame, bioconductor_frame, data_frame

_NAMED_IN_R = {"genes": "rownames", "cells": "colnames"}


@dataclass(frozen=True)
class MatrixPart:
    """A matrix and which cells and genes it is of: `genes` says, for each of its rows, which gene.

    None for all in order.
    """

    matrix: Matrix
    genes: np.ndarray | None


@dataclass(frozen=True)
class Expression:
    """The counts of an object: parts, one after another, and tables of cells and genes (None where there are none).

    The rows of `gene_table` are the genes in order; those of `cell_table` have the names of the cells. `choices` say
    what was taken of an object that has more; `feature_types` what each gene is, where the object states it.
    """

    parts: list[MatrixPart]
    cell_names: list[str]
    gene_names: list[str]
    cell_table: DataFrame | None
    gene_table: DataFrame | None
    choices: tuple[Choice, ...] = ()
    feature_types: list[str] | None = None


def find_expression(contents: Contents, assay: str | None, layer: str) -> Expression:
    """Return the expression of an object.

    Parameters
    ----------
    contents
        The file.
    assay
        Name of the assay of a Seurat object, None for that of the raw counts of genes (`assays.chosen_assay`); or of
        the experiment of a SingleCellExperiment, None for the main one.
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
        return _of_experiment(contents, assay, layer)
    if isinstance(root, List) and not of_class:
        names = contents.strings(root.attributes["names"], "names of the list") if "names" in root.attributes else []
        held = f" ({listing(names, 10)})" if names else ""
        raise Unsupported(
            advise(
                f"holds a list of {len(root.items)} objects{held}",
                "save the one that is meant in R: saveRDS(object[[1]], file)",
                "save each in a file of its own, and name these files under `parts`",
            )
        )
    if of_class == ["seurat"]:
        problem = "holds an object of Seurat 2, whose class is seurat"
        raise Unsupported(advise(problem, "update it in R: saveRDS(UpdateSeuratObject(object), file)"))
    problem = (
        f"holds an object of the class {kind_of(root)}, not Seurat (3 or later), SingleCellExperiment or dgCMatrix"
    )
    raise Unsupported(
        advise(
            problem,
            "make one of its counts and labels in R: CreateSeuratObject(counts, meta.data = labels), and save that",
            "save the counts alone in R: saveRDS(as(counts, 'CsparseMatrix'), file)",
        )
    )


def _of_seurat(contents: Contents, assay: str | None, layer: str) -> Expression:
    name, found, others = chosen_assay(contents, assay, layer)
    layers = layers_of(contents, found)
    taken = layers_named(layers, layer)
    if not layers:
        left = f", of others there are {listing(others)}" if others else ""
        problem = f"rds.assay: all layers of the assay {name!r} ({kind_of(found)}) are empty{left}"
        raise Unsupported(advise(problem, "name an assay that is not empty", "give a file that has its values"))
    if not taken:
        problem = f"rds.layer: assay {name!r} ({kind_of(found)}) has no layer {layer!r} that is not empty"
        raise Unsupported(advise(f"{problem}{did_you_mean(layer, layers)}", f"name one that it has: {listing(layers)}"))
    choices = (
        Choice("assay", name, others),
        Choice("layer", listing(taken), tuple(layer for layer in layers if layer not in taken)),
    )
    cells = data_frame(contents, slot(contents.root, "meta.data"), "meta.data")
    if slot(found, "layers") is not None:
        return replace(_of_assay5(contents, found, name, {n: layers[n] for n in taken}, cells), choices=choices)
    matrix = sparse_matrix(contents, layers[layer], f"{name}@{layer}")
    features = slot(found, "meta.features")
    genes = None if features is None else data_frame(contents, features, "meta.features")
    return replace(_named([(matrix, None, None)], cells, genes), choices=choices)


def _of_assay5(contents: Contents, assay: object, name: str, layers: dict[str, object], cells: DataFrame) -> Expression:
    """Return layers of a version 5 assay, one after another, as one."""
    genes_of, cells_of = (_LayerNames(contents, slot(assay, s), s) for s in ("features", "cells"))
    found = [
        (sparse_matrix(contents, item, f"{name}@layers${layer}"), genes_of.of(layer), cells_of.of(layer))
        for layer, item in layers.items()
    ]
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


def _of_experiment(contents: Contents, assay: str | None, layer: str) -> Expression:
    """Return an assay of a SummarizedExperiment or a class on top of it.

    The names are those of its rows and columns.
    """
    name, experiment, others = chosen_experiment(contents, assay)
    assays = contents.named(slot(slot(slot(experiment, "assays"), "data"), "listData"), "assays")
    if layer not in assays:
        problem = f"rds.layer: there is no assay {layer!r}{did_you_mean(layer, assays)}"
        raise Unsupported(advise(problem, f"name one that the experiment has: {listing(assays)}"))
    matrix = sparse_matrix(contents, assays[layer], f"assay {layer!r}")
    cells = bioconductor_frame(contents, slot(contents.root, "colData"), "colData")
    genes = slot(experiment, "NAMES") or slot(slot(slot(experiment, "rowRanges"), "partitioning"), "NAMES")
    genes = None if genes is None else contents.names(genes, "names of the genes")
    named = _named([(matrix, genes, cells.row_names)], cells, None)
    choices = [Choice("experiment", name, others)] if others else []
    choices.append(Choice("assay", layer, tuple(name for name in assays if name != layer)))
    return replace(named, choices=tuple(choices), feature_types=_feature_types(contents, experiment, named.gene_names))


def _feature_types(contents: Contents, experiment: object, genes: list[str]) -> list[str] | None:
    """Return what each gene is: the column `Type` of `rowData`, as `read10xCounts` of DropletUtils writes it."""
    row_data = slot(experiment, "elementMetadata") or slot(slot(experiment, "rowRanges"), "elementMetadata")
    if slot(row_data, "listData") is None:
        return None
    table = DataFrame(contents, "rowData", contents.named(slot(row_data, "listData"), "rowData"), genes)
    return [kind or "" for kind in table.text("Type")] if "Type" in table.columns else None


def _named(
    found: list[tuple[Matrix, list[str] | None, list[str] | None]],
    cells: DataFrame | None,
    genes: DataFrame | None,
) -> Expression:
    """Put matrices, with the names that the object has for their rows and columns, one after another.

    These go before the matrix's own, as in R: who renames the genes of an experiment leaves those as they were.
    The genes are those of any of them; in the cells of a matrix that lacks one it is zero, as `JoinLayers` of Seurat
    has it.
    """
    row_names = [_names(of_object or matrix.row_names, matrix.n_genes, "genes") for matrix, of_object, _ in found]
    column_names = [_names(of_object or matrix.column_names, matrix.n_cells, "cells") for matrix, _, of_object in found]
    gene_names = row_names[0] if len(found) == 1 else list(dict.fromkeys(name for names in row_names for name in names))
    parts = [
        MatrixPart(matrix, None if names == gene_names else positions_of(names, gene_names, "genes").astype(np.int32))
        for (matrix, *_), names in zip(found, row_names, strict=True)
    ]
    table = None if genes is None or not genes.columns else genes.of(gene_names)
    return Expression(parts, [name for names in column_names for name in names], gene_names, cells, table)


def _names(names: list[str] | None, n: int, what: str) -> list[str]:
    names = names or []
    if len(names) != n:
        problem = f"the matrix has {n:,} {what} and {len(names):,} names of {what}"
        raise Unsupported(advise(problem, f"give each a name in R: {_NAMED_IN_R[what]}(object) <- ..."))
    return names
