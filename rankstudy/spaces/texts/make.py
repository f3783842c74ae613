"""The jobs of texts: lists are read, genes get vectors, and cells the weighted sums of these."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.cells.shards import read_counts
from rankstudy.core.errors import StudyError, advise
from rankstudy.core.files import write_anndata
from rankstudy.core.identity import positions_of
from rankstudy.core.seeds import generator
from rankstudy.pairs.space import SpaceData
from rankstudy.pairs.space_files import cell_table, dimensions_of, read_space, write_part, write_space
from rankstudy.spaces.genes import selected_names
from rankstudy.spaces.texts import lists
from rankstudy.spaces.texts.tables import GENE_TEXTS, GENE_VECTORS, LISTS
from rankstudy.spaces.texts.vectors import TextReader
from rankstudy.spaces.tokens.tables import GENE_TOKENS

log = logging.getLogger(__name__)

# dimensions of the vectors of a control
_RANDOM_DIMENSIONS = 384


def read_lists(
    shards: Sequence[str],
    files: Mapping[str, str],
    reader: TextReader,
    *,
    how: Mapping[str, Any],
    made: Mapping[str, Any],
    dataset: str,
    space: str,
    metric: str,
    seed: int,
    output: str,
    report_out: str,
) -> None:
    """Write the list of genes of each cell, let a text model read it, and write the vectors as a part of a space.

    Parameters
    ----------
    shards
        Raw counts, one file per cell type.
    files
        `symbols` (the table `gene_tokens` of symbols) and, as `how` asks for them, `names` (`gene_texts`), `genes` (the
        selected ones), `gene_tokens` (of the release whose medians are used).
    reader
        The text model, whose window also ends a list that is a plain vector.
    how
        What `rankstudy.config.text_model.GeneList.how` states.
    made
        What is known of the model, for the space's file.
    dataset, space, metric, seed
        Names of the data set and of the space, its metric, and the replicate.
    output
        h5ad, readable by `read_space`.
    report_out
        Where the table `lists` goes.

    Raises
    ------
    StudyError
        If a cell has no gene to write.
    """
    cells, counts, totals, genes = _stacked(shards)
    words = _words(genes, files, how)
    medians = _medians(genes, files) if how["by"] == "medians" else None
    if how["control"] == "symbols":
        words = lists.permuted(words, seed)
    room = _room(reader, how["prefix"], space)
    listed = lists.choose(
        counts,
        words,
        medians=medians,
        most=how["genes"],
        room=room,
        lengths=None if room is None else reader.lengths,
        with_counts=how["counts"],
    )
    lengths = np.array([len(places) for places in listed.places])
    _require_genes(lengths, cells, space)
    pieces = None
    if how["read_as"] == "text":
        texts = lists.write(
            listed, counts, words, cells["cell_id"].tolist(),
            order=how["order"], with_counts=how["counts"], prefix=how["prefix"], seed=seed,
        )  # fmt: skip
        pieces = reader.lengths(texts) if room is not None else None
        vectors = reader.vectors(texts)
        dimensions = [f"{space}-{i + 1}" for i in range(vectors.shape[1])]
    else:
        vectors, dimensions = lists.as_vectors(listed, len(genes), places=how["read_as"] == "places"), genes
    if how["control"] == "cells":
        vectors = vectors[lists.from_others(cells["slug"].tolist(), cells["cell_id"].tolist(), seed)]
    write_part(SpaceData(space, metric, vectors, cells), output, dimensions=dimensions, seed=seed, made=made)
    report = cells[["cell_id"]].assign(
        dataset=dataset,
        seed=seed,
        space=space,
        n_genes=listed.n_genes,
        n_listed=lengths,
        n_cut=listed.n_cut,
        n_pieces=pieces,
        share_counts=_shares(listed, counts, totals),
    )
    LISTS.write(report[LISTS.names], report_out)


def _room(reader: TextReader, prefix: str, space: str) -> int | None:
    """Return the word pieces that a list may have; None if the model cannot tell."""
    room = reader.room(prefix)
    if room is not None and room <= 0:
        problem = f"{space}: the prefix takes all that the model's window holds"
        raise StudyError(advise(problem, f"shorten `text.lists.{space}.prefix`"))
    return room


def _require_genes(lengths: np.ndarray, cells: pd.DataFrame, space: str) -> None:
    if (lengths == 0).any():
        first = cells["cell_id"].iloc[int(np.argmin(lengths))]
        problem = f"{space}: {int((lengths == 0).sum())} cells have no gene to write, such as {first}"
        raise StudyError(advise(problem, "leave this list out of `spaces`", "let it have all genes (`panel: all`)"))


def _stacked(shards: Sequence[str]) -> tuple[pd.DataFrame, sp.csr_matrix, np.ndarray, list[str]]:
    """Return the cells of all shards, their counts over all genes of the file, their totals, and these genes."""
    read = [read_counts(path) for path in shards]
    genes = read[0].var_names.tolist()
    if any(shard.var_names.tolist() != genes for shard in read):
        raise StudyError("shards: they have other genes, or the same in another order")
    counts = sp.vstack([sp.csr_matrix(shard.X, dtype=np.float64) for shard in read], format="csr")
    counts.eliminate_zeros()
    counts.sort_indices()
    totals = np.concatenate([shard.obs["n_counts"].to_numpy(np.float64) for shard in read])
    return pd.concat([cell_table(shard) for shard in read], ignore_index=True), counts, totals, genes


def _symbols(genes: Sequence[str], symbols_in: str) -> list[str | None]:
    """Return the symbol of each gene, None for one that has none, or that stands for the same one as an earlier."""
    table = GENE_TOKENS.read(symbols_in)
    at = positions_of(genes, table["gene"].tolist(), f"{symbols_in}: genes")
    known = table["ensembl_id"].astype(object).where(table["token"].notna(), None).to_numpy()[at]
    first = ~pd.Series(known).duplicated().to_numpy()
    return [symbol if symbol is not None and alone else None for symbol, alone in zip(known, first, strict=True)]


def _words(genes: Sequence[str], files: Mapping[str, str], how: Mapping[str, Any]) -> list[str | None]:
    symbols = _symbols(genes, files["symbols"])
    if how["panel"] == "selected":
        selected = set(selected_names(files["genes"]))
        symbols = [symbol if gene in selected else None for gene, symbol in zip(genes, symbols, strict=True)]
    return lists.words_of(symbols, _texts_by_symbol(files["names"]) if how["words"] == "names" else None)


def _texts_by_symbol(path: str) -> dict[str, str]:
    table = GENE_TEXTS.read(path)
    return dict(zip(table["symbol"], table["text"], strict=True))


def _medians(genes: Sequence[str], files: Mapping[str, str]) -> np.ndarray:
    table = GENE_TOKENS.read(files["gene_tokens"])
    at = positions_of(genes, table["gene"].tolist(), f"{files['gene_tokens']}: genes")
    return pd.to_numeric(table["median"]).to_numpy(np.float64)[at]


def _shares(listed: lists.Listed, counts: sp.csr_matrix, totals: np.ndarray) -> np.ndarray:
    rows = np.repeat(np.arange(len(totals)), [len(places) for places in listed.places])
    columns = np.concatenate([*listed.places, np.empty(0, np.int64)]).astype(np.int64)
    written = np.asarray(counts[rows, columns]).ravel()
    return np.bincount(rows, written, minlength=len(totals)) / totals


def embed_genes(
    genes_in: str,
    symbols_in: str,
    texts_in: str | None,
    reader: TextReader,
    *,
    output: str,
) -> None:
    """Let a text model read the texts of the selected genes, and write their vectors as h5ad: genes x dimensions.

    Parameters
    ----------
    genes_in, symbols_in
        The table `genes` of a replicate, and `gene_tokens` of symbols.
    texts_in
        The table `gene_texts`; None: the symbols themselves are the texts.
    reader
        The text model.
    output
        h5ad; genes without a text are not in it. `uns["n_cut"]`: genes whose text the window cuts.
    """
    genes = selected_names(genes_in)
    symbols = _symbols(genes, symbols_in)
    texts = dict.fromkeys(filter(None, symbols)) if texts_in is None else _texts_by_symbol(texts_in)
    known = [(gene, symbol) for gene, symbol in zip(genes, symbols, strict=True) if symbol and symbol.upper() in texts]
    said = [texts[symbol.upper()] or symbol for _, symbol in known]
    data = ad.AnnData(reader.vectors(said), obs=pd.DataFrame(index=[gene for gene, _ in known]))
    room = reader.room("")
    data.uns["n_cut"] = -1 if room is None else int((reader.lengths(said) > room).sum())
    write_anndata(data, output)
    log.info("%d of %d genes have a text", len(known), len(genes))


def take_gene_vectors(genes_in: str, symbols_in: str, vectors_in: str, *, output: str) -> None:
    """Write the vectors that others have made of the selected genes, as `embed_genes` does."""
    genes = selected_names(genes_in)
    symbols = _symbols(genes, symbols_in)
    given = ad.read_h5ad(vectors_in)
    at = pd.Index(given.obs_names).get_indexer([(symbol or "").upper() for symbol in symbols])
    known = np.flatnonzero(at >= 0)
    data = ad.AnnData(given.X[at[known]], obs=pd.DataFrame(index=[genes[k] for k in known]))
    data.uns["n_cut"] = -1
    write_anndata(data, output)
    log.info("%d of %d genes have a vector", len(known), len(genes))


def weigh_genes(
    parent_in: str,
    vectors_in: str | None,
    *,
    permuted: bool,
    made: Mapping[str, Any],
    dataset: str,
    space: str,
    metric: str,
    seed: int,
    output: str,
    report_out: str,
) -> None:
    """Write the space of the cells' sums of gene vectors, weighted by a space over genes (GenePT-w).

    Weights are not made to sum to one: by the cosine a vector's length says nothing.

    Parameters
    ----------
    parent_in
        The space whose values are the weights.
    vectors_in
        Vectors of genes (`embed_genes`); None: normal numbers, drawn for each gene by the seed and its name.
    permuted
        Whether each gene has the vector of another, drawn by the seed.
    made
        What is known of the vectors, for the space's file.
    dataset, space, metric, seed
        Names of the data set and of the space, its metric, and the replicate.
    output
        h5ad, readable by `read_space`.
    report_out
        Where the table `gene_vectors` goes.

    Raises
    ------
    StudyError
        If a cell has none of the genes that have a vector.
    """
    parent = read_space(parent_in)
    genes = dimensions_of(parent_in)
    if vectors_in is None:
        of_genes, known, cut = _drawn(genes, seed), np.arange(len(genes)), -1
    else:
        given = ad.read_h5ad(vectors_in)
        known = positions_of(given.obs_names.tolist(), genes, f"{vectors_in}: genes")
        of_genes, cut = np.asarray(given.X, np.float64), int(given.uns["n_cut"])
    if permuted:
        of_genes = of_genes[generator(seed, "vectors of genes").permutation(len(of_genes))]
    weights = sp.csr_matrix(parent.vectors, dtype=np.float64)
    vectors = np.asarray(weights[:, known] @ of_genes, np.float32)
    if not vectors.any(axis=1).all():
        cell = parent.cells["cell_id"].iloc[int(np.argmin(vectors.any(axis=1)))]
        raise StudyError(f"{space}: no gene of {cell} has a vector")
    names = [f"{space}-{i + 1}" for i in range(vectors.shape[1])]
    write_space(SpaceData(space, metric, vectors, parent.cells), output, dimensions=names, seed=seed, made=made)
    report = {
        "dataset": dataset,
        "seed": seed,
        "space": space,
        "n_selected": len(genes),
        "n_genes": len(known),
        "share_weights": float(weights[:, known].sum() / weights.sum()),
        "n_cut": None if cut < 0 else cut,
    }
    GENE_VECTORS.write(pd.DataFrame([report]), report_out)


def _drawn(genes: Sequence[str], seed: int) -> np.ndarray:
    return np.stack([generator(seed, "vector of a gene", gene).normal(size=_RANDOM_DIMENSIONS) for gene in genes])
