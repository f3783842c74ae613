"""Cells to train on: of no replicate's selection, as long as there are enough of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.cells.selection import even_quotas
from rankstudy.cells.tables import CELLS, SELECTION
from rankstudy.cells.treatments.treated import treated
from rankstudy.core.errors import StudyError, advise
from rankstudy.core.identity import positions_of
from rankstudy.core.modules import load
from rankstudy.core.seeds import generator
from rankstudy.sources.readers import open_source
from rankstudy.spaces.models.geneformer.tables import TRAINING, TRAINING_CELLS, VALIDATION
from rankstudy.spaces.tokens.tables import GENE_TOKENS
from rankstudy.spaces.tokens.token_files import TokenisedCells, TokenWriter
from rankstudy.spaces.tokens.tokenising import require_proportions
from rankstudy.spaces.tokens.vocabulary import read_vocabulary

log = logging.getLogger(__name__)


def sample_training_cells(
    cells_in: Sequence[str],
    selections_in: Sequence[str],
    *,
    number: int,
    validation: int,
    least: int,
    seed: int,
    output: str,
) -> None:
    """Sample cells to train on and cells to measure the loss on, evenly over the data sets.

    They are cells that no replicate selected. Only where fewer than `least` of these are left in all data sets
    together are selected ones sampled as well, and marked.

    Parameters
    ----------
    cells_in, selections_in
        The tables `cells` of the data sets, and the tables `selection` of all of their replicates.
    number, validation
        Cells to train on, and to measure the loss on; fewer where there are not as many.
    least
        Cells that must be left.
    seed
        Seed of the sample.
    output
        Where the table `training_cells` goes.

    Raises
    ------
    StudyError
        If there are fewer than `least` cells even with the selected ones.
    """
    selected = {cell for path in selections_in for cell in SELECTION.read(path)["cell_id"]}
    # sorted, so that the sample does not depend on the order in which the data sets are named
    cells = pd.concat([_usable(path) for path in cells_in]).sort_values(["dataset", "cell_id"], ignore_index=True)
    cells["evaluated"] = cells["cell_id"].isin(selected)
    left = cells[~cells["evaluated"]]
    if len(left) < least:
        log.warning(
            "%d cells are in no replicate, fewer than %d: cells that are compared are trained on too", len(left), least
        )
        left = cells
    if len(left) < least:
        problem = f"training: the data sets have {len(left)} cells in all, and at least {least} are needed"
        raise StudyError(
            advise(problem, "lower `training.least_cells`", "leave the spaces of the trained model out (`spaces`)")
        )
    random = generator(seed, "training")
    wanted = min(number + validation, len(left))
    sampled = left.iloc[_spread(left["dataset"].to_numpy(), wanted, random)].copy()
    roles = np.full(len(sampled), TRAINING, object)
    held_out = min(validation, len(sampled) // 5)
    roles[random.choice(len(sampled), held_out, replace=False)] = VALIDATION
    sampled["role"] = roles
    for (dataset, role), group in sampled.groupby(["dataset", "role"]):
        log.info("%s: %d cells for %s, %d of them also compared", dataset, len(group), role, group["evaluated"].sum())
    TRAINING_CELLS.write(sampled.sort_values(["dataset", "part", "row"])[TRAINING_CELLS.names], output)


def _usable(path: str) -> pd.DataFrame:
    cells = CELLS.read(path)
    return cells[(cells["n_counts"] > 0) & cells["left_out"].isna()]


def _spread(datasets: np.ndarray, number: int, random: np.random.Generator) -> np.ndarray:
    """Return positions of `number` cells, from each data set as equally many as these allow."""
    names, codes = np.unique(datasets, return_inverse=True)
    quotas = even_quotas(np.bincount(codes), number, random)
    sampled = [random.choice(np.flatnonzero(codes == code), quotas[code], replace=False) for code in range(len(names))]
    return np.sort(np.concatenate(sampled))


def tokenise_training_cells(
    source: str,
    read: Mapping[str, Any],
    cells_in: str,
    gene_tokens_in: str,
    vocabulary_in: str,
    identity_in: str,
    *,
    tokenizer: str,
    dataset: str,
    part: str,
    values: str,
    max_length: int,
    output: str,
    treatment: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> None:
    """Tokenise the training cells of one file of a data set.

    Parameters
    ----------
    source, read
        The file and how to read it.
    cells_in
        The table `training_cells`.
    gene_tokens_in, vocabulary_in, identity_in
        The genes of the data set and the vocabulary.
    tokenizer
        Module of the vocabulary's tokenizer.
    dataset, part
        Names of the data set and of the file.
    values
        What the data set declares of its values: a key of `rankstudy.cells.needs.GIVES` that gives proportions.
    max_length
        Longest input of the model.
    output
        Where the tokens go; cells without a token are left out.
    treatment, seed
        What is done to the counts of the data set (`rankstudy.cells.treatments.treated`), and the seed of the training.
    """
    vocabulary = read_vocabulary(vocabulary_in, identity_in)
    cells = TRAINING_CELLS.read(cells_in)
    cells = cells[(cells["dataset"] == dataset) & (cells["part"] == part)].sort_values("row", ignore_index=True)
    gene_tokens = GENE_TOKENS.read(gene_tokens_in)
    names = gene_tokens["gene"].tolist()
    places = vocabulary.places_of(names, gene_tokens, source)
    with TokenWriter(output, vocabulary.identity) as writer:
        counts = _counts(source, read, cells["row"].to_numpy(), names, treatment, part, seed)
        require_proportions(counts, values, source)
        known = vocabulary.counts_of(counts, places)
        filled = cells.assign(
            cell_type=cells["cell_type"].fillna(""), slug=cells["slug"].fillna(""), expressed=np.diff(known.indptr)
        )
        writer.write(TokenisedCells.made(filled, *load(tokenizer).tokenise(known, vocabulary, max_length), vocabulary))
    log.info("%s, %s: %d training cells", dataset, source, len(cells))


def _counts(
    source: str,
    read: Mapping[str, Any],
    rows: np.ndarray,
    genes: Sequence[str],
    treatment: Mapping[str, Any] | None,
    part: str,
    seed: int,
) -> sp.csr_matrix:
    """Return the counts of cells of a file after their treatment, over the genes that all files have."""
    if len(rows) == 0:
        return sp.csr_matrix((0, len(genes)), dtype=np.float32)
    opened = open_source(source, dict(read))
    names = [opened.cell_names[row] for row in rows]
    counts = treated(opened.read(rows), names, opened.gene_names, treatment, part=part, seed=seed)
    return counts[:, positions_of(genes, opened.gene_names, f"{source}: genes")]
