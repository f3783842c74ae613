"""scBERT: six levels of the logarithm of expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rankstudy.spaces.encodings.declared import value_space
from rankstudy.spaces.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    import scipy.sparse as sp

    from rankstudy.spaces.encodings.cell_counts import CellCounts
    from rankstudy.spaces.tokens.vocabulary import Found

HIGHEST = 5


def read_vocabulary(files: Mapping[str, bytes], version: str | None) -> Found:
    """Return the symbols in the model's order: the names of the genes of an h5ad."""
    import io

    import h5py
    import pandas as pd

    from rankstudy.spaces.tokens.vocabulary import Found

    with h5py.File(io.BytesIO(files["genes"])) as file:
        names = file["var"][file["var"].attrs["_index"]].asstr()[:]
    return Found(pd.DataFrame({"ensembl_id": names, "token": range(len(names))}))


def levels(cells: CellCounts) -> sp.csr_matrix:
    """Return the integer part of log2(1 + CP10K), at most 5, totals over these genes: cells x genes, CSR float32."""
    import numpy as np

    from rankstudy.spaces.encodings.stored import own_totals, per_ten_thousand, with_values

    cp10k = per_ten_thousand(cells.counts, own_totals(cells.counts))
    reached = np.zeros(len(cp10k), np.float32)
    for level in range(1, HIGHEST + 1):
        reached += cp10k >= 2**level - 1  # where the level begins: no logarithm is rounded
    return with_values(cells.counts, reached)


SPACES = {
    "scbert-levels": value_space(
        title="scBERT, levels",
        function="levels",
        vocabulary="scbert",
        steps=Steps(total="its genes", logarithm="log2", kept="levels", number=HIGHEST),
        constants={"highest": HIGHEST},
        meaning="expression in six levels",
        methods=(
            "The tokens of [scbert]: the counts of a cell over their total among the genes of the model, times "
            "{target_counts}; the logarithm to base two of one plus the result; its integer part, and "
            "{scbert-levels.highest} where it is more. All genes of the model are encoded, then the selected ones are "
            "kept: with a total over few genes nearly every detected gene would be at the highest level."
        ),
    )
}
