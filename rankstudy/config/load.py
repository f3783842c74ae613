"""Loading a study and its data sets."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
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
    values_suffice,
    weights_where_needed,
)
from rankstudy.config.combined import combined, require_cells_apart
from rankstudy.config.common_models import known_spaces
from rankstudy.config.dataset_model import Dataset
from rankstudy.config.dataset_plan import DatasetPlan
from rankstudy.config.explain import ConfigFiles, read_yaml, validated
from rankstudy.config.local_files import files_exist
from rankstudy.config.ontology import OntologyPlan, OntologyRelease
from rankstudy.config.release import Release, ReleasePlan
from rankstudy.config.study_model import Study
from rankstudy.config.study_plan import StudyPlan
from rankstudy.core.errors import StudyError, advise, did_you_mean, listing

Section = TypeVar("Section", bound=BaseModel)

COMMAND_LINE = "the configuration (--config)"


def find_file(name: str, workflow: str | os.PathLike) -> str:
    """Return the path of a configuration file: in the working directory if it is there, else with the workflow."""
    return name if Path(name).exists() else str(Path(workflow) / name)


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
    study = validated(Study, dict(config), ConfigFiles(files, config, COMMAND_LINE))
    plans = {name: _load_dataset(name, study, workflow) for name in study.datasets}
    release = _load_release(study.geneformer.release, workflow)
    plan = StudyPlan(study, plans, release)
    shared_files_agree(plan.declared)
    if demand_terms:
        terms_accepted(plan.declared)
    weights_where_needed(plans.values(), study, release)
    require_cells_apart(plans.values())
    if plan.with_ontology:
        plan = replace(plan, ontology=_load_ontology(study, workflow))
    if demand_files:
        files_exist(plan)
    return plan


def _load_dataset(name: str, study: Study, workflow: str | os.PathLike) -> DatasetPlan:
    """Return the plan of a data set of the study, with its members if it combines others."""
    plan = _read_dataset("datasets", name, study, workflow)
    if plan.model.combine is not None:
        where = f"{plan.file}: combine"
        plan = combined(plan, {member: _read_dataset(where, member, study, workflow) for member in plan.model.combine})
    values_suffice(plan)
    return plan


def _read_dataset(key: str, name: str, study: Study, workflow: str | os.PathLike) -> DatasetPlan:
    """Return the plan of the data set that a key names, as its own file says."""
    file = _configured(key, "data set", "config/datasets", name, workflow)
    values = read_yaml(file)
    model = validated(Dataset, values, ConfigFiles([file], values, file))
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
        study.seeds[0],
    )
    settings_of_its_own(plan)
    if model.combine is not None:
        return plan
    names_differ(plan)
    sources_fit(plan)
    labels_once(plan)
    features_and_barcodes(plan)
    member_of_an_archive(plan)
    return plan


def _load_release(name: str, workflow: str | os.PathLike) -> ReleasePlan:
    file = _configured("geneformer.release", "release", "config/geneformer", name, workflow)
    values = read_yaml(file)
    return ReleasePlan(name, file, validated(Release, values, ConfigFiles([file], values, file)))


def _load_ontology(study: Study, workflow: str | os.PathLike) -> OntologyPlan:
    name = study.ontology.release
    file = _configured("ontology.release", "release", "config/ontology", name, workflow)
    values = read_yaml(file)
    model = validated(OntologyRelease, values, ConfigFiles([file], values, file))
    return OntologyPlan(name, file, model)


def _configured(key: str, what: str, folder: str, name: str, workflow: str | os.PathLike) -> str:
    """Return the path of `<folder>/<name>.yaml`; raise StudyError, with the names there are, if it does not exist."""
    file = find_file(f"{folder}/{name}.yaml", workflow)
    if not Path(file).exists():
        known = sorted({p.stem for place in {Path(folder), Path(workflow) / folder} for p in place.glob("*.yaml")})
        problem = f"{key}: there is no {what} {name!r}{did_you_mean(name, known)}: no file {folder}/{name}.yaml"
        raise StudyError(advise(problem, "write that file", f"name one of the {what}s {listing(known, 30)}"))
    return file


def _laid_over(study: Section, own: Section | None) -> Section:
    """Return a section of the study with the keys that a data set states itself."""
    return study if own is None else study.model_copy(update=own.model_dump(exclude_unset=True))
