"""The cell types in an ontology as OWL (RDF/XML), in one pass that keeps nothing but them.

Read with expat and not as a tree: `cl.owl` has 60 MB and 73,000 parts, most of them of other ontologies. Entities are
refused as soon as one is declared, so that none can be expanded, and expat opens no other file or address.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import BinaryIO
from xml.parsers import expat

from rankstudy.cells.ontology.terms import TERM_ID, Term
from rankstudy.core.errors import StudyError, advise

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_OWL = "http://www.w3.org/2002/07/owl#"
_OBO = "http://purl.obolibrary.org/obo/"
_SYNONYM = "http://www.geneontology.org/formats/oboInOwl#hasExactSynonym"
_ABOUT, _RESOURCE = f"{_RDF}about", f"{_RDF}resource"
_CLASS, _SUBCLASS = f"{_OWL}Class", f"{_RDFS}subClassOf"
_REPLACED_BY = f"{_OBO}IAO_0100001"
_TEXTS = {f"{_RDFS}label", f"{_OWL}deprecated", _SYNONYM, _REPLACED_BY}


def read_owl(file: BinaryIO, where: str) -> list[Term]:
    """Return the terms of the Cell Ontology in an RDF/XML file, in its order.

    Of each `owl:Class` below the root element: `rdfs:label`, `oboInOwl:hasExactSynonym`, `owl:deprecated`, what
    replaces it (IAO:0100001), and `rdfs:subClassOf` where it names a class; restrictions and equivalences are passed
    over.

    Raises
    ------
    StudyError
        If the file is not well-formed XML, is not RDF, or declares entities.
    """
    reader = _Reader(where)
    parser = expat.ParserCreate(namespace_separator="")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    parser.EntityDeclHandler = reader.refuse_entity
    try:
        parser.ParseFile(file)
    except expat.ExpatError as error:
        raise StudyError(advise(f"{where}: is not readable XML ({error})", "fetch the file again")) from None
    return reader.terms


def term_id(address: str) -> str:
    """Return `CL:0000169` for `http://purl.obolibrary.org/obo/CL_0000169`; other addresses as they are."""
    name = address.removeprefix(_OBO)
    return name.replace("_", ":", 1) if name != address and re.fullmatch(r"[A-Za-z]+_\w+", name) else address


class _Reader:
    """The handlers of the parser: the term of the class that is open, and the text of the part of it that is open."""

    def __init__(self, where: str):
        self.terms: list[Term] = []
        self._where = where
        self._depth = 0
        self._found: dict[str, list[str]] | None = None
        self._id = ""
        self._part = ""
        self._text: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        depth, self._depth = self._depth, self._depth + 1
        if depth == 0 and tag != f"{_RDF}RDF":
            raise StudyError(f"{self._where}: is no RDF/XML; its outermost element is {tag!r}, expected rdf:RDF")
        if depth == 1 and tag == _CLASS:
            self._id = term_id(attributes.get(_ABOUT, ""))
            self._found = {} if TERM_ID.fullmatch(self._id) else None
        elif self._found is None:
            return
        elif depth == 2:
            self._part = tag
            if _RESOURCE in attributes:
                self._add(tag, term_id(attributes[_RESOURCE]))
            elif tag in _TEXTS:
                self._text = []
        elif depth == 3 and self._part == _SUBCLASS and tag == _CLASS and _ABOUT in attributes:
            self._add(_SUBCLASS, term_id(attributes[_ABOUT]))

    def end(self, tag: str) -> None:
        self._depth -= 1
        if self._found is None:
            return
        if self._depth == 2 and self._text is not None:
            self._add(tag, "".join(self._text).strip())
            self._text = None
        elif self._depth == 1:
            self.terms.append(_term(self._id, self._found.get))
            self._found = None

    def text(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def refuse_entity(self, name: str, *_: object) -> None:
        raise StudyError(
            f"{self._where}: declares the entity {name!r}; files with entities are refused, since they can swell"
        )

    def _add(self, part: str, value: str) -> None:
        self._found.setdefault(part, []).append(value)


def _term(id: str, of: Callable[[str, list[str]], list[str]]) -> Term:
    return Term(
        id,
        next(iter(of(f"{_RDFS}label", [])), None),
        tuple(of(_SUBCLASS, [])),
        tuple(of(_SYNONYM, [])),
        "true" in of(f"{_OWL}deprecated", []),
        next(iter(of(_REPLACED_BY, [])), None),
    )
