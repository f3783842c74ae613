"""Tokenising the cells of a replicate, shard by shard, and reporting what became of them."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.cells.shards import read_counts
from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.modules import load
from rankstudy.core.progress import Progress
from rankstudy.pairs.space_files import cell_table
from rankstudy.spaces.tables import HAS_TOKENS, TOKENISED
from rankstudy.spaces.tokens.tables import GENE_TOKENS
from rankstudy.spaces.tokens.token_files import TokenisedCells, TokenWriter
from rankstudy.spaces.tokens.vocabulary import Vocabulary, read_vocabulary

log = logging.getLogger(__name__)


NO_TOKENS = "no gene of the vocabulary has a count"


def tokenise_shards(
    shards: Sequence[str],
    gene_tokens_in: str,
    vocabulary_in: str,
    identity_in: str,
    *,
    tokenizer: str,
    tokens: str,
    dataset: str,
    seed: int,
    values: str,
    tokens_out: str,
    report_out: str,
) -> None:
    """Tokenise the selected cells of a replicate.

    Parameters
    ----------
    shards
        Raw counts, one file per cell type, all genes.
    gene_tokens_in
        The table `gene_tokens` of the data set.
    vocabulary_in, identity_in
        The vocabulary.
    tokenizer
        Its module.
    tokens, dataset, seed
        Names of the vocabulary's release and of the data set, and the seed of the replicate.
    values
        What the data set declares of its values: a key of `rankstudy.cells.needs.GIVES` that gives proportions.
    tokens_out, report_out
        Where the tokens (`rankstudy.spaces.tokens.token_files`) and the table `tokenised` go.

    Raises
    ------
    StudyError
        If the values are not what is declared, or the tokenizer gives other tokens than it has.
    """
    vocabulary, gene_tokens = read_vocabulary(vocabulary_in, identity_in), GENE_TOKENS.read(gene_tokens_in)
    tokenise = load(tokenizer).tokenise
    reports = []
    with TokenWriter(tokens_out, vocabulary.identity) as writer:
        for path in Progress(shards, total=len(shards), unit="shards"):
            shard = read_counts(path)
            counts = sp.csr_matrix(shard.X)
            require_proportions(counts, values, path)
            places = vocabulary.places_of(shard.var_names.tolist(), gene_tokens, path)
            known = vocabulary.counts_of(counts, places)
            cells = cell_table(shard).assign(expressed=np.diff(known.indptr))
            made = TokenisedCells.made(cells, *tokenise(known, vocabulary), vocabulary)
            writer.write(made)
            reached = np.asarray(counts @ (places >= 0).astype(np.float64)).ravel()
            share = reached / shard.obs["n_counts"].to_numpy()
            reports.append(_report(made, share, vocabulary).assign(dataset=dataset, seed=seed, tokens=tokens))
    report = pd.concat(reports, ignore_index=True)
    _log(report)
    TOKENISED.write(report[TOKENISED.names], report_out)


def require_proportions(values: sp.csr_matrix, declared: str, what: str) -> None:
    """Raise StudyError unless the values can be shares of a cell's total: no logarithm, and whole if declared counts.

    The total of a cell divides all its values alike, so that counts and what is scaled to one total have one order.
    """
    if not np.isfinite(values.data).all() or (values.data < 0).any():
        problem = f"{what}: tokens are made of counts or CPM; these values are negative or not finite"
        raise StudyError(advise(problem, "name the matrix with the raw counts (h5ad.counts, rds.layer, loom.counts)"))
    if declared in ("expected_counts", "cpm"):
        return
    fractional = values.data != np.floor(values.data)
    if fractional.any():
        problem = (
            f"{what}: tokens are made of counts; {fractional.mean():.0%} of these values are not whole numbers, such "
            f"as {listing([f'{v:.4g}' for v in values.data[fractional][:3]])} (normalised, or its logarithm?)"
        )
        raise StudyError(
            advise(
                problem,
                "name the matrix with the raw counts (h5ad.counts, rds.layer, loom.counts)",
                "declare `values: expected_counts` if they were estimated by RSEM or the like",
                "`values: cpm` if every cell has the same total",
            )
        )


def _report(made: TokenisedCells, share: np.ndarray, vocabulary: Vocabulary) -> pd.DataFrame:
    """Return what became of each cell; special tokens are none of its genes."""
    of_genes = np.concatenate([[0], np.cumsum(np.isin(made.tokens, vocabulary.tokens))])
    kept = of_genes[made.offsets[1:]] - of_genes[made.offsets[:-1]]
    return made.cells[["cell_id", "cell_type"]].assign(
        n_genes=made.cells["expressed"],
        n_tokens=made.lengths,
        truncated=kept < made.cells["expressed"],
        share_counts=share,
        reason=np.where(made.lengths > 0, HAS_TOKENS, NO_TOKENS),
    )


def _log(report: pd.DataFrame) -> None:
    log.info(
        "%d cells: median %.0f tokens, %d truncated, %d without tokens",
        len(report),
        report["n_tokens"].median(),
        report["truncated"].sum(),
        (report["n_tokens"] == 0).sum(),
    )
    for row in report[report["n_tokens"] == 0].itertuples():
        log.warning("%s (%s): %s", row.cell_id, row.cell_type, row.reason)
