"""What was run, as plain values in a stable order: what a rule can carry as a param.

Free of numerical packages: Snakemake calls it while it builds the graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from pydantic import BaseModel

from rankstudy.config import DatasetPlan, PartPlan, StudyPlan
from rankstudy.config.dataset_model import BESIDE
from rankstudy.config.formats_model import FORMATS
from rankstudy.config.texts import GeneTextsPlan, TextModelPlan
from rankstudy.config.treatment_model import Change, Treatment
from rankstudy.report.figure import OF_STUDY, Level, drawings
from rankstudy.report.figures.metrics import columns
from rankstudy.sources.source import Source
from rankstudy.spaces.models.registry import GENEFORMER_TOKENS

# settings that change no result: they shape the jobs only, and another number of them gives the same article
OF_JOBS = {"pairs.cells_per_block", "pairs.cells_per_encoding_job", "pairs.threads"}
_OF_JOBS_OF_MODELS = {"cells_per_job", "tokens_per_batch"}
# words about data that are quoted elsewhere in the article, or that say nothing of them
WORDS = {"citations", "terms_note", "accept_terms"}
# of several ways to say it, those that were not taken are no settings
_TREATMENTS = {"treatment", *Treatment.model_fields, *Change.model_fields}
_OTHER_WAYS = {"source", *BESIDE, "parts", "combine", "ontology", "states", *FORMATS, *_TREATMENTS}
# paths would say where somebody keeps files, and differ between machines
_PATHS = {"local_file", "local_folder", "plugins", "file"}
_BY_DATASET = {"spaces", "selection", "genes"}
_TEXTS = ("title", "organism", "protocol", "values", "licence")
_OF_A_SPACE = (
    "role",
    "metric",
    "measure",
    "parent",
    "model",
    "settings",
    "meaning",
    "methods",
    "constants",
    "vocabulary",
    "is_brought",
    "text",
    "varies",
)
Row = dict[str, str | None]


def describe(plan: StudyPlan, left_out: Mapping[str, Mapping[str, list[str]]] | None = None) -> dict[str, Any]:
    """Return what the article has to know of a study besides its tables and figures.

    Parameters
    ----------
    plan
        The study, without what is left out of its data sets.
    left_out
        Per data set, the spaces that are left out, by the vocabulary that too few of its genes are in.

    Returns
    -------
    `settings`: rows `{key, value, meaning}`, those of a data set under `<dataset>.`, with what the study sets for
    it, those of the members of a combined one under their own names; a value is text or None. `datasets`: per data
    set, in the order of the run, what its file says in words (`title`, `organism`, `protocol`, `values`, `licence`,
    `citations`), its `files` (`part`; `member`: of a combined data set, the one that the file is of; `source`: the
    key of the settings that say where it comes from), the names of its `spaces` and, apart from them, of its
    `controls`, its `references`, its `joint` pairs of spaces, its `tokens`: releases whose vocabularies its cells
    are tokenised with, its `curves`: pairs of encodings that have a specification curve, its `ledgers`: pairs that
    have one, of which `orders_by_medians`, its `cause_encodings`, of which causes are looked for, and `cause_pairs`,
    whether it has `states`, and the titles of the spaces that are `left_out`. `spaces`: what is
    declared of each space that is compared, with the `kind` of its model, and `models` of each model, by name, in
    the order of the study. `figures`: per data set, and under the empty name of the study, title, caption and
    section of each figure, by the name of its file. `tokens`: of each release with a vocabulary of Geneformer, its
    version. `metrics`: the columns in which the metrics are shown (`rankstudy.report.figures.metrics.columns`).
    `encodings`: the titles of those that have a curve or a ledger, or of which causes are looked for. `texts`: title,
    licence and citations of the text models (`models`), and of texts and vectors of genes (`genes`).
    """
    rows = _of_study(plan) + _of_models(plan) + _of_ontology(plan)
    for dataset in plan.datasets.values():
        rows += _of_dataset(dataset)
    compared = {name for dataset in plan.datasets.values() for name in dataset.spaces}
    members = {p.name: p for p in plan.declared if p.name not in plan.datasets}
    for member in members.values():
        rows += _as_declared(member)
    return {
        "settings": rows,
        "datasets": {
            name: {**_in_words(dataset, plan), "left_out": _left_out(plan, (left_out or {}).get(name, {}))}
            for name, dataset in plan.datasets.items()
        },
        "spaces": {name: _declared(plan, name) for name in plan.catalogue.spaces if name in compared},
        "figures": {
            **{name: _figures(plan, "dataset", dataset, name) for name, dataset in plan.datasets.items()},
            "": _figures(plan, "study", plan, OF_STUDY),
        },
        "encodings": {
            name: plan.catalogue.spaces[name].title
            for dataset in plan.datasets.values()
            for names in (*dataset.curves, *dataset.ledgers, dataset.cause_encodings)
            for name in names
        },
        "models": {name: {"kind": m.model.kind, "methods": m.model.methods} for name, m in plan.models.items()},
        "texts": {
            "models": [_origin(model) for model in plan.text_models.values()],
            "genes": [_origin(texts) for texts in plan.gene_texts.values()],
        },
        "metrics": columns(next(iter(plan.datasets.values())).metrics),
        "tokens": {
            name: vocabulary.release.model.version
            for name, vocabulary in plan.tokens.items()
            if vocabulary.tokenizer == GENEFORMER_TOKENS and any(name in plan.tokens_of(of) for of in plan.datasets)
        },
    }


def _declared(plan: StudyPlan, name: str) -> dict[str, Any]:
    space, model = plan.catalogue.spaces[name], plan.catalogue.model_of(name)
    declared = {field: getattr(space, field) for field in _OF_A_SPACE}
    return {**declared, "cells": list(space.cells), "kind": model and model.kind}


def _origin(plan: TextModelPlan | GeneTextsPlan) -> dict[str, Any]:
    """Return what is stated of a text model, or of texts of genes: of one of a plug-in, its title and its methods."""
    of = plan.stated
    if of is None:
        return {"title": plan.model.title, "methods": plan.model.methods, "licence": None, "citations": []}
    cited = [citation.model_dump() for citation in of.citations]
    return {"title": of.title, "methods": "", "licence": of.licence, "citations": cited}


def _left_out(plan: StudyPlan, spaces: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the titles of spaces that are left out, by the vocabulary that is the reason."""
    return {tokens: [plan.catalogue.spaces[name].title for name in names] for tokens, names in spaces.items()}


def _figures(study: StudyPlan, level: Level, plan: Any, folder: str) -> dict[str, dict[str, str]]:
    """Return what is declared of the figures of a data set or of the study."""
    return {
        name: {
            "title": drawing.figure.title,
            "caption": drawing.caption(folder),
            "section": drawing.figure.section,
        }
        for name, drawing in drawings(level, plan, study.study.plugins).items()
    }


def _of_study(plan: StudyPlan) -> list[Row]:
    """Return the settings of the study but for those that stand under each data set, and of what it does not use."""
    unused = {name for name in ("plugins", "models") if not getattr(plan.study, name)}
    if not plan.vocabularies:
        unused |= {"geneformer"}
    if not plan.own_models:
        unused |= {"training"}
    if plan.ontology is None:
        unused |= {"ontology"}
    if not plan.texts_in_use:
        unused |= {"text"}
    if not plan.with_ledgers:
        unused |= {"lattice"}
    if not plan.with_causes:
        unused |= {"causes"}
    if not (plan.with_curves or plan.with_ledgers or plan.with_causes):
        unused |= {"settings"}
    return _section(plan.study, "", without=_BY_DATASET | unused)


def _of_models(plan: StudyPlan) -> list[Row]:
    """Return what is known of the releases that are read, those after the first under their names."""
    rows = []
    for name, release in plan.releases.items():
        rows += _section(release.model, f"release.{name}." if rows else "release.")
    return rows


def _of_ontology(plan: StudyPlan) -> list[Row]:
    """Return what is known of the release that relates types; nothing of a study that uses no ontology."""
    return [] if plan.ontology is None else _section(plan.ontology.model, "ontology.")


def _of_dataset(plan: DatasetPlan) -> list[Row]:
    """Return the settings of a data set, with what the study sets for it."""
    settings = {"selection": plan.selection, "genes": plan.genes, "spaces": plan.spaces}
    joint = _row(f"{plan.name}.joint", plan.joint, "Pairs of spaces whose joint distribution is kept.")
    return [
        *_as_declared(plan),
        *_section(plan.model.model_copy(update=settings), f"{plan.name}.", only=_BY_DATASET),
        joint,
    ]


def _as_declared(plan: DatasetPlan) -> list[Row]:
    """Return what the file of a data set says of its data, with the format that follows from its name."""
    read = {} if plan.members else _format(plan)
    return _section(plan.model.model_copy(update=read), f"{plan.name}.", without=_BY_DATASET)


def _format(plan: DatasetPlan) -> dict[str, BaseModel]:
    """Return how the files of a data set are read; labels in a file of their own by its name alone."""
    part = next(iter(plan.parts.values()))
    options = dict(part.options)
    if options.get("labels") in part.files.values():
        options["labels"] = _file_name(options["labels"])
    return {part.format: FORMATS[part.format](**options)}


def _section(
    model: BaseModel, prefix: str, *, without: AbstractSet[str] = frozenset(), only: AbstractSet[str] | None = None
) -> list[Row]:
    rows = []
    for name, field in type(model).model_fields.items():
        value, key = getattr(model, name), f"{prefix}{name}"
        if name in without | WORDS | _OF_JOBS_OF_MODELS or key in OF_JOBS or (only is not None and name not in only):
            continue
        rows += [] if value is None and name in _OTHER_WAYS else _rows(key, value, field.description or "")
    return rows


def _rows(key: str, value: Any, meaning: str) -> list[Row]:
    """Return a row for a value, or one for each value of a section or a mapping."""
    if isinstance(value, Source):
        return _of_source(value, f"{key}.")
    if isinstance(value, BaseModel):
        return _section(value, f"{key}.")
    if isinstance(value, Mapping) and value:
        return [row for name, inner in value.items() for row in _rows(f"{key}.{name}", inner, meaning)]
    if value is not None and key.rpartition(".")[2] in _PATHS:
        names = [_file_name(path) for path in value] if isinstance(value, list) else _file_name(value)
        return [_row(key, names, f"{meaning} Here its name alone.")]
    return [_row(key, value, meaning)]


def _of_source(source: Source, prefix: str) -> list[Row]:
    """Return what is stated of a source; its addresses without what might be secret in them."""
    recorded = source.model_copy(update={"url": source.recorded_origin.get("url")})
    return [row for row in _section(recorded, prefix) if row["value"] is not None]


def _file_name(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def _in_words(plan: DatasetPlan, study: StudyPlan) -> dict[str, Any]:
    named: dict[bool, list[str]] = {False: [], True: []}
    for space in plan.spaces:
        named[study.catalogue.spaces[space].role == "control"].append(space)
    return {
        **{name: getattr(plan.model, name) for name in _TEXTS},
        "citations": [citation.model_dump() for citation in plan.model.citations],
        "files": [_file(plan, part) for part in plan.parts.values()],
        "spaces": named[False],
        "controls": named[True],
        "references": plan.references,
        "joint": [list(pair) for pair in plan.joint],
        "tokens": study.tokens_of(plan.name),
        "curves": [list(pair) for pair in plan.curves],
        "ledgers": [list(pair) for pair in plan.ledgers],
        "orders_by_medians": plan.orders_by_medians,
        "cause_encodings": plan.cause_encodings,
        "states": plan.model.states is not None,
        "reordered": study.texts.reordered,
        "cause_pairs": [list(pair) for pair in plan.cause_pairs],
    }


def _file(plan: DatasetPlan, part: PartPlan) -> dict[str, str | None]:
    declared = part.declared
    own = f"parts.{part.own_name}." if declared.several_parts else ""
    member = declared.name if plan.members else None
    return {"part": part.name, "member": member, "source": f"{declared.name}.{own}source"}


def _row(key: str, value: Any, meaning: str) -> Row:
    return {"key": key, "value": _text(value), "meaning": meaning}


def _text(value: Any) -> str | None:
    if value is None or value == [] or value == {}:
        return None
    if isinstance(value, list):
        return ("; " if isinstance(value[0], list) else ", ").join(str(_text(item)) for item in value)
    return " and ".join(value) if isinstance(value, tuple) else str(value)
