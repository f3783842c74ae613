"""Reading YAML into typed models; every error names the file, the key, what was found and what to write."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from rankstudy.core.errors import StudyError, advise, did_you_mean, listing


class _EachKeyOnce(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error: one of its values would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping; raise ConstructorError if a key stands in it twice."""
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if (key.tag, key.value) in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice; remove one of the two", key.start_mark
                )
            seen.add((key.tag, key.value))
        return super().construct_mapping(node, deep)


def read_yaml(file: str | os.PathLike) -> dict[str, Any]:
    """Return what a YAML file holds; raise StudyError if that is not a mapping, or a key stands in it twice."""
    try:
        value = yaml.load(Path(file).read_text(encoding="utf-8"), Loader=_EachKeyOnce)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StudyError(f"{file}: is not YAML: {error}") from error
    if not isinstance(value, dict):
        raise StudyError(f"{file}: must be a mapping of keys to values, found {type(value).__name__}")
    return value


class ConfigFiles:
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


def validated(model: type[BaseModel], values: dict[str, Any], origin: ConfigFiles, context: Any = None) -> Any:
    """Return values as a model; raise StudyError that lists every error, with the file that each value comes from.

    `context` is what its validators are given: the catalogue of the study.
    """
    try:
        return model.model_validate(values, context=context)
    except ValidationError as error:
        lines = [_explain(model, e, origin) for e in error.errors()]
        raise StudyError("\n".join(lines)) from None


def _explain(model: type[BaseModel], error: Mapping[str, Any], origin: ConfigFiles) -> str:
    """Turn one error of pydantic into: file: key: what was found; what to write."""
    location = tuple(part for part in error["loc"] if not (isinstance(part, str) and part.startswith("function-")))
    key = ".".join(str(part) for part in location) or "(whole file)"
    file = origin.of(location if error["type"] != "missing" else location[:-1])
    return f"{file}: {key}: {_said(model, error, location)}"


def _said(model: type[BaseModel], error: Mapping[str, Any], location: tuple[str | int, ...]) -> str:
    """Return what is wrong with a value and, where that is known, what to write."""
    kind, value, name = error["type"], error["input"], location[-1] if location else ""
    section = _section(model, location[:-1])
    if kind == "extra_forbidden":
        keys = list(section.model_fields) if section else []
        return advise(f"unknown key{did_you_mean(str(name), keys)}", f"the keys here are {listing(keys, 30)}")
    if kind == "missing":
        doc = section.model_fields[str(name)].description if section else ""
        return advise("is missing", f"write `{name}:` ({doc})")
    found = "" if isinstance(value, dict | BaseModel | None) else f"found {value!r}: "
    if kind == "string_type" and isinstance(value, bool):
        problem = f"{found}true or false (to YAML, the bare words yes, no, on, off too), where text is wanted"
        return advise(problem, "put the word in quotes: 'yes' or 'no'")
    if kind == "string_type" and isinstance(value, int | float | date):
        return advise(f"{found}a number or a date, where text is wanted", f"put it in quotes: '{value}'")
    if kind == "list_type" and isinstance(value, str | int | float | date):
        return advise(f"{found}one value, where a list is wanted", f"put it in brackets: [{value}]")
    if kind == "model_type" and (keys := _section(model, location)) is not None:
        problem = f"{found}a section is wanted"
        return advise(problem, f"write its keys below it, indented: {listing(keys.model_fields, 30)}")
    message = error["msg"].removeprefix("Value error, ")
    if kind != "value_error":  # pydantic's own messages begin as sentences do
        message = message[:1].lower() + message[1:]
    return f"{found}{message}"


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
