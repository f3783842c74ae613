"""Remedies of what is refused of tokens and of models."""

import numpy as np

from tests.unit.advice_toy import calling, change, scaled
from tests.unit.helpers import toy_counts
from tests.unit.test_geneformer_tokenising import NAMES, prepare, run, shards_of

COUNTS = toy_counts(5, len(NAMES))
RAW = "geneformer.tokenising: name the matrix with the raw counts (h5ad.counts, rds.layer, loom.counts)"


def tokenised(folder, matrix, values="counts"):
    run(folder, shards_of(folder, {"a": matrix}), prepare(folder), values=values)


MEETS = [
    (calling(tokenised, matrix=-COUNTS), {RAW: change(matrix=COUNTS)}),
    (
        calling(tokenised, matrix=np.log1p(COUNTS)),
        {
            RAW: change(matrix=COUNTS),
            "geneformer.tokenising: declare `values: expected_counts` if they were estimated by RSEM or the like": change(
                values="expected_counts"
            ),
            "geneformer.tokenising: `values: cpm` if every cell has the same total": change(
                values="cpm", matrix=scaled(COUNTS)
            ),
        },
    ),
]
