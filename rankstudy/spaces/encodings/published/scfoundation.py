"""scFoundation: the logarithm of expression over its own list of genes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rankstudy.spaces.encodings.declared import value_space
from rankstudy.spaces.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    import scipy.sparse as sp

    from rankstudy.spaces.encodings.cell_counts import CellCounts
    from rankstudy.spaces.tokens.vocabulary import Found


def read_vocabulary(files: Mapping[str, bytes], version: str | None) -> Found:
    """Return the symbols with their places: the columns `gene_name` and `index` of a table."""
    import io

    import pandas as pd

    from rankstudy.spaces.tokens.vocabulary import Found

    # a symbol can be a word for what is missing
    table = pd.read_csv(io.BytesIO(files["genes"]), sep="\t", keep_default_na=False)
    return Found(table.rename(columns={"gene_name": "ensembl_id", "index": "token"}))


def values(cells: CellCounts) -> sp.csr_matrix:
    """Return ln(1 + CP10K), totals over these genes: cells x genes, CSR float32."""
    from rankstudy.spaces.encodings.expression import log1p_cp10k
    from rankstudy.spaces.encodings.stored import own_totals

    return log1p_cp10k(cells.counts, own_totals(cells.counts))


SPACES = {
    "scfoundation-values": value_space(
        title="scFoundation, values",
        function="values",
        vocabulary="scfoundation",
        steps=Steps(total="its genes", logarithm="ln"),
        meaning="expression at its own genes’ total",
        methods=(
            "The values of [scfoundation]: the counts of a cell over their total among the genes of the model, times "
            "{target_counts}, and the natural logarithm of one plus the result. The two tokens of depth that the model "
            "reads beside them are left out. All genes of the model are encoded, then the selected ones are kept."
        ),
    )
}
