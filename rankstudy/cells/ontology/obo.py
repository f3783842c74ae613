"""The cell types in an ontology as OBO text.

Six tags of one kind of stanza are needed, so they are read here: obonet, the light reader, returns a graph of
everything that a file holds and leaves synonyms, comments and escapes of a line as they stand in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from rankstudy.cells.ontology.terms import TERM_ID, Term
from rankstudy.core.errors import StudyError

_ESCAPES = {"n": "\n", "t": "\t", "W": " "}
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(\w*)')


def read_obo(file: BinaryIO, where: str) -> list[Term]:
    """Return the terms of the Cell Ontology in an OBO file (1.2, 1.4), in its order.

    Of each `[Term]`: `id`, `name`, `synonym` (EXACT), `is_a`, `is_obsolete`, `replaced_by`. An `alt_id` becomes a
    withdrawn term that is replaced by the one that names it, as in OWL, unless it has a stanza of its own.

    Raises
    ------
    StudyError
        If the file is not OBO in UTF-8, or a line of a term is none of `tag: value`; the message names the line.
    """
    terms: dict[str, Term] = {}
    merged: dict[str, Term] = {}
    for found in _stanzas(file, where):
        id = next(iter(found.get("id", [])), "")
        if not TERM_ID.fullmatch(id):
            continue
        if id in terms:
            raise StudyError(f"{where}: {id} is defined twice; the file is damaged")
        terms[id] = _term(id, found)
        for other in found.get("alt_id", []):
            merged[other] = Term(other, deprecated=True, replaced_by=id)
    return [*terms.values(), *(term for id, term in merged.items() if id not in terms and TERM_ID.fullmatch(id))]


def _term(id: str, found: dict[str, list[str]]) -> Term:
    return Term(
        id,
        next(iter(found.get("name", [])), None),
        tuple(found.get("is_a", [])),
        tuple(found.get("synonym", [])),
        "true" in found.get("is_obsolete", []),
        next(iter(found.get("replaced_by", [])), None),
    )


def _stanzas(file: BinaryIO, where: str) -> Iterator[dict[str, list[str]]]:
    """Yield the values of each `[Term]` by tag."""
    found: dict[str, list[str]] | None = None
    for number, line in _lines(file, where):
        if line.startswith("["):
            if found is not None:
                yield found
            found = {} if line == "[Term]" else None
        elif found is not None:
            tag, colon, value = line.partition(":")
            if not colon:
                raise StudyError(f"{where}: line {number}: {line[:60]!r} is not `tag: value`; the file is damaged")
            _keep(found, tag, value.strip())
    if found is not None:
        yield found


def _lines(file: BinaryIO, where: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are neither empty nor comments, with their numbers from 1."""
    first = True
    for number, raw in enumerate(file, start=1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError:
            raise StudyError(f"{where}: line {number} is not UTF-8 text; is it an OBO file?") from None
        if not line or line.startswith("!"):
            continue
        if first and not line.startswith("format-version:"):
            raise StudyError(f"{where}: is not OBO: it begins with {line[:60]!r}, expected `format-version: ...`")
        first = False
        yield number, line


def _keep(found: dict[str, list[str]], tag: str, value: str) -> None:
    if tag == "synonym":
        match = _QUOTED.match(value)
        if match and match[2] == "EXACT":
            found.setdefault(tag, []).append(_plain(match[1]))
    elif tag == "name":
        found.setdefault(tag, []).append(_plain(value))
    elif tag in ("id", "alt_id", "is_a", "is_obsolete", "replaced_by"):
        found.setdefault(tag, []).append(re.split(r"[\s{!]", value, maxsplit=1)[0])


def _plain(text: str) -> str:
    """Return a text without its escapes."""
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text)
