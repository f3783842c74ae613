"""Cells for encodings: made from rows of counts, and each encoding as a loop over one cell at a time."""

import dataclasses
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from rankstudy.core.draws import keys_of_cells, keys_of_genes, uniforms
from rankstudy.core.modules import load
from rankstudy.spaces.encodings import published
from rankstudy.spaces.encodings.cell_counts import CellCounts

FILES = {path.stem: path for path in sorted(Path(published.__file__).parent.glob("[a-z]*.py"))}
MODULES = {stem: load(f"{published.__name__}.{stem}") for stem in FILES}
# the module of each space
HOMES = {space: module for module in MODULES.values() for space in module.SPACES}
SPACES = {space: module.SPACES[space] for space, module in HOMES.items()}


def cells(rows, *, genes=None, ids=None, totals=None, medians=None, seed=0):
    """Return cells of which a row each holds the counts."""
    counts = sp.csr_matrix(np.atleast_2d(np.asarray(rows, np.float64)))
    n_cells, n_genes = counts.shape
    return CellCounts(
        counts=counts,
        totals=np.asarray(counts.sum(axis=1)).ravel() if totals is None else np.asarray(totals, float),
        ids=[f"toy:{i}" for i in range(n_cells)] if ids is None else list(ids),
        genes=[f"G{j}" for j in range(n_genes)] if genes is None else list(genes),
        medians=np.ones(n_genes) if medians is None else np.asarray(medians, float),
        seed=seed,
    )


def taken(of, rows=None, columns=None):
    """Return some of the cells and genes, in this order; totals stay."""
    rows = np.arange(len(of.ids)) if rows is None else np.asarray(rows, int)
    columns = np.arange(len(of.genes)) if columns is None else np.asarray(columns, int)
    counts = of.counts[rows][:, columns]
    counts.sort_indices()
    return dataclasses.replace(
        of,
        counts=counts,
        totals=of.totals[rows],
        ids=[of.ids[k] for k in rows],
        genes=[of.genes[k] for k in columns],
        medians=of.medians[columns],
    )


def scaled(of, factor):
    return dataclasses.replace(of, counts=of.counts * factor, totals=of.totals * factor)


def encode(space, of):
    """Return the vectors of cells in a space, dense, and check what holds for all."""
    found = getattr(HOMES[space], SPACES[space].function)(of)
    assert sp.issparse(found) and found.format == "csr" and found.dtype == np.float32
    assert found.shape == of.counts.shape and found.has_sorted_indices and found.has_canonical_format
    assert (found.data != 0).all() and np.isfinite(found.data).all()
    return found.toarray()


def uniform_rows(of):
    """Return the uniform number of each gene in each cell, dense."""
    everywhere = sp.csr_matrix(np.ones((len(of.ids), len(of.genes))))
    drawn = uniforms(keys_of_cells(of.seed, of.ids), keys_of_genes(of.genes), everywhere.indptr, everywhere.indices)
    return drawn.reshape(len(of.ids), -1)


def loop(space, of):
    """Return the vectors of cells by the definition of a space: numpy, one cell after the other."""
    rows = of.counts.toarray()
    drawn = uniform_rows(of) if len(rows) else rows
    found = [LOOPS[space](row, total, of.medians, u) for row, total, u in zip(rows, of.totals, drawn, strict=True)]
    return np.array(found, np.float32).reshape(rows.shape)


def by_order(values, most, chance=None):
    """Return the vector of the order of one cell's values; those that are zero are absent."""
    held = np.flatnonzero(values)
    if chance is not None:
        held = held[np.argsort(-chance[held], kind="stable")]
    order = held[np.argsort(-values[held], kind="stable")][:most]
    ranks = np.full(len(values), (len(values) - len(order) + 1) / 2)
    ranks[order] = len(values) - np.arange(1, len(order) + 1) + 1
    return ranks - (len(values) - len(order) + 1) / 2


def binned(row, u):
    """Return scGPT's bins of one cell."""
    bins, held = np.zeros(len(row)), np.flatnonzero(row)
    if len(held):
        edges = np.quantile(row[held], np.linspace(0, 1, 50))
        low, high = (np.searchsorted(edges, row[held], side) for side in ("left", "right"))
        bins[held] = np.ceil((u if np.ndim(u) == 0 else u[held]) * (low - high) + high)
    return bins


def own_cp10k(row):
    return row / row.sum() * 10_000 if row.any() else row


def compass(row, medians, scale):
    """Return GeneCompass' values of one cell."""
    over = row / medians
    kept = by_order(over, 2048) > 0
    return np.where(kept, np.log2(1 + over * scale), 0)


# a total divides all values of a cell alike; taken into them before they are ordered, it would round equal ones apart
LOOPS = {
    "geneformer-v1-order": lambda row, total, medians, u: by_order(row / medians, 2048),
    "geneformer-v2-order": lambda row, total, medians, u: by_order(row / medians, 4094),
    "cell2sentence-100": lambda row, total, medians, u: by_order(row, 100, u),
    "cell2sentence-200": lambda row, total, medians, u: by_order(row, 200, u),
    "genept-order": lambda row, total, medians, u: by_order(row, 1000),
    "bento-sc-order": lambda row, total, medians, u: by_order(row, 1024, u),
    "tgpt-order": lambda row, total, medians, u: by_order(row, 64),
    "genecompass-order": lambda row, total, medians, u: by_order(row / medians, 2048),
    "genecompass-values": lambda row, total, medians, u: compass(row, medians, 1),
    "genecompass-values-cp10k": lambda row, total, medians, u: compass(row, medians, 10_000 / total),
    "scgpt-bins": lambda row, total, medians, u: binned(row, u),
    "scgpt-bins-fixed": lambda row, total, medians, u: binned(row, 0),
    "scbert-levels": lambda row, total, medians, u: np.minimum(5, np.floor(np.log2(1 + own_cp10k(row)))),
    "scfoundation-values": lambda row, total, medians, u: np.log1p(own_cp10k(row)),
}
