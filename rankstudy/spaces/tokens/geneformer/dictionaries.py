"""The authors' dictionaries of tokens, medians and names: opened without running anything in them, and checked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import UnionType

import numpy as np
import pandas as pd

from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.pickles import read_dictionary
from rankstudy.spaces.tokens.geneformer.versions import VERSIONS, Version
from rankstudy.spaces.tokens.vocabulary import Found

# SHA-256 of the authors' dictionaries, to tell a file of the other version
_PUBLISHED = {
    "ab9dc40973fa5224d77b793e2fd114cacf3d08423ed9c4c49caf0ba9c7f218f1": "V1",
    "b3b589bb5ec75040d05fc44dd6bf0184cf87f3c362cf158d196a6ed3b7fe5f39": "V1",
    "67c445f4385127adfc48dcc072320cd65d6822829bf27dd38070e6e787bc597f": "V2",
    "a51c53f6a771d64508dfaf61529df70e394c53bd20856926117ae5d641a24bf5": "V2",
}


def read_vocabulary(files: Mapping[str, bytes], version: str) -> Found:
    """Check the dictionaries of one version and return what they hold.

    Parameters
    ----------
    files
        Content of the pickles by what they are: `tokens`, `medians`, `names` (symbol to Ensembl id) and, where there is
        one, `mapping` (ids and aliases in upper case to Ensembl id).
    version
        `V1` or `V2`.

    Raises
    ------
    StudyError
        If the dictionaries are not of this version, or do not belong together.
    """
    for role in ("tokens", "medians"):
        known = _PUBLISHED.get(hashlib.sha256(files[role]).hexdigest())
        if known not in (None, version):
            raise StudyError(
                f"dictionary of {role}: this is the one of Geneformer {known}, and {version} is asked for; tokens and "
                "medians must both be of the model's version, or the order of the genes is another one"
            )
    tokens = read_dictionary(files["tokens"], "token dictionary")
    medians = read_dictionary(files["medians"], "median dictionary")
    return Found(_joined(_gene_tokens(tokens, VERSIONS[version]), medians), _names(files), len(tokens))


def _gene_tokens(tokens: Mapping[str, int | float | str], version: Version) -> dict[str, int]:
    """Return the tokens of genes; raise StudyError unless the special ones are those of the version."""
    specials = {name: token for name, token in tokens.items() if name.startswith("<")}
    expected = {name: token for token, name in enumerate(version.specials)}
    if specials != expected:
        those = f"its special tokens are {specials}, those of Geneformer {version.name} are {expected}"
        raise StudyError(advise(f"token dictionary: {those}", "give the dictionary of the model's version"))
    if not _are(tokens, int) or sorted(tokens.values()) != list(range(len(tokens))):
        raise StudyError(f"token dictionary: its tokens are not the numbers from 0 to {len(tokens) - 1}, each once")
    return {name: token for name, token in tokens.items() if name not in specials}


def _are(values: Mapping[str, object], kind: type | UnionType) -> bool:
    return all(isinstance(value, kind) for value in values.values())


def _joined(tokens: Mapping[str, int], medians: Mapping[str, float]) -> pd.DataFrame:
    missing = [gene for gene in tokens if gene not in medians]
    if missing:
        raise StudyError(
            f"median dictionary: {len(missing):,} of {len(tokens):,} genes of the token dictionary have no median, "
            f"such as {listing(missing, 3)}; the two dictionaries are not of one version"
        )
    table = pd.DataFrame({"ensembl_id": list(tokens), "token": list(tokens.values())})
    table["median"] = [medians[gene] for gene in tokens]
    if not _are(medians, int | float) or not (np.isfinite(table["median"]) & (table["median"] > 0)).all():
        raise StudyError("median dictionary: holds medians that are not numbers above zero")
    return table


def _names(files: Mapping[str, bytes]) -> pd.DataFrame | None:
    """Return every name of a gene with the id that it stands for; the mapping dictionary has its keys in upper case."""
    parts = []
    for role, upper in (("mapping", True), ("names", False)):
        if role in files:
            found = read_dictionary(files[role], f"dictionary of {role}")
            if not _are(found, str):
                raise StudyError(f"dictionary of {role}: holds values that are not text, expected Ensembl ids")
            parts.append(pd.DataFrame({"name": list(found), "upper": upper, "ensembl_id": list(found.values())}))
    return pd.concat(parts, ignore_index=True) if parts else None
