"""Texts and vectors of genes out of the archives that hold them: opened as data, nothing in them is run."""

from __future__ import annotations

import ast
import csv
import gzip
import hashlib
import io
import logging
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import anndata as ad
import h5py
import numpy as np
import pandas as pd

from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.files import verify, write_anndata
from rankstudy.core.pickles import read_vectors
from rankstudy.spaces.texts.tables import ALIAS, APPROVED, GENE_TEXTS, PREVIOUS

log = logging.getLogger(__name__)

# rows of HGNC's table and of NCBI's: symbol, names before this one, other names, text
Entry = tuple[str, list[str], list[str], str]


def read_texts(
    archive: str,
    members: Mapping[str, Mapping[str, Any]],
    verified: Mapping[str, Any],
    *,
    form: str,
    output: str,
) -> None:
    """Read texts of genes and write them by the names that genes are known by, in upper case.

    A name that is the approved symbol of one gene is that gene's alone; a previous symbol or an alias that several
    genes have is nobody's.

    Parameters
    ----------
    archive
        A zip archive, such as a wheel.
    members, verified
        Path, size and SHA-256 of its files, and size and hashes of the archive itself.
    form
        `hgnc` or `ncbi`.
    output
        Where the table `gene_texts` goes.

    Raises
    ------
    StudyError
        If a file is not the expected one, or is not of this form.
    """
    content = _members(archive, members, verified)["table"]
    entries = list({"hgnc": _of_hgnc, "ncbi": _of_ncbi}[form](content))
    if not entries:
        raise StudyError(f"{archive}: {members['table']['path']} has no text of any gene")
    table = pd.DataFrame(_by_name(entries), columns=["symbol", "found_by", "text"])
    GENE_TEXTS.write(table.drop_duplicates("symbol").sort_values("symbol", ignore_index=True), output)
    log.info("%s: texts of %d genes under %d names", archive, len(entries), len(table))


def read_gene_vectors(
    archive: str,
    members: Mapping[str, Mapping[str, Any]],
    verified: Mapping[str, Any],
    *,
    form: str,
    output: str,
) -> None:
    """Read vectors of genes that others have made and write them as h5ad: genes by symbol in upper case x dimensions.

    Parameters
    ----------
    archive, members, verified
        As for `read_texts`.
    form
        `gene2vec` or `genept`.
    output
        The h5ad.
    """
    files = _members(archive, members, verified)
    names, vectors = {"gene2vec": _of_gene2vec, "genept": _of_genept}[form](files, archive)
    index = pd.Index([name.upper() for name in names])
    # of two genes under one name nobody can say whose the vector is; zeros stand for genes without a text
    whole = ~index.duplicated(keep=False) & np.isfinite(vectors).all(axis=1) & vectors.any(axis=1)
    data = ad.AnnData(vectors[whole].astype(np.float32), obs=pd.DataFrame(index=index[whole]))
    write_anndata(data, output)
    log.info("%s: vectors of %d genes, %d dimensions", archive, *data.shape)


def _members(archive: str, members: Mapping[str, Mapping[str, Any]], verified: Mapping[str, Any]) -> dict[str, bytes]:
    verify(archive, sha256_expected=verified["sha256"], bytes_expected=verified["bytes"], what=archive)
    found = {}
    with zipfile.ZipFile(archive) as opened:
        for what, known in members.items():
            if known["path"] not in opened.namelist():
                problem = f"{archive}: holds no file {known['path']!r}"
                raise StudyError(advise(problem, f"correct `files.{what}.path`"))
            # more than that is another file, and need not be unpacked to say so
            content = opened.open(known["path"]).read(known["bytes"] + 1)
            digest = hashlib.sha256(content).hexdigest()
            if digest != known["sha256"]:
                problem = f"{archive}: {known['path']}: its sha256 is not {known['sha256']}; it was not opened"
                raise StudyError(problem)
            found[what] = content
    return found


def _of_hgnc(content: bytes) -> Iterator[Entry]:
    text = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    for row in csv.DictReader(io.StringIO(text.decode("utf-8")), delimiter="\t"):
        yield row["symbol"], row["prev_symbol"].split("|"), row["alias_symbol"].split("|"), row["name"]


def _of_ncbi(content: bytes) -> Iterator[Entry]:
    """Yield the genes of NCBI Gene as goatools keeps them: a line of Python for each, read as a literal."""
    for number, line in enumerate(content.decode("utf-8").splitlines(), start=1):
        if ": NtData(" not in line:
            continue
        try:
            call = ast.parse(line.split(":", 1)[1].strip().rstrip(","), mode="eval").body
            of = {one.arg: ast.literal_eval(one.value) for one in call.keywords}
        except (SyntaxError, ValueError, AttributeError):
            raise StudyError(f"texts of genes: line {number} is no entry of NCBI Gene: {line[:60]!r}") from None
        aliases = [alias for alias in of["Aliases"].split(", ") if alias]
        also = f" Also known as {', '.join(aliases)}." if aliases else ""
        others = "; ".join(dict.fromkeys(filter(None, of["other_designations"].split("|"))))
        yield of["Symbol"], [], aliases, f"{of['Symbol']}: {of['description']}.{also}{f' {others}.' if others else ''}"


def _by_name(entries: Iterable[Entry]) -> Iterator[tuple[str, str, str]]:
    """Yield each name with the text of the gene that it means, and what it is to that gene."""
    entries = [entry for entry in entries if entry[3]]
    taken: set[str] = set()
    for found_by, names_of in ((APPROVED, lambda e: [e[0]]), (PREVIOUS, lambda e: e[1]), (ALIAS, lambda e: e[2])):
        named = pd.DataFrame([(n.upper(), e[3]) for e in entries for n in names_of(e) if n], columns=["name", "text"])
        single = named[~named["name"].isin(taken)].drop_duplicates().drop_duplicates("name", keep=False)
        yield from ((name, found_by, text) for name, text in single.itertuples(index=False))
        taken |= set(named["name"])


def _of_gene2vec(files: Mapping[str, bytes], archive: str) -> tuple[list[str], np.ndarray]:
    vectors = np.load(io.BytesIO(files["vectors"]), allow_pickle=False)
    with h5py.File(io.BytesIO(files["genes"]), "r") as file:
        names = [str(name) for name in file["var"][file["var"].attrs["_index"]].asstr()[:]]
    if vectors.ndim != 2 or len(vectors) != len(names):
        raise StudyError(f"{archive}: {len(names)} genes and an array {vectors.shape} are not of one another")
    return names, vectors


def _of_genept(files: Mapping[str, bytes], archive: str) -> tuple[list[str], np.ndarray]:
    found = read_vectors(files["vectors"], archive)
    lengths = {len(vector) for vector in found.values()}
    if len(lengths) != 1:
        raise StudyError(f"{archive}: its vectors have {listing(sorted(map(str, lengths)))} dimensions, not one number")
    return list(found), np.stack(list(found.values()))
