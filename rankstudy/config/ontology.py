"""A release of the Cell Ontology as a typed model, and as the rules use it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from pydantic import Field, model_validator

from rankstudy.config.common_models import TERM, Citation
from rankstudy.config.release import ReleaseFile
from rankstudy.core.errors import advise
from rankstudy.core.strict import Strict
from rankstudy.sources.source import Source

ENDINGS = (".owl", ".obo")


class OntologyRelease(Strict):
    """A release of the Cell Ontology: one file `config/ontology/<name>.yaml`."""

    title: str
    """What it is called in figures and text."""
    source: Source
    """Where the file comes from: `url` or `local_file` of an `.obo` or `.owl` (RDF/XML), or a `package` that holds
    one."""
    member: ReleaseFile | None = None
    """The file in the package."""
    root: str = Field("CL:0000000", pattern=TERM)
    """The term that all cell types are kinds of."""
    citations: list[Citation] = []
    """How to cite it."""
    licence: str = "not stated"
    """Licence of the file."""

    @model_validator(mode="after")
    def _one_readable_file(self) -> OntologyRelease:
        if (self.source.package is None) != (self.member is None):
            problem = "member: names the file in a `package`, and one of the two is missing"
            raise ValueError(advise(problem, "give `source.package` and `member`", "give neither"))
        name = self.source.path("") if self.member is None else self.member.path
        if os.path.splitext(name)[1] not in ENDINGS:
            problem = f"source: {name!r} is neither .owl (RDF/XML) nor .obo"
            raise ValueError(advise(problem, "give one of these files, such as cl-basic.obo"))
        return self

    @model_validator(mode="after")
    def _pinned(self) -> OntologyRelease:
        if self.source.sha256 is None:
            problem = "source.sha256: is missing, and releases of the ontology differ in which types they call related"
            raise ValueError(advise(problem, "give the hash of the one that is meant (`sha256sum FILE`)"))
        return self


@dataclass(frozen=True)
class OntologyPlan:
    """The release of the Cell Ontology that the study uses."""

    name: str
    file: str
    model: OntologyRelease

    @property
    def path(self) -> str:
        """Where the file, or the package that holds it, lies or will lie."""
        return self.model.source.path(f"ontology/{self.name}/files")

    @property
    def member(self) -> dict[str, Any] | None:
        """Path, size and SHA-256 of the file in the package, as plain values."""
        return None if self.model.member is None else self.model.member.model_dump()

    @property
    def is_downloaded(self) -> bool:
        """Whether the file is downloaded by itself: it neither lies on this machine nor comes in a package."""
        return self.model.source.local_file is None and self.model.source.package is None
