"""Tokenising the cells of a replicate, shard by shard, and reporting what became of them."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.cells.shards import read_counts
from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.identity import positions_of
from rankstudy.core.progress import Progress
from rankstudy.pairs.space_files import cell_table
from rankstudy.spaces.models.geneformer.tables import GENE_TOKENS
from rankstudy.spaces.models.geneformer.token_files import TokenWriter
from rankstudy.spaces.models.geneformer.tokens import gene_places, tokenise
from rankstudy.spaces.models.geneformer.vocabulary import Vocabulary, read_vocabulary
from rankstudy.spaces.tables import HAS_TOKENS, TOKENISED

log = logging.getLogger(__name__)


NO_TOKENS = "no gene with a Geneformer token has a count"


def tokenise_shards(
    shards: Sequence[str],
    gene_tokens_in: str,
    vocabulary_in: str,
    identity_in: str,
    *,
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
    values
        What the data set declares of its values: a key of `rankstudy.cells.needs.GIVES` that gives proportions.
    tokens_out, report_out
        Where the tokens (`rankstudy.spaces.models.geneformer.token_files`) and the table `tokenised` go.

    Raises
    ------
    StudyError
        If the values are not what is declared.
    """
    vocabulary = read_vocabulary(vocabulary_in, identity_in)
    gene_tokens = GENE_TOKENS.read(gene_tokens_in)
    reports = []
    about = {**vocabulary.identity, "max_length": vocabulary.version.max_length}
    with TokenWriter(tokens_out, about) as writer:
        for path in Progress(shards, total=len(shards), unit="shards"):
            shard = read_counts(path)
            counts, cells = sp.csr_matrix(shard.X), cell_table(shard)
            require_proportions(counts, values, path)
            places = places_of(shard.var_names.tolist(), gene_tokens, vocabulary, path)
            tokens, offsets, expressed = tokenise(counts, places, vocabulary)
            writer.write(cells, tokens, offsets, expressed)
            reached = np.asarray(counts @ (places >= 0).astype(np.float64)).ravel()
            share = reached / shard.obs["n_counts"].to_numpy()
            reports.append(_report(cells, offsets, expressed, share, dataset, seed, vocabulary))
    report = pd.concat(reports, ignore_index=True)
    _log(report)
    TOKENISED.write(report[TOKENISED.names], report_out)


def places_of(genes: Sequence[str], gene_tokens: pd.DataFrame, vocabulary: Vocabulary, what: str) -> np.ndarray:
    """Return the place in the vocabulary of each of these genes (-1: none), joined by the genes' names."""
    at = positions_of(genes, gene_tokens["gene"].tolist(), f"{what}: genes")
    tokens = pd.to_numeric(gene_tokens["token"]).fillna(-1).to_numpy(np.int64)[at]
    return gene_places(tokens, vocabulary)


def require_proportions(values: sp.csr_matrix, declared: str, what: str) -> None:
    """Raise StudyError unless the values can be shares of a cell's total: no logarithm, and whole if declared counts.

    The total of a cell divides all its values alike, so that counts and what is scaled to one total have one order.
    """
    if not np.isfinite(values.data).all() or (values.data < 0).any():
        problem = f"{what}: Geneformer needs counts or CPM; these values are negative or not finite"
        raise StudyError(advise(problem, "name the matrix with the raw counts (h5ad.counts, rds.layer, loom.counts)"))
    if declared in ("expected_counts", "cpm"):
        return
    fractional = values.data != np.floor(values.data)
    if fractional.any():
        problem = (
            f"{what}: Geneformer needs counts; {fractional.mean():.0%} of these values are not whole numbers, such as "
            f"{listing([f'{v:.4g}' for v in values.data[fractional][:3]])} (normalised, or its logarithm?)"
        )
        raise StudyError(
            advise(
                problem,
                "name the matrix with the raw counts (h5ad.counts, rds.layer, loom.counts)",
                "declare `values: expected_counts` if they were estimated by RSEM or the like",
                "`values: cpm` if every cell has the same total",
            )
        )


def _report(
    cells: pd.DataFrame,
    offsets: np.ndarray,
    expressed: np.ndarray,
    share: np.ndarray,
    dataset: str,
    seed: int,
    vocabulary: Vocabulary,
) -> pd.DataFrame:
    lengths = np.diff(offsets)
    room = vocabulary.version.max_length - 2 * vocabulary.version.frames
    return pd.DataFrame(
        {
            "dataset": dataset,
            "seed": seed,
            "cell_id": cells["cell_id"],
            "cell_type": cells["cell_type"],
            "n_genes": expressed,
            "n_tokens": lengths,
            "truncated": expressed > room,
            "share_counts": share,
            "reason": np.where(lengths > 0, HAS_TOKENS, NO_TOKENS),
        }
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
