"""Every space and model that a study can name: those of the package, of its plug-ins, and further readings of models.

A plug-in is a Python file that the configuration names. What it declares stands under `SPACES` and `MODELS`, as in
`rankstudy/spaces/registry.py`; functions of its own it names without a module.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from rankstudy.core.errors import StudyError, advise, did_you_mean, listing
from rankstudy.core.modules import load
from rankstudy.spaces.registry import MODELS, SPACES, Model, SpaceSpec, embedding

# names stand in paths, beside wildcards that are numbers and names of data sets
_NAME = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"

Declared = TypeVar("Declared")


@dataclass(frozen=True)
class Catalogue:
    """The spaces and models that a study can name, parents before what is fitted on them, controls last."""

    spaces: Mapping[str, SpaceSpec]
    models: Mapping[str, Model]

    def model_of(self, space: str) -> Model | None:
        """Return the model whose embedding a space is, or that of its parent."""
        name = self.spaces[space].model
        return None if name is None else self.models[name]


BUILT_IN = Catalogue(SPACES, MODELS)


def catalogue(plugins: Iterable[str], readings: Mapping[str, str]) -> Catalogue:
    """Return the catalogue of a study.

    Parameters
    ----------
    plugins
        Paths of Python files that declare spaces and models.
    readings
        Of further models, which differ from one there is in their release or settings: its name, by theirs.

    Raises
    ------
    StudyError
        If a file cannot be executed, or declares what cannot be used.
    """
    spaces, models = dict(SPACES), dict(MODELS)
    for path in plugins:
        module = load(path)
        of_file = declared(module, path, "MODELS", Model, models)
        models |= {name: _of_file(model, path) for name, model in of_file.items()}
        found = {name: space for model in of_file for name, space in embedding(model).items()}
        spaces |= found | {
            name: _in_file(space, name, path, module, {**spaces, **found})
            for name, space in declared(module, path, "SPACES", SpaceSpec, {**spaces, **found}).items()
        }
    for name, model in readings.items():
        if name not in models:
            _require_name(name, "models")
            published = {known: one for known, one in models.items() if one.kind == "published"}
            models[name] = models[_known(model, published, f"models.{name}.model", "published model")]
            spaces |= embedding(name)
    return Catalogue(dict(sorted(spaces.items(), key=lambda item: item[1].role == "control")), models)


def declared(
    module: ModuleType, path: str, what: str, kind: type[Declared], taken: Mapping[str, Any]
) -> Mapping[str, Declared]:
    """Return what a plug-in declares under a name (`SPACES`); nothing if it does not.

    Raises
    ------
    StudyError
        If that is no mapping from names to declarations, or a name is taken.
    """
    found = getattr(module, what, {})
    if not isinstance(found, Mapping) or not all(isinstance(value, kind) for value in found.values()):
        problem = f"{path}: {what} is no dictionary of {kind.__name__}"
        raise StudyError(advise(problem, f"write `{what} = {{'my-name': {kind.__name__}(...)}}`"))
    for name in found:
        _require_name(name, f"{path}: {what}")
        if name in taken:
            raise StudyError(advise(f"{path}: {what}: there is a {name!r} already", "give it another name"))
    return found


def _require_name(name: object, where: str) -> None:
    if not re.fullmatch(_NAME, str(name)):
        problem = f"{where}: {name!r} is no name"
        raise StudyError(advise(problem, "write lower-case letters and digits, with - between, such as my-name"))


def _of_file(model: Model, path: str) -> Model:
    """Return a model of a plug-in with the modules that it leaves out, which are the file itself, and its own files.

    A release or an environment of its own lies beside the file.
    """
    of_its_own = {name: beside(getattr(model, name), path) for name in ("release", "environment")}
    return replace(model, module=model.module or path, tokenizer=model.tokenizer or path, **of_its_own)


def beside(name: str | None, path: str) -> str | None:
    """Return the path of a file beside the plug-in if it is there, or else the name, which is then of the workflow."""
    file = None if name is None else Path(path).parent / name
    return os.path.abspath(file) if file is not None and file.is_file() else name


def _in_file(space: SpaceSpec, name: str, path: str, module: ModuleType, spaces: Mapping[str, SpaceSpec]) -> SpaceSpec:
    """Return a space of a plug-in with the file before the name of its function."""
    if space.parent is not None:
        _known(space.parent, spaces, f"{path}: SPACES[{name!r}].parent", "space")
    if space.function is None:
        return space
    return replace(space, function=function_of(module, path, space.function, f"SPACES[{name!r}]"))


def function_of(module: ModuleType, path: str, function: str, declaration: str) -> str:
    """Return the function that a plug-in's declaration names, with the file before the name of one of its own."""
    if ":" in function:
        return function
    if not callable(getattr(module, function, None)):
        problem = f"{path}: {declaration}: there is no function {function!r} in this file"
        raise StudyError(advise(problem, "write the function", "name it as `module:function`"))
    return f"{path}:{function}"


def _known(name: str, among: Mapping[str, Any], where: str, what: str) -> str:
    if name not in among:
        problem = f"{where}: there is no {what} {name!r}{did_you_mean(name, among)}"
        raise StudyError(advise(problem, f"name one that there is: {listing(among, 40)}"))
    return name
