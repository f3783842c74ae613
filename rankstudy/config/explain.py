"""Reading YAML into typed models; every error names the file, the key, what was found and what to write."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from rankstudy.errors import StudyError, did_you_mean, listing


def read_yaml(file: str | os.PathLike) -> dict[str, Any]:
    """Return what a YAML file holds; raise StudyError if that is not a mapping."""
    try:
        value = yaml.safe_load(Path(file).read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StudyError(f"{file}: is not YAML: {error}") from error
    if not isinstance(value, dict):
        raise StudyError(f"{file}: must be a mapping of keys to values, found {type(value).__name__}")
    return value


class Origin:
    """The files of a configuration, to tell which one a value comes from."""

    def __init__(self, files: Sequence[str | os.PathLike], merged: Mapping[str, Any], otherwise: str):
        self._contents = {str(file): read_yaml(file) for file in files if Path(file).exists()}
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


def validated(model: type[BaseModel], values: dict[str, Any], origin: Origin) -> Any:
    """Return values as a model; raise StudyError that lists every error, with the file that each value comes from."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        lines = [_explain(model, e, origin) for e in error.errors()]
        raise StudyError("\n".join(lines)) from None


def _explain(model: type[BaseModel], error: Mapping[str, Any], origin: Origin) -> str:
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
