"""The counts of all genes of a vocabulary, for encodings that take these instead of the selected ones."""

from __future__ import annotations

from collections.abc import Mapping

import anndata as ad
import scipy.sparse as sp

from rankstudy.spaces.tokens.tables import GENE_TOKENS
from rankstudy.spaces.tokens.vocabulary import read_vocabulary


class VocabularyGenes:
    """The genes of a vocabulary, and their counts in a shard; encodings get the vocabulary beside these."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._vocabulary = read_vocabulary(files["vocabulary"], files["identity"])
        self._gene_tokens = GENE_TOKENS.read(files["gene_tokens"])
        self.names = list(self._vocabulary.ensembl_ids)
        self.beside = {"vocabulary": self._vocabulary}

    def counts(self, shard: ad.AnnData, what: str) -> sp.csr_matrix:
        """Return the counts of these genes, those of genes of the data set that share one summed: cells x genes."""
        places = self._vocabulary.places_of(shard.var_names.tolist(), self._gene_tokens, what)
        return self._vocabulary.counts_of(shard.X, places)
