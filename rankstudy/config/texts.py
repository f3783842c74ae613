"""The text models of a study, and texts and vectors of genes that others have made, as the rules use them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rankstudy.config.explain import ConfigFiles, read_yaml, validated
from rankstudy.config.find import find_configured
from rankstudy.config.release import ReleasePlan
from rankstudy.config.text_model import GeneList, GeneTexts, GeneVectors, Text, TextModelRelease
from rankstudy.core.errors import StudyError, advise
from rankstudy.core.modules import load
from rankstudy.core.strict import Strict
from rankstudy.spaces.catalogue import beside, declared
from rankstudy.spaces.texts.registry import RANDOM, SYMBOLS_AS_TEXTS, TRANSFORMER, TextModel

_MODELS, _TEXTS = "config/text_models", "config/gene_texts"


@dataclass(frozen=True)
class TextModelPlan:
    """A text model that the study can use: a release, or what a plug-in declares."""

    name: str
    model: TextModel
    release: ReleasePlan | None = None

    @property
    def members(self) -> dict[str, dict[str, Any]]:
        """Path, size and SHA-256 of each of its files, as plain values."""
        members = {} if self.release is None else self.release.members
        return {role: file.model_dump() for role, file in members.items()}

    @property
    def files(self) -> dict[str, str]:
        """Where its files lie, by what they are; those in a package are unpacked."""
        return {role: self.release.path(role) for role in self.members}

    @property
    def stated(self) -> TextModelRelease | None:
        """What its file states; None for one of a plug-in."""
        return None if self.release is None else self.release.model

    @property
    def dimensions(self) -> int | None:
        """Dimensions of its vectors, where they are stated."""
        return None if self.stated is None else self.stated.dimensions


@dataclass(frozen=True)
class GeneTextsPlan:
    """Texts or vectors of genes that others have made."""

    name: str
    file: str
    model: GeneTexts

    @property
    def stated(self) -> GeneTexts:
        """What its file states."""
        return self.model

    @property
    def archive(self) -> str:
        """Where the archive that holds them lies or will lie."""
        return self.model.source.path("gene_texts")

    @property
    def is_downloaded(self) -> bool:
        """Whether the archive is downloaded by itself: it neither lies on this machine nor comes in a package."""
        return self.model.source.local_file is None and self.model.source.package is None

    @property
    def members(self) -> dict[str, dict[str, Any]]:
        """Path, size and SHA-256 of its files in the archive, as plain values."""
        return {role: file.model_dump() for role, file in self.model.files.items()}

    @property
    def table(self) -> str:
        """Where what is read of it goes."""
        return f"resources/gene_texts/{self.name}/{'vectors.h5ad' if self.model.are_vectors else 'texts.parquet'}"


@dataclass(frozen=True)
class TextPlan:
    """The section `text` as the rules use it, with what it names."""

    section: Text = field(default_factory=Text)
    models: Mapping[str, TextModelPlan] = field(default_factory=dict)
    sources: Mapping[str, GeneTextsPlan] = field(default_factory=dict)

    def model_of(self, space: str) -> TextModelPlan | None:
        """Return the text model of a list, or of vectors of genes; None for vectors that others have made.

        A list that is no text has one too: its genes are those that the model's window holds.
        """
        entry = self.section.entries[space]
        reads = isinstance(entry, GeneList) or entry.texts is not None
        return self.models[entry.model or self.section.model] if reads else None

    @property
    def reordered(self) -> list[str]:
        """The lists that have the genes of the one that they vary, in another order, and nothing else of their own."""
        lists, found = self.section.lists, []
        for name in lists:
            base = self.section.base_of(name)
            changed = () if base is None else (k for k, v in lists[name].how.items() if v != lists[base].how[k])
            if list(changed) == ["order"]:
                found.append(name)
        return found

    def made(self, space: str) -> dict[str, Any]:
        """Return what is known of how a list or vectors of genes are made, as plain values for the space's file."""
        model = self.model_of(space)
        entry = self.section.entries[space].model_dump(exclude_none=True, exclude={"title", "against", "model"})
        of_model = {} if model is None else {"title": model.model.title}
        return {**of_model, **entry}

    def vectors_of(self, space: str) -> str | None:
        """Return the name under which the vectors of genes of a space lie; None where they come from no file."""
        entry, model = self.section.genes[space], self.model_of(space)
        if model is not None:
            return f"{model.name}/{entry.texts}"
        return None if entry.vectors == RANDOM else entry.vectors

    def sources_of(self, space: str) -> list[GeneTextsPlan]:
        """Return the texts or vectors that others have made and that a list or vectors of genes need."""
        return [self.sources[name] for name in _sources_of(self.section.entries[space], self.section)]


def _sources_of(entry: GeneList | GeneVectors, section: Text) -> list[str]:
    if isinstance(entry, GeneList):
        return [section.names_from] if entry.words == "names" else []
    return [name for name in (entry.texts, entry.vectors) if name not in (None, RANDOM, SYMBOLS_AS_TEXTS)]


class _Of(Strict):
    text: Text = Text()


def text_plan(section: Any, plugins: Iterable[str], origin: ConfigFiles, workflow: str | os.PathLike) -> TextPlan:
    """Return the plan of the section `text`, before the spaces of the study are known: its lists are some of them.

    Raises
    ------
    StudyError
        If anything is wrong with it, or with a file that it names.
    """
    text = validated(_Of, {} if section is None else {"text": section}, origin).text
    entries = list(text.entries.values())
    declared_models = _of_plugins(plugins)
    named = {entry.model or text.model for entry in entries}
    models = {name: declared_models.get(name) or _model(name, workflow) for name in sorted(named)}
    sources = {name: _source(name, workflow) for entry in entries for name in _sources_of(entry, text)}
    for name, entry in text.genes.items():
        _require_kind(name, entry, sources)
    return TextPlan(text, models, sources)


def _of_plugins(plugins: Iterable[str]) -> dict[str, TextModelPlan]:
    found: dict[str, TextModelPlan] = {}
    for path in plugins:
        for name, model in declared(load(path), path, "TEXT_MODELS", TextModel, found).items():
            environment = beside(model.environment, path)
            of_file = {"module": model.module or path, "short": model.short or model.title, "environment": environment}
            whole = replace(model, **of_file)
            found[name] = TextModelPlan(name, whole)
    return found


def _model(name: str, workflow: str | os.PathLike) -> TextModelPlan:
    file = find_configured("text.model", "text model", _MODELS, name, workflow)
    values = read_yaml(file)
    release = ReleasePlan(Path(file).stem, file, validated(TextModelRelease, values, ConfigFiles([file], values, file)))
    called = {"title": release.model.title, "short": release.model.short or release.model.title}
    model = TextModel(**called, module=TRANSFORMER, environment="models.yaml")
    return TextModelPlan(name, model, release)


def _source(name: str, workflow: str | os.PathLike) -> GeneTextsPlan:
    file = find_configured("text.genes", "texts of genes", _TEXTS, name, workflow)
    values = read_yaml(file)
    return GeneTextsPlan(name, file, validated(GeneTexts, values, ConfigFiles([file], values, file)))


def _require_kind(name: str, entry: GeneVectors, sources: Mapping[str, GeneTextsPlan]) -> None:
    """Refuse vectors where texts are to be read, and the other way round."""
    named = entry.texts or entry.vectors
    if named in sources and sources[named].model.are_vectors != (entry.vectors is not None):
        key, other = ("texts", "vectors") if entry.texts else ("vectors", "texts")
        problem = f"text.genes.{name}.{key}: {sources[named].file} holds {other}"
        raise StudyError(advise(problem, f"name it under `{other}`"))
