"""The study as the rules use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rankstudy.config.dataset_plan import DatasetPlan, as_downloaded
from rankstudy.config.model_plan import ModelPlan, VocabularyPlan
from rankstudy.config.ontology import OntologyPlan
from rankstudy.config.release import ReleaseFile, ReleasePlan
from rankstudy.config.study_model import Study
from rankstudy.config.texts import GeneTextsPlan, TextModelPlan, TextPlan
from rankstudy.measures.field.metrics import Metric
from rankstudy.pairs.blocks import pack
from rankstudy.sources.source import Source
from rankstudy.spaces.catalogue import Catalogue
from rankstudy.spaces.tokens.tables import SYMBOLS


@dataclass(frozen=True)
class StudyPlan:
    """The study as the rules use it."""

    study: Study
    datasets: dict[str, DatasetPlan]
    catalogue: Catalogue
    own_release: ReleasePlan
    models: dict[str, ModelPlan] = field(default_factory=dict)
    vocabularies: dict[str, VocabularyPlan] = field(default_factory=dict)
    ontology: OntologyPlan | None = None
    texts: TextPlan = field(default_factory=TextPlan)

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
    def models_in_use(self) -> list[str]:
        """The models whose embeddings are compared in any data set, by name, in the order of the catalogue."""
        return [name for name in self.catalogue.models if any(name in plan.models for plan in self.datasets.values())]

    @property
    def vocabularies_in_use(self) -> list[str]:
        """What is computed of any data set with the genes of a vocabulary: models, releases, or `symbols`."""
        found = (self.catalogue.spaces[name] for plan in self.datasets.values() for name in plan.computed)
        wanted = [space.vocabulary for space in found if space.release is not None or space.vocabulary == SYMBOLS]
        return list(dict.fromkeys([*wanted, *([SYMBOLS] if self.texts_in_use else [])]))

    @property
    def texts_in_use(self) -> list[str]:
        """The lists and vectors of genes that are compared in any data set."""
        return [name for name in self.texts.section.entries if any(name in d.spaces for d in self.datasets.values())]

    @property
    def text_models(self) -> dict[str, TextModelPlan]:
        """The text models that read them, by name."""
        found = (self.texts.model_of(name) for name in self.texts_in_use)
        return {model.name: model for model in found if model is not None}

    @property
    def gene_texts(self) -> dict[str, GeneTextsPlan]:
        """The texts and vectors of genes that others have made and that are read, by name."""
        return {source.name: source for name in self.texts_in_use for source in self.texts.sources_of(name)}

    @property
    def symbols(self) -> str:
        """The table of names that tells which symbols Ensembl ids have."""
        return f"{self.own_release.folder}/gene_names.parquet"

    @property
    def releases(self) -> dict[str, ReleasePlan]:
        """The releases of which something is read, by name: of models, and of the vocabularies of encodings."""
        of_texts = (model.release for model in self.text_models.values() if model.release is not None)
        return {release.name: release for release in (*(v.release for v in self.vocabularies.values()), *of_texts)}

    @property
    def tokens(self) -> dict[str, VocabularyPlan]:
        """The vocabularies by the names of their releases, under which the tokens lie."""
        return {plan.release.name: plan for plan in self.vocabularies.values()}

    def tokens_of(self, dataset: str) -> list[str]:
        """Return the releases with whose vocabularies the cells of a data set are tokenised, for models."""
        return list(dict.fromkeys(self.vocabularies[name].release.name for name in self.datasets[dataset].models))

    def vocabularies_of(self, dataset: str) -> list[str]:
        """Return the releases in whose vocabularies the genes of a data set are looked up, and `symbols`."""
        entries = self.texts.section.lists
        by_medians = [
            name for name in self.datasets[dataset].spaces if name in entries and entries[name].by == "medians"
        ]
        spaces = [self.catalogue.spaces[name] for name in self.datasets[dataset].computed]
        releases = [self.vocabularies[space.release].release.name for space in spaces if space.release is not None]
        symbols = [SYMBOLS for space in spaces if space.vocabulary == SYMBOLS or space.text is not None]
        own = [self.own_release.name] if by_medians else []
        return list(dict.fromkeys([*self.tokens_of(dataset), *releases, *own, *symbols]))

    def readers_of(self, dataset: str, release: str) -> list[str]:
        """Return what reads the vocabulary of a release of a data set: encodings and embeddings."""
        spaces = self.catalogue.spaces
        wanted = {name: spaces[name].release or spaces[name].model for name in self.datasets[dataset].computed}
        return [
            name
            for name, vocabulary in wanted.items()
            if not spaces[name].parent and vocabulary and self.vocabularies[vocabulary].release.name == release
        ]

    def may_lack(self, dataset: str) -> list[str]:
        """Return the releases without whose genes a data set does: those that encodings alone read of it."""
        if self.study.on_missing == "error":
            return []
        of_encodings = [name for name in self.vocabularies_of(dataset) if name in self.tokens]
        return [name for name in of_encodings if name not in self.tokens_of(dataset)]

    def made_of(self, dataset: str, release: str) -> list[str]:
        """Return what reads the vocabulary of a release of a data set, and the spaces that are made of it."""
        found, computed = set(self.readers_of(dataset, release)), self.datasets[dataset].computed
        for name in computed:
            # parents stand before what is made of them
            if self.catalogue.spaces[name].parent in found:
                found.add(name)
        return [name for name in computed if name in found]

    @property
    def encoded(self) -> list[str]:
        """The data sets of which there are encodings."""
        return [name for name, plan in self.datasets.items() if plan.encodings]

    @property
    def with_embeddings(self) -> list[str]:
        """The data sets that bring embeddings which are compared."""
        return [name for name, plan in self.datasets.items() if plan.brought]

    @property
    def with_states(self) -> list[str]:
        """The data sets in which states are told within types."""
        return [name for name, plan in self.datasets.items() if plan.model.states is not None]

    @property
    def with_texts(self) -> list[str]:
        """The data sets of which lists or vectors of genes are compared."""
        return [name for name, plan in self.datasets.items() if set(plan.spaces) & set(self.texts.section.entries)]

    @property
    def with_vocabularies(self) -> list[str]:
        """The data sets whose genes are looked up in a vocabulary."""
        return [name for name in self.datasets if self.vocabularies_of(name)]

    @property
    def tokenised(self) -> list[str]:
        """The data sets whose cells are tokenised."""
        return [name for name in self.datasets if self.tokens_of(name)]

    @property
    def own_models(self) -> dict[str, str]:
        """The models that the study makes, by their kind: trained and untrained."""
        return {plan.model.kind: name for name, plan in self.models.items() if not plan.is_downloaded}

    @property
    def own_metrics(self) -> dict[str, Metric]:
        """The metrics that are one function each, and have jobs of their own: the same for all data sets."""
        (metrics, *_) = (plan.metrics for plan in self.datasets.values())
        return {name: metric for name, metric in metrics.items() if metric.function}

    @property
    def with_curves(self) -> list[str]:
        """The data sets that have specification curves."""
        return [name for name, plan in self.datasets.items() if plan.curves]

    @property
    def curve_seeds(self) -> list[int]:
        """The replicates that have specification curves."""
        return self.study.seeds[: self.study.settings.replicates]

    @property
    def with_ledgers(self) -> list[str]:
        """The data sets that have ledgers."""
        return [name for name, plan in self.datasets.items() if plan.ledgers]

    @property
    def lattice_seeds(self) -> list[int]:
        """The replicates that have ledgers."""
        return self.study.seeds[: self.study.lattice.replicates]

    @property
    def with_causes(self) -> list[str]:
        """The data sets in which causes are looked for."""
        return [name for name, plan in self.datasets.items() if plan.cause_encodings]

    @property
    def cause_seeds(self) -> list[int]:
        """The replicates in which causes are looked for."""
        return self.study.seeds[: self.study.causes.replicates]

    @property
    def with_donors(self) -> list[str]:
        """The data sets that come with a table of donors."""
        return [name for name, dataset in self.datasets.items() if dataset.model.donors is not None]

    @property
    def architecture(self) -> dict[str, int]:
        """Size of the model that the study trains, as plain values."""
        names = ("layers", "hidden", "heads", "feed_forward", "max_length")
        return {name: getattr(self.study.training, name) for name in names}

    @property
    def packages(self) -> list[str]:
        """The packages that are downloaded, each once."""
        needed = [name for dataset in self.datasets.values() for name in dataset.packages]
        needed += [source.package for source in self._packaged_releases if source.local_file is None]
        needed += [source.package for source in self._sources if source.package and not source.local_file]
        return list(dict.fromkeys(needed))

    @property
    def _sources(self) -> list[Source]:
        """Where the ontology comes from, and texts of genes."""
        of_ontology = [] if self.ontology is None else [self.ontology.model.source]
        return [*of_ontology, *(texts.model.source for texts in self.gene_texts.values())]

    @property
    def _packaged_releases(self) -> list[Source]:
        return [release.model.package for release in self.releases.values() if release.wheel]

    @property
    def release_downloads(self) -> dict[str, list[ReleaseFile]]:
        """The files of each release's repository that are downloaded: a model only where its embedding is compared."""
        embedded = {plan.release.name for plan in self.models.values() if plan.is_downloaded}
        embedded |= {plan.release.name for plan in self.text_models.values() if plan.release is not None}
        found = {}
        for name, release in self.releases.items():
            needed = {*release.dictionaries, *(release.weights if name in embedded else ())}
            if not (release.wheel or release.model.local_folder):
                found[name] = [file for role, file in release.members.items() if role in needed]
        return found

    def encoding_groups(self, sizes: Mapping[str, int]) -> list[list[str]]:
        """Return the cell types of each encoding job, from the cells that are sampled of each type."""
        return pack(sizes, self.study.pairs.cells_per_encoding_job)

    def embedding_groups(self, model: str, sizes: Mapping[str, int]) -> list[list[str]]:
        """Return the cell types of each job of a model, from the cells that are sampled of each type."""
        return pack(sizes, self.models[model].settings.get("cells_per_job", self.study.geneformer.cells_per_job))

    def block_groups(self, sizes: Mapping[str, int]) -> list[list[str]]:
        """Return the cell types on one side of a block of pairs, from the cells that are sampled of each type."""
        return pack(sizes, self.study.pairs.cells_per_block)

    def package(self, requirement: str) -> dict[str, Any]:
        """Return what is known of a package file: its SHA-256 and size."""
        sources = [source for dataset in self.datasets.values() for source in dataset.every_source]
        sources += [*self._packaged_releases, *self._sources]
        source = next(source for source in sources if source.package == requirement)
        return {"sha256": source.sha256, "bytes": source.bytes}

    def download(self, path: str) -> dict[str, Any]:
        """Return the source and the licence of a file to download; the first data set that names it speaks for all."""
        if self.ontology is not None and self.ontology.is_downloaded and path == self.ontology.path:
            return {"source": as_downloaded(self.ontology.model.source), "licence": self.ontology.model.licence}
        for texts in self.gene_texts.values():
            if texts.is_downloaded and path == texts.archive:
                return {"source": as_downloaded(texts.model.source), "licence": texts.model.licence}
        plan = next(plan for plan in self.declared if path in plan.downloads)
        return {"source": plan.downloads[path], "licence": plan.model.licence}

    def fit_options(self, space: str) -> dict[str, Any]:
        """Return the arguments of a fitted space's function, from the section of the study that it names."""
        section = self.catalogue.spaces[space].settings
        return {} if section is None else getattr(self.study, section).model_dump()
