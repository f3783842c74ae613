"""The models of a study: which there are, how each is read, and the releases that they consist of."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import create_model

from rankstudy.config.explain import ConfigFiles, read_yaml, validated
from rankstudy.config.find import find_configured
from rankstudy.config.model_plan import ModelPlan, VocabularyPlan
from rankstudy.config.release import GeneformerRelease, Release, ReleasePlan
from rankstudy.config.study_model import Reading, Study
from rankstudy.core.errors import StudyError, advise
from rankstudy.core.modules import is_file
from rankstudy.core.strict import Strict
from rankstudy.spaces.catalogue import Catalogue
from rankstudy.spaces.models.registry import GENEFORMER_TOKENS, Model
from rankstudy.spaces.tokens.tables import SYMBOLS

# releases that are a vocabulary and no model
_OF_VOCABULARIES = "config/vocabularies"


def model_plans(
    names: Iterable[str], study: Study, catalogue: Catalogue, origin: ConfigFiles, workflow: str | os.PathLike
) -> dict[str, ModelPlan]:
    """Return the plans of some models of a study.

    Raises
    ------
    StudyError
        If the settings of a model are wrong, or its release is.
    """
    stated = _stated(study, catalogue, origin)
    return {name: _plan(name, stated.get(name), study, catalogue.models[name], workflow) for name in names}


def _stated(study: Study, catalogue: Catalogue, origin: ConfigFiles) -> dict[str, Any]:
    """Return the section `models` with the settings of each model as a typed section of its own."""
    kinds = {name: _section(catalogue.models[name]) for name in study.models}
    sections = create_model("Models", __base__=Strict, **{name: (kind, ...) for name, kind in kinds.items()})
    whole = create_model("Study", __base__=Strict, models=(sections, ...))
    return dict(validated(whole, {"models": study.models}, origin).models)


def _section(model: Model) -> type[Strict]:
    """Return the settings that a model has, each of the type of its default."""
    base = Strict if model.section is None else Reading
    of_its_own = {name: (type(value), value) for name, value in model.settings.items()}
    return create_model("Reading", __base__=base, model=(str | None, None), **of_its_own)


def _plan(name: str, stated: Any, study: Study, model: Model, workflow: str | os.PathLike) -> ModelPlan:
    settings = dict(model.settings) if model.section is None else _of_section(study, model.section)
    if stated is not None:
        _require_of_the_study(name, model, stated)
        settings |= stated.model_dump(exclude_unset=True, exclude={"model"})
    where = f"models.{name}" if stated is not None or model.section is None else model.section
    if model.release is None:
        release = load_release(settings.get("release", study.geneformer.release), f"{where}.release", workflow)
    else:
        release = _declared_release(model.release, f"MODELS[{name!r}].release", workflow)
    return ModelPlan(name, model, release, settings, where)


def _require_of_the_study(name: str, model: Model, stated: Any) -> None:
    """Refuse a release of its own for a model that the study makes: its tokens are those that it is trained on."""
    if model.kind != "published" and "release" in stated.model_fields_set:
        problem = f"models.{name}.release: the study makes this model, with the vocabulary of `geneformer.release`"
        raise StudyError(advise(problem, "state it there"))


def _of_section(study: Study, section: str) -> dict[str, Any]:
    return getattr(study, section).model_dump(include=set(Reading.model_fields))


def load_release(name: str, key: str, workflow: str | os.PathLike) -> ReleasePlan:
    """Return a release of Geneformer by its name."""
    return _read_release(find_configured(key, "release", "config/geneformer", name, workflow), GeneformerRelease)


def _declared_release(name: str, key: str, workflow: str | os.PathLike) -> ReleasePlan:
    """Return the release that a plug-in's model declares: a YAML file of its own, or one of Geneformer."""
    if not name.endswith(".yaml"):
        return load_release(name, key, workflow)
    if not Path(name).is_file():
        raise StudyError(advise(f"{key}: there is no file {name}", "write it beside the plug-in"))
    return _read_release(name, Release)


def _read_release(file: str, kind: type[Release]) -> ReleasePlan:
    values = read_yaml(file)
    return ReleasePlan(Path(file).stem, file, validated(kind, values, ConfigFiles([file], values, file)))


def vocabulary_plans(
    wanted: Iterable[str],
    models: Mapping[str, ModelPlan],
    readers: Mapping[str, str],
    own: ReleasePlan,
    workflow: str | os.PathLike,
) -> dict[str, VocabularyPlan]:
    """Return the vocabularies of models, and those that encodings name, by what these call them.

    Parameters
    ----------
    wanted
        What encodings name: models, releases or `symbols`.
    models
        The models of the study.
    readers
        The module that reads the files of each release, of those that are not of Geneformer.
    own
        The release whose names tell which symbols Ensembl ids have; it is among those returned where they are needed.
    workflow
        Folder of the Snakefile.
    """
    found = {name: models[name].vocabulary for name in models}
    new = {name: _vocabulary(name, readers.get(name), workflow) for name in wanted if name not in {*found, SYMBOLS}}
    if SYMBOLS in wanted or any("names" not in plan.release.dictionaries for plan in new.values()):
        new.setdefault(own.name, VocabularyPlan(own, GENEFORMER_TOKENS, "core.yaml"))
    _require_own_names(plan.release for plan in (found | new).values())
    return found | new


def _vocabulary(name: str, reader: str | None, workflow: str | os.PathLike) -> VocabularyPlan:
    """Return the plan of a vocabulary that encodings read: a release of Geneformer, or one with a reader of its own."""
    if reader is None:
        return VocabularyPlan(load_release(name, "vocabulary", workflow), GENEFORMER_TOKENS, "core.yaml")
    file = (
        name if name.endswith(".yaml") else find_configured("vocabulary", "release", _OF_VOCABULARIES, name, workflow)
    )
    return VocabularyPlan(_read_release(file, Release), reader, "core.yaml")


def _require_own_names(releases: Iterable[ReleasePlan]) -> None:
    """Refuse two releases of one name, whose files would overwrite each other."""
    seen: dict[str, ReleasePlan] = {}
    for release in releases:
        other = seen.setdefault(release.name, release)
        if os.path.abspath(other.file) != os.path.abspath(release.file):
            problem = f"{release.file}: there is another release of this name, {other.file}"
            raise StudyError(advise(problem, "rename one of the files"))


def plugin_paths(value: Any) -> list[str]:
    """Return the paths under `plugins`, each of a file that is there; of what is no list of texts, none.

    What is wrong with the value itself is said where the whole configuration is checked.
    """
    if not isinstance(value, list) or not all(isinstance(path, str) for path in value):
        return []
    for path in value:
        if not is_file(path) or not Path(path).is_file():
            what = "is no Python file" if Path(path).exists() else "does not exist"
            problem = f"plugins: {os.path.abspath(path)} {what}"
            raise StudyError(advise(problem, "write the path of a file that ends in .py"))
    return value


def readings(value: Any) -> dict[str, str]:
    """Return what each model under `models` is read as; nothing of what is no mapping of sections."""
    if not isinstance(value, Mapping):
        return {}
    return {
        str(name): str(dict(entry).get("model", name)) for name, entry in value.items() if isinstance(entry, Mapping)
    }
