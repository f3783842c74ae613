"""scGPT: quantile bins of each cell's own values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rankstudy.spaces.encodings.declared import value_space
from rankstudy.spaces.steps import Steps, Ties

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import scipy.sparse as sp

    from rankstudy.spaces.encodings.cell_counts import CellCounts
    from rankstudy.spaces.registry import SpaceSpec
    from rankstudy.spaces.tokens.vocabulary import Found

BINS = 50  # of what is above zero; 51 with that of zeros


def read_vocabulary(files: Mapping[str, bytes], version: str | None) -> Found:
    """Return the symbols of the vocabulary with their tokens: a JSON object."""
    import json

    import pandas as pd

    from rankstudy.spaces.tokens.vocabulary import Found

    tokens = json.loads(files["genes"])
    return Found(pd.DataFrame({"ensembl_id": list(tokens), "token": list(tokens.values())}))


def bins(cells: CellCounts) -> sp.csr_matrix:
    """Return bins 0 to 50, values on several edges at random: cells x genes, CSR float32."""
    from rankstudy.spaces.encodings.draws import uniforms_of

    return _bins(cells, uniforms_of(cells))


def bins_fixed(cells: CellCounts) -> sp.csr_matrix:
    """Return bins 0 to 50, values on several edges in the highest of their bins: cells x genes, CSR float32."""
    return _bins(cells, 0.0)


def _bins(cells: CellCounts, chance: np.ndarray | float) -> sp.csr_matrix:
    from rankstudy.spaces.encodings.bins import quantile_bins
    from rankstudy.spaces.encodings.stored import with_values

    return with_values(cells.counts, quantile_bins(cells.counts.indptr, cells.counts.data, BINS, chance))


def _space(name: str, title: str, function: str, ties: Ties, meaning: str, rule: str) -> SpaceSpec:
    return value_space(
        title=title,
        function=function,
        needs="order",
        vocabulary="scgpt",
        steps=Steps(kept="bins", number=BINS, ties=ties),
        constants={"edges": BINS},
        meaning=meaning,
        methods=(
            "The bins of [scgpt]. Of the values above zero of a cell, among the genes of the model’s vocabulary, "
            f"{{{name}.edges}} quantiles at equal steps from the smallest to the largest are the edges (linear "
            "interpolation). With h edges at or below a value and l below it, its bin is ceil(u (l − h) + h); zeros "
            f"are a bin of their own. Most values of a sparse cell are equal and lie on many edges: {rule} Neither a "
            "cell’s total nor a logarithm changes a bin. All genes of the vocabulary are binned, then the selected "
            "ones are kept."
        ),
    )


SPACES = {
    "scgpt-bins": _space(
        "scgpt-bins",
        "scGPT, bins",
        "bins",
        "chance",
        "each gene’s quantile bin, ties at random",
        "as in the authors’ code u is random, and here drawn per seed, cell and gene.",
    ),
    "scgpt-bins-fixed": _space(
        "scgpt-bins-fixed",
        "scGPT, bins without chance",
        "bins_fixed",
        "shared",
        "each gene’s quantile bin",
        "here u is zero, which puts equal values in one bin, the highest that they reach; the authors draw it.",
    ),
}
