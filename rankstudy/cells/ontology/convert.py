"""A release of the Cell Ontology as tables: once per release, so that no other job reads 60 MB of XML."""

from __future__ import annotations

import hashlib
import logging
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

from rankstudy.cells.ontology.obo import read_obo
from rankstudy.cells.ontology.owl import read_owl
from rankstudy.cells.ontology.terms import TABLES, Term, tabulate
from rankstudy.core.errors import StudyError, advise
from rankstudy.core.files import verify

log = logging.getLogger(__name__)

READERS: dict[str, Callable[[BinaryIO, str], list[Term]]] = {".owl": read_owl, ".obo": read_obo}


def convert_ontology(
    path: str,
    *,
    member: Mapping[str, Any] | None,
    verified: Mapping[str, Any],
    root: str,
    outputs: Mapping[str, str | os.PathLike],
) -> None:
    """Read a release and write its terms, parents and exact synonyms.

    Parameters
    ----------
    path
        An OWL (RDF/XML) or OBO file, by its ending, or a zip archive (a wheel) that holds one.
    member
        `path`, `bytes` and `sha256` of the file in the archive; None where `path` is the file itself.
    verified
        `bytes`, `sha256` and `md5` of the file at `path`; None is not checked.
    root
        The term that all others are kinds of.
    outputs
        Where the tables of `rankstudy.cells.ontology.terms.TABLES` go, by name.

    Raises
    ------
    StudyError
        If a file is another one than declared, cannot be read, or is no hierarchy of cell types.
    """
    verify(path, **{f"{name}_expected": value for name, value in verified.items()}, what=path)
    name = path if member is None else member["path"]
    where = path if member is None else f"{path}, {name}"
    reader = READERS[os.path.splitext(name)[1]]
    if member is not None:
        with _opened(path, name, where) as file:
            _verify_member(file, member, where)
    with _opened(path, None if member is None else name, where) as file:
        tables = tabulate(reader(file, where), root, where)
    for key, table in TABLES.items():
        table.write(tables[key], outputs[key])
        log.info("%s: %d rows", table.name, len(tables[key]))


@contextmanager
def _opened(path: str, member: str | None, where: str) -> Iterator[BinaryIO]:
    if member is None:
        with open(path, "rb") as file:
            yield file
        return
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as file:
            yield file
    except KeyError:
        raise StudyError(advise(f"{path}: holds no file {member!r}", "correct `member.path` of the release")) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise StudyError(advise(f"{where}: cannot be read from the archive ({error})", "fetch it again")) from error


def _verify_member(file: BinaryIO, member: Mapping[str, Any], where: str) -> None:
    """Compare size and SHA-256, reading no more than the stated size."""
    digest, size = hashlib.sha256(), 0
    while size <= member["bytes"] and (block := file.read(1 << 20)):
        digest.update(block)
        size += len(block)
    if size != member["bytes"]:
        found = f"{size:,}" if size < member["bytes"] else f"more than {member['bytes']:,}"
        raise StudyError(f"{where}: has {found} bytes, expected {member['bytes']:,}; it was not used")
    if digest.hexdigest() != member["sha256"]:
        raise StudyError(f"{where}: its sha256 is {digest.hexdigest()}, expected {member['sha256']}; it was not used")
