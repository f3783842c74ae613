"""Every space and model that a study can name: those of the package, of its plug-ins, and further readings of models.

The encodings of published models (`rankstudy/spaces/encodings/published`) are one file each, as plug-ins are.

A plug-in is a Python file that the configuration names. What it declares stands under `SPACES`, as in
`rankstudy/spaces/registry.py`, and `MODELS` (`rankstudy/spaces/models/registry.py`); functions of its own it names
without a module.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType
from typing import Any, TypeVar, get_args

from rankstudy.cells.needs import Needs
from rankstudy.core.errors import StudyError, advise, did_you_mean, listing
from rankstudy.core.modules import load
from rankstudy.spaces.encodings import published
from rankstudy.spaces.models.registry import MODELS, Model
from rankstudy.spaces.registry import SPACES, Metric, Role, SpaceSpec, embedding
from rankstudy.spaces.views import views

# names stand in paths, beside wildcards that are numbers and names of data sets
_NAME = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"

# what has to be one of a few words, and would else be told by the job that meets it
_CHOICES = {"metric": get_args(Metric), "role": get_args(Role), "needs": get_args(Needs)}

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

    @property
    def readers(self) -> dict[str, str]:
        """The module that reads the files of each release whose encoding brings a function for that."""
        found = (space for space in self.spaces.values() if space.reader and space.release)
        return {space.release: space.reader for space in found}

    def described(self, space: str) -> dict[str, Any]:
        """Return what is declared of a space, as plain values; `short` is its title with the short one of its model."""
        of_model = self.model_of(space)
        title = self.spaces[space].title
        short = title.replace("{model}", of_model.short) if of_model is not None and of_model.short else title
        return {**asdict(self.spaces[space]), "short": short}


def catalogue(
    plugins: Iterable[str],
    readings: Mapping[str, str],
    others: Mapping[str, Mapping[str, SpaceSpec]] = MappingProxyType({}),
) -> Catalogue:
    """Return the catalogue of a study.

    Parameters
    ----------
    plugins
        Paths of Python files that declare spaces and models.
    readings
        Of further models, which differ from one there is in their release or settings: its name, by theirs.
    others
        Spaces that sections of the configuration declare (`embeddings` that data sets bring, `text`), by name.

    Raises
    ------
    StudyError
        If a file cannot be executed, or declares what cannot be used.
    """
    spaces, models = SPACES | published_encodings(), dict(MODELS)
    for path in plugins:
        module = load(path)
        for name, model in declared(module, path, "MODELS", Model, {}).items():
            _known(model.kind, ["published"], f"{path}: MODELS[{name!r}].kind", "kind of model for a plug-in")
            models[name] = _of_file(model, path)
            _add_embedding(name, f"{path}: MODELS", spaces)
        for name, space in _parents_first(declared(module, path, "SPACES", SpaceSpec, spaces), path).items():
            spaces[name] = _in_file(space, name, path, module, spaces, models)
    for name, model in readings.items():
        if name not in models:
            _require_name(name, "models")
            published = {known: one for known, one in models.items() if one.kind == "published"}
            models[name] = models[_known(model, published, f"models.{name}.model", "published model")]
            _add_embedding(name, "models", spaces)
    for section, found in others.items():
        for name, space in found.items():
            _require_name(name, section)
            _require_free(name, section, spaces)
            spaces[name] = space
    ordered = dict(sorted(spaces.items(), key=lambda item: _of_control(item[1], spaces)))
    return Catalogue(_with_views(ordered), models)


def _with_views(spaces: Mapping[str, SpaceSpec]) -> dict[str, SpaceSpec]:
    """Return the spaces, each encoding over genes with its views behind it; of controls the result is known."""
    found = {}
    for name, space in spaces.items():
        found[name] = space
        if space.is_over_genes and space.role != "control":
            found |= views(name, space)
    return found


def published_encodings() -> dict[str, SpaceSpec]:
    """Return the encodings of published models, each declared beside its function, by name."""
    found = {}
    for file in iter_modules(published.__path__, f"{published.__name__}."):
        module = load(file.name)
        reader = file.name if hasattr(module, "read_vocabulary") else ""
        for name, space in module.SPACES.items():
            found[name] = replace(space, function=f"{file.name}:{space.function}", reader=reader)
    return found


def _add_embedding(model: str, where: str, spaces: dict[str, SpaceSpec]) -> None:
    """Add the two spaces of a model, unless there is one of such a name: it would be replaced."""
    for name, space in embedding(model).items():
        _require_free(name, where, spaces)
        spaces[name] = space


def _parents_first(spaces: Mapping[str, SpaceSpec], path: str) -> dict[str, SpaceSpec]:
    """Return the spaces of a file with each behind what it is fitted on, wherever they stand in the file."""
    left, found = dict(spaces), {}
    while left:
        ready = {name: space for name, space in left.items() if space.parent not in left}
        if not ready:
            problem = f"{path}: SPACES: {listing(left)}: what they start from is fitted on themselves"
            raise StudyError(advise(problem, "give one of them another `parent`"))
        found |= ready
        left = {name: space for name, space in left.items() if name not in ready}
    return found


def _of_control(space: SpaceSpec, spaces: Mapping[str, SpaceSpec]) -> bool:
    """Tell whether a space is a control, or fitted on one."""
    return space.role == "control" or (space.parent is not None and _of_control(spaces[space.parent], spaces))


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
        _require_free(name, f"{path}: {what}", taken)
    return found


def _require_free(name: str, where: str, taken: Mapping[str, Any]) -> None:
    if name in taken:
        raise StudyError(advise(f"{where}: there is a {name!r} already", "give it another name"))


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
    file = None if name is None else Path(path).resolve().parent / name
    return str(file) if file is not None and file.is_file() else name


def _in_file(
    space: SpaceSpec,
    name: str,
    path: str,
    module: ModuleType,
    spaces: Mapping[str, SpaceSpec],
    models: Mapping[str, Model],
) -> SpaceSpec:
    """Return a space of a plug-in with the file before the name of its function."""
    where = f"SPACES[{name!r}]"
    for key, possible in _CHOICES.items():
        _known(getattr(space, key), possible, f"{path}: {where}.{key}", key)
    for key, what, known in (("parent", "space", spaces), ("model", "model", models)):
        if getattr(space, key) is not None:
            _known(getattr(space, key), known, f"{path}: {where}.{key}", what)
    if space.function is None:
        raise StudyError(advise(f"{path}: {where}: names no function", "name the one that makes its vectors"))
    vocabulary = beside(space.vocabulary, path)
    reader = space.reader or (path if vocabulary != space.vocabulary else "")
    function = function_of(module, path, space.function, where)
    return replace(space, function=function, vocabulary=vocabulary, reader=reader)


def function_of(module: ModuleType, path: str, function: str, declaration: str) -> str:
    """Return the function that a plug-in's declaration names, with the file before the name of one of its own."""
    if ":" in function:
        return function
    if not callable(getattr(module, function, None)):
        problem = f"{path}: {declaration}: there is no function {function!r} in this file"
        raise StudyError(advise(problem, "write the function", "name it as `module:function`"))
    return f"{path}:{function}"


def _known(name: str, among: Collection[str], where: str, what: str) -> str:
    if name not in among:
        problem = f"{where}: there is no {what} {name!r}{did_you_mean(name, among)}"
        raise StudyError(advise(problem, f"name one that there is: {listing(among, 40)}"))
    return name


BUILT_IN = catalogue((), {})
