"""What was run, as plain values in a stable order: what a rule can carry as a param.

Free of numerical packages: Snakemake calls it while it builds the graph.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from rankstudy.config import DatasetPlan, StudyPlan
from rankstudy.config.dataset_model import BESIDE
from rankstudy.registry import SPACES
from rankstudy.source import Source

# settings that change no result: they shape the jobs only, and another number of them gives the same article
_OF_JOBS = {
    "pairs.cells_per_block",
    "pairs.cells_per_encoding_job",
    "pairs.threads",
    "geneformer.cells_per_job",
    "geneformer.tokens_per_batch",
}
_OF_STUDY = ("datasets", "seeds", "controls", "pca", "umap", "pairs", "uncertainty")
_OF_RELEASE = ("title", "version", "repository", "revision", "licence")
_TEXTS = ("title", "organism", "protocol", "values", "licence")


def describe(plan: StudyPlan) -> dict[str, Any]:
    """Return what the article has to know of a study besides its tables and figures.

    Returns
    -------
    `settings`: rows `{key, value, meaning}`, those of a data set under `<dataset>.`, with what the study sets for it;
    a value is text or None. `datasets`: per data set, in the order of the run, what its file says in words
    (`title`, `organism`, `protocol`, `values`, `licence`, `citations`), the names of its `spaces` and, apart from them, of
    its `controls`, and its `joint` pairs of spaces. `models`: names of the models whose embeddings are compared. `vocabulary`: version of Geneformer whose
    tokens they read, None without models.
    """
    rows = [row for name in _OF_STUDY for row in _field(plan.study, name, "")]
    rows += _of_models(plan)
    rows += _of_ontology(plan)
    for name, dataset in plan.datasets.items():
        rows += _of_dataset(name, dataset)
    return {
        "settings": rows,
        "datasets": {name: _in_words(dataset) for name, dataset in plan.datasets.items()},
        "models": plan.models,
        "vocabulary": plan.release.model.version if plan.models else None,
    }


def _of_models(plan: StudyPlan) -> list[dict[str, str | None]]:
    """Return the settings of what models read and of the models of the run; none of a study without models."""
    if not plan.models:
        return []
    rows = [row for name in _OF_RELEASE for row in _field(plan.release.model, name, "release.")]
    rows += _field(plan.study, "geneformer", "")
    if {"trained-here", "untrained"} & set(plan.models):
        rows += _field(plan.study, "training", "")
    return rows


def _of_ontology(plan: StudyPlan) -> list[dict[str, str | None]]:
    """Return the rule that says which types are similar, and the release it reads; none of a study that uses no ontology."""
    if plan.ontology is None:
        return []
    rows = [*_field(plan.study, "ontology", ""), *_field(plan.ontology.model, "title", "ontology.")]
    return [
        *rows,
        *_of_source(plan.ontology.model.source, "ontology.source."),
        *_field(plan.ontology.model, "licence", "ontology."),
    ]


def _of_dataset(name: str, dataset: DatasetPlan) -> list[dict[str, str | None]]:
    model, prefix = dataset.model, f"{name}."
    rows = [*_field(model, "values", prefix), *_field(model, "keep", prefix)]
    for member, plan in dataset.members.items():
        inner = f"{prefix}{member}."
        rows += [
            *_section(model.combine[member], inner),
            *_field(plan.model, "values", inner),
            *_field(plan.model, "keep", inner),
        ]
    rows += [*_section(dataset.selection, f"{prefix}selection."), *_section(dataset.genes, f"{prefix}genes.")]
    rows.append(_row(f"{prefix}spaces", dataset.spaces, "Spaces that are compared."))
    rows.append(_row(f"{prefix}joint", dataset.joint, "Pairs of spaces whose joint distribution is kept."))
    for name, part in dataset.parts.items():
        inner = f"{prefix}{name}." if dataset.several_parts else prefix
        for role in ("source", *BESIDE):
            source = getattr(part.model, role)
            rows += [] if source is None else _of_source(source, f"{inner}{role}.")
    if model.ontology is not None:
        rows += _field(model.ontology, "column", f"{prefix}ontology.")
        rows += [
            _row(f"{prefix}ontology.terms.{label}", term, "Its term in the Cell Ontology.")
            for label, term in model.ontology.terms.items()
        ]
    if model.similar:
        groups = [", ".join(group) for group in model.similar]
        rows.append(_row(f"{prefix}similar", "; ".join(groups), "Groups of similar cell types, by hand."))
    if model.donors is not None:
        rows += _of_source(model.donors.source, f"{prefix}donors.source.")
    return rows


def _of_source(source: Source, prefix: str) -> list[dict[str, str | None]]:
    addresses = source.recorded_origin.get("url")
    rows = [_row(f"{prefix}url", addresses, "Addresses of the file, tried in order.")]
    for name in ("figshare", "zenodo", "cellxgene", "package", "bytes", "sha256", "md5", "terms"):
        rows += _field(source, name, prefix)
    # a path would say where somebody keeps files, and differ between machines
    file = source.local_file and source.local_file.replace("\\", "/").rsplit("/", 1)[-1]
    return [*rows, _row(f"{prefix}local_file", file, "Name of the local file.")]


def _in_words(dataset: DatasetPlan) -> dict[str, Any]:
    model = dataset.model
    words = {name: getattr(model, name) for name in _TEXTS}
    citations = [c.model_dump() for c in model.citations]
    joint = [list(pair) for pair in dataset.joint]
    named: dict[bool, list[str]] = {False: [], True: []}
    for space in dataset.spaces:
        named[SPACES[space].role == "control"].append(space)
    return {**words, "citations": citations, "spaces": named[False], "controls": named[True], "joint": joint}


def _field(model: BaseModel, name: str, prefix: str) -> list[dict[str, str | None]]:
    value = getattr(model, name)
    if isinstance(value, BaseModel):
        return _section(value, f"{prefix}{name}.")
    return [_row(f"{prefix}{name}", value, type(model).model_fields[name].description or "")]


def _section(model: BaseModel, prefix: str) -> list[dict[str, str | None]]:
    names = [name for name in type(model).model_fields if prefix + name not in _OF_JOBS]
    return [row for name in names for row in _field(model, name, prefix)]


def _row(key: str, value: Any, meaning: str) -> dict[str, str | None]:
    return {"key": key, "value": _text(value), "meaning": meaning}


def _text(value: Any) -> str | None:
    if value is None or value == [] or value == {}:
        return None
    if isinstance(value, dict):
        return ", ".join(f"{name} as {called}" for name, called in value.items())
    if isinstance(value, list):
        return ", ".join(" and ".join(item) if isinstance(item, tuple) else str(item) for item in value)
    return str(value)
