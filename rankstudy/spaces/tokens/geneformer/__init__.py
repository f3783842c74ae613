"""Geneformer's tokens: the order of a cell's genes by their counts over a corpus's medians (Theodoris et al. 2023).

The specification is the paper (Nature 618:616) and the files that its authors publish.
"""

from rankstudy.spaces.tokens.geneformer.dictionaries import read_vocabulary
from rankstudy.spaces.tokens.geneformer.order import tokenise

__all__ = ["read_vocabulary", "tokenise"]
