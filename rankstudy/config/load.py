"""Loading a study and its data sets."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from rankstudy.config.checks import (
    features_and_barcodes,
    labels_once,
    member_of_an_archive,
    names_differ,
    settings_of_its_own,
    shared_files_agree,
    sources_fit,
    terms_accepted,
    treatment_is_of_counts,
    values_suffice,
    weights_where_needed,
)
from rankstudy.config.combined import combined, require_cells_apart
from rankstudy.config.common_models import known_spaces
from rankstudy.config.dataset_model import Dataset
from rankstudy.config.dataset_plan import DatasetPlan
from rankstudy.config.embeddings import brought_spaces, embeddings_are_its_own
from rankstudy.config.explain import ConfigFiles, read_yaml, validated
from rankstudy.config.find import find_configured
from rankstudy.config.local_files import files_exist
from rankstudy.config.models import load_release, model_plans, plugin_paths, readings, vocabulary_plans
from rankstudy.config.ontology import OntologyPlan, OntologyRelease
from rankstudy.config.plugin_metrics import metrics_of
from rankstudy.config.study_model import Study
from rankstudy.config.study_plan import StudyPlan
from rankstudy.config.text_spaces import text_spaces
from rankstudy.config.texts import text_plan
from rankstudy.core.files import find_file
from rankstudy.spaces.catalogue import Catalogue, catalogue

Section = TypeVar("Section", bound=BaseModel)

COMMAND_LINE = "the configuration (--config)"


def load_study(
    config: Mapping[str, Any],
    files: Sequence[str],
    workflow: str | os.PathLike,
    *,
    demand_terms: bool = True,
    demand_files: bool = True,
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
    demand_files
        Refuse files of this machine that are not there; not as a module of another workflow, whose rules may make them.

    Raises
    ------
    StudyError
        If anything is wrong; the message lists every error.
    """
    origin = ConfigFiles(files, config, COMMAND_LINE)
    brought = brought_spaces(_files_of_datasets(config.get("datasets"), workflow))
    plugins = plugin_paths(config.get("plugins", []))
    texts = text_plan(config.get("text"), plugins, origin, workflow)
    known = catalogue(plugins, readings(config.get("models", {})), {"embeddings": brought, "text": text_spaces(texts)})
    study = validated(Study, dict(config), origin, known)
    plans = {name: _load_dataset(name, study, known, workflow) for name in study.datasets}
    own = load_release(study.geneformer.release, "geneformer.release", workflow)
    plan = StudyPlan(study, plans, known, own, texts=texts)
    models = model_plans(plan.models_in_use, study, known, origin, workflow)
    named = plan.vocabularies_in_use
    vocabularies = vocabulary_plans(named, models, known.readers, plan.own_release, workflow)
    plan = replace(plan, models=models, vocabularies=vocabularies)
    shared_files_agree(plan.declared)
    if demand_terms:
        terms_accepted(plan.declared)
    weights_where_needed(plans.values(), models)
    require_cells_apart(plans.values())
    if plan.with_ontology:
        plan = replace(plan, ontology=_load_ontology(study, workflow))
    if demand_files:
        files_exist(plan)
    return plan


def _files_of_datasets(names: object, workflow: str | os.PathLike) -> Iterator[dict[str, Any]]:
    """Yield what the files of the data sets hold that are there; what is wrong is said where they are checked."""
    for name in names if isinstance(names, list) else ():
        file = find_file(f"config/datasets/{name}.yaml", workflow)
        if Path(file).is_file():
            yield read_yaml(file)


def _load_dataset(name: str, study: Study, known: Catalogue, workflow: str | os.PathLike) -> DatasetPlan:
    """Return the plan of a data set of the study, with its members if it combines others."""
    plan = _read_dataset("datasets", name, study, known, workflow)
    if plan.model.combine is not None:
        where = f"{plan.file}: combine"
        members = {member: _read_dataset(where, member, study, known, workflow) for member in plan.model.combine}
        plan = combined(plan, members)
    values_suffice(plan)
    treatment_is_of_counts(plan)
    embeddings_are_its_own(plan)
    return plan


def _read_dataset(key: str, name: str, study: Study, known: Catalogue, workflow: str | os.PathLike) -> DatasetPlan:
    """Return the plan of the data set that a key names, as its own file says."""
    file = find_configured(key, "data set", "config/datasets", name, workflow)
    values = read_yaml(file)
    model = validated(Dataset, values, ConfigFiles([file], values, file), known)
    spaces = known_spaces([*(model.spaces or study.spaces), *study.controls], known)
    joint = [pair for pair in study.pairs.joint if set(pair) <= set(spaces)]
    plan = DatasetPlan(
        name,
        file,
        model,
        spaces,
        _laid_over(study.selection, model.selection),
        _laid_over(study.genes, model.genes),
        joint,
        [name for name in study.uncertainty.references if name in spaces],
        metrics_of(study),
        study.seeds[0],
        known,
        study.settings,
        study.lattice,
        study.causes,
    )
    if plan.curves or plan.ledgers or plan.cause_encodings:
        plan = replace(plan, shared_genes=_list_of_genes("settings.genes", study.settings.genes, workflow))
    if plan.genes.method == "listed":
        plan = replace(plan, gene_list=_list_of_genes("genes.list", plan.genes.list, workflow))
    settings_of_its_own(plan)
    if model.combine is not None:
        return plan
    names_differ(plan)
    sources_fit(plan)
    labels_once(plan)
    features_and_barcodes(plan)
    member_of_an_archive(plan)
    return plan


def _load_ontology(study: Study, workflow: str | os.PathLike) -> OntologyPlan:
    name = study.ontology.release
    file = find_configured("ontology.release", "release", "config/ontology", name, workflow)
    values = read_yaml(file)
    model = validated(OntologyRelease, values, ConfigFiles([file], values, file))
    return OntologyPlan(name, file, model)


def _list_of_genes(key: str, name: str, workflow: str | os.PathLike) -> str:
    return find_configured(key, "gene list", "config/genes", name, workflow, ".tsv")


def _laid_over(study: Section, own: Section | None) -> Section:
    """Return a section of the study with the keys that a data set states itself."""
    return study if own is None else study.model_copy(update=own.model_dump(exclude_unset=True))
