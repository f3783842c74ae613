"""Tokens: a cell as the order of its genes, each gene's counts measured against its median over a large corpus.

For a cell with counts c, total n and medians m the value of gene g is c_g / n * 10,000 / m_g (no logarithm). Zeros are
dropped; genes stand in descending order of value; genes of equal value in the order of the vocabulary. The authors'
own order of equal values is undefined (an unstable sort), so it is not imitated.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from rankstudy.spaces.encodings.sorting import first_of_rows
from rankstudy.spaces.tokens.geneformer.versions import CLS, EOS, VERSIONS
from rankstudy.spaces.tokens.vocabulary import Vocabulary


def tokenise(
    counts: sp.csr_matrix, vocabulary: Vocabulary, max_length: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the tokens of each cell.

    The total of a cell divides all its values alike and so leaves their order as it is; it is not needed.

    Parameters
    ----------
    counts
        Cells x genes of the vocabulary, positive where stored, in the order of the genes.
    vocabulary
        The vocabulary.
    max_length
        Longest input, special tokens included; that of the version if None.

    Returns
    -------
    tokens
        int32, of all cells one after the other, `<cls>` and `<eos>` included where the version has them.
    offsets
        (cells + 1,), where the tokens of each cell begin. A cell without any gene of the vocabulary has none.
    """
    version = VERSIONS[vocabulary.identity["version"]]
    room = (max_length or version.max_length) - 2 * version.frames
    places, begins = first_of_rows(counts.indptr, counts.data / vocabulary.medians[counts.indices], room)
    lengths = np.diff(begins)
    offsets = np.concatenate([[0], np.cumsum(lengths + 2 * version.frames * (lengths > 0))])
    tokens = np.empty(offsets[-1], np.int32)
    of_gene = np.ones(len(tokens), bool)
    if version.frames:
        first, last = offsets[:-1][lengths > 0], offsets[1:][lengths > 0] - 1
        tokens[first], tokens[last] = CLS, EOS
        of_gene[first] = of_gene[last] = False
    tokens[of_gene] = vocabulary.tokens[counts.indices[places]]
    return tokens, offsets


def token_values(counts: np.ndarray, total: float, medians: np.ndarray) -> np.ndarray:
    """Return the value of each gene of a cell by which Geneformer orders it: count / total * 10,000 / median."""
    return counts / total * 10_000 / medians
