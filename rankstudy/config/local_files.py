"""The files of this machine that a configuration names: which they are, and that they are there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from rankstudy.core.errors import StudyError, advise, did_you_mean
from rankstudy.sources.kinds import what_it_is
from rankstudy.sources.source import Source

if TYPE_CHECKING:
    from rankstudy.config.dataset_plan import DatasetPlan
    from rankstudy.config.part_plan import PartPlan
    from rankstudy.config.release import ReleasePlan
    from rankstudy.config.study_plan import StudyPlan


@dataclass(frozen=True)
class LocalFile:
    """A path on this machine, with the YAML file and the key that name it.

    `note` says what file it is, where the key does not; `download` is the origin that there is without the key.
    """

    file: str
    key: str
    path: str
    note: str = ""
    download: str | None = None


def files_exist(plan: StudyPlan) -> None:
    """Refuse a study that reads files which are not on this machine.

    Snakemake takes the outputs of a rule whose input is missing for files that somebody put there: with an article of
    another run in place it would say that there is nothing to be done.

    Raises
    ------
    StudyError
        With a line for each file: where it is named, the path as it was resolved, and what to write.
    """
    problems = dict.fromkeys(_problem(named) for named in local_files(plan) if not os.path.isfile(named.path))
    if problems:
        raise StudyError("\n".join(problems))


def local_files(plan: StudyPlan) -> Iterator[LocalFile]:
    """Yield each file that the study reads and does not download: of its data sets, its releases and its ontology."""
    for dataset in plan.declared:
        yield from _of_dataset(dataset)
    for dataset in plan.datasets.values():
        for name in dataset.brought:
            if (path := dataset.model.embeddings[name].file) is not None:
                yield LocalFile(dataset.file, f"embeddings.{name}.file", path)
    embedded = {model.release.name for model in plan.models.values() if model.is_downloaded}
    embedded |= {model.release.name for model in plan.text_models.values() if model.release is not None}
    for name, release in plan.releases.items():
        yield from _of_release(release, name in embedded)
    if plan.ontology is not None:
        yield from _of_sources(plan.ontology.model, plan.ontology.file)
    for texts in plan.gene_texts.values():
        yield from _of_sources(texts.model, texts.file)


def sources(value: Any, key: str = "") -> Iterator[tuple[str, Source]]:
    """Yield every source below a section of the configuration, with its key."""
    if isinstance(value, Source):
        yield key, value
    elif isinstance(value, BaseModel):
        yield from sources({name: getattr(value, name) for name in type(value).model_fields}, key)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from sources(inner, f"{key}.{name}" if key else str(name))


def _of_sources(model: BaseModel, file: str) -> Iterator[LocalFile]:
    for key, source in sources(model):
        if source.local_file is not None:
            yield LocalFile(file, f"{key}.local_file", source.local_file, download=source.origin)


def _of_dataset(plan: DatasetPlan) -> Iterator[LocalFile]:
    yield from _of_sources(plan.model, plan.file)
    for part in plan.parts.values():
        yield from _beside(plan, part)


def _beside(plan: DatasetPlan, part: PartPlan) -> Iterator[LocalFile]:
    """Yield what is read with a file of expression values and has no source of its own."""
    for role, path in part.beside.items():
        if getattr(part.model, role) is not None:
            continue
        if role == "labels":
            yield LocalFile(plan.file, f"{part.format}.labels", path)
        elif part.model.source.local_file is not None:
            key = f"parts.{part.name}.source.local_file" if plan.several_parts else "source.local_file"
            yield LocalFile(plan.file, key, path, f" (it belongs beside {os.path.basename(part.path)})")


def _of_release(plan: ReleasePlan, embedded: bool) -> Iterator[LocalFile]:
    folder = plan.model.local_folder
    if folder is None:
        yield from _of_sources(plan.model, plan.file)
    elif not os.path.isdir(folder):
        yield LocalFile(plan.file, "local_folder", folder, " (a folder with the layout of the repository)")
    else:
        for role in (*plan.dictionaries, *(plan.weights if embedded else ())):
            yield LocalFile(plan.file, "local_folder", plan.path(role), f" ({plan.members[role].path} of the folder)")


def _problem(named: LocalFile) -> str:
    path = os.path.abspath(named.path)
    encoding = sys.getfilesystemencoding()
    if not path.isascii() and encoding != "utf-8":
        problem = f"{named.file}: {named.key}: {path}: names of files are written as {encoding} here"
        raise StudyError(advise(problem, "set the environment variable PYTHONUTF8=1"))
    if os.path.isdir(path):
        return f"{named.file}: {named.key}: {path}: {what_it_is(path)}"
    problem = f"{named.file}: {named.key}: {path} does not exist{named.note}{_alike(path)}{_as_resolved(named.path)}"
    if named.download is None:
        return advise(problem, "write where it lies on this machine")
    return advise(
        problem, "write where it lies on this machine", f"remove `local_file`, and `{named.download}` is taken"
    )


def _as_resolved(path: str) -> str:
    if path.startswith("~"):
        return " (`~` is not replaced by a folder)"
    return "" if os.path.isabs(path) else f" (relative paths start at the working directory, {os.getcwd()})"


def _alike(path: str) -> str:
    folder, name = os.path.split(path)
    try:
        return did_you_mean(name, os.listdir(folder))
    except OSError:
        return f", nor does {folder}"
