"""A file of a data set as the rules use it: where it lies, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rankstudy.config.dataset_model import BESIDE, Part
from rankstudy.sources.tenx import ROLES, companions


@dataclass(frozen=True)
class PartPlan:
    """A file of expression values of a data set, with what is read beside it.

    `declared` is the plan of the data set whose YAML says how it is read, and `own_name` the part's name there: of a
    combined data set, a member.
    """

    dataset: str
    name: str
    model: Part
    format: str
    options: dict[str, Any]
    declared: Any
    own_name: str

    @property
    def path(self) -> str:
        """What the reader opens."""
        return f"resources/{self.dataset}/unpacked/{self.name}.h5ad" if self.is_zipped else self.downloaded

    @property
    def downloaded(self) -> str:
        """Where the file lies, or will lie after the download."""
        return self.model.source.path(self.declared.name)

    @property
    def is_zipped(self) -> bool:
        """Whether it is an h5ad in a zip archive, which has to be unpacked to be read at any place."""
        return self.format == "h5ad" and self.downloaded.endswith(".zip")

    @property
    def member(self) -> str | None:
        """The h5ad in a zip archive; None where it is the only one."""
        return self.options.get("member")

    @property
    def reads_a_member(self) -> bool:
        """Whether it is a table in an archive, where its labels are too."""
        return self.format == "table" and self.options["counts"] is not None

    @property
    def beside(self) -> dict[str, str]:
        """The files that are read with it, by what they are: `labels`, `features` and `barcodes` of a 10x matrix."""
        sources = {role: source for role in BESIDE if (source := getattr(self.model, role)) is not None}
        found = {role: source.path(self.declared.name) for role, source in sources.items()}
        if self.options.get("labels") is not None and not self.reads_a_member:
            found["labels"] = self.options["labels"]
        if self.format == "mtx" and not found.keys() >= set(ROLES):
            return {**companions(self.path), **found}
        return found

    @property
    def files(self) -> dict[str, str]:
        """Every file that the reader opens, by what it is: `matrix`, and those beside it."""
        return {"matrix": self.path, **self.beside}

    @property
    def read(self) -> dict[str, Any]:
        """How to read the file, as plain values for `rankstudy.sources.readers.open_source`."""
        options = {key: value for key, value in self.options.items() if key != "member"}
        read = {"format": self.format, **options, **self.beside, "feature_types": self.declared.model.feature_types}
        # releases of Ensembl differ in the versions of its ids: those of several data sets are joined without
        return read if self.declared.name == self.dataset else {**read, "id_versions": False}

    @property
    def annotations(self) -> dict[str, dict[str, Any]]:
        """Which columns say what, as plain values for `rankstudy.cells.scan`."""
        return self.declared.annotations

    @property
    def keep(self) -> dict[str, Any] | None:
        """Which cells are used, as plain values."""
        return self.declared.keep

    @property
    def missing(self) -> list[str]:
        """Words in its columns of cells that mean that there is no value."""
        return self.declared.model.missing

    @property
    def values(self) -> str:
        """What its values are, as the data set that declares it says."""
        return self.declared.model.values

    @property
    def treatment(self) -> dict[str, Any] | None:
        """What is done to its counts, as plain values; of a combined data set, what the member's file says."""
        treatment = self.declared.model.treatment
        return None if treatment is None else treatment.model_dump(exclude_none=True)

    @property
    def verified(self) -> dict[str, dict[str, Any]]:
        """Size and hashes that `files` must have; those of an archive are checked when it is unpacked."""
        matrix = dict.fromkeys(self.of_download) if self.is_zipped else self.of_download
        beside = {role: source.checks for role in BESIDE if (source := getattr(self.model, role)) is not None}
        return {"matrix": matrix, **beside}

    @property
    def of_download(self) -> dict[str, Any]:
        """Size and hashes that the file must have as it is downloaded."""
        return self.model.source.checks
