"""Write the list of the genes that published models share: `config/genes/shared_by_models.tsv`.

    PYTHONPATH=. .venv-test/bin/python -m tools.gene_list DICTIONARIES scgpt.whl scfoundry.whl > shared_by_models.tsv

DICTIONARIES is a folder with the token dictionary and the name dictionary of Geneformer V2
(`config/geneformer/v2_dictionaries.yaml`); the wheels are those of `config/vocabularies`. A gene is listed if it is in
the vocabularies of Geneformer V1 and V2, scGPT, scBERT and scFoundation; symbols stand for the Ensembl ids that V2's
name dictionary has for them. The hash of each file is checked before it is read.
"""

from __future__ import annotations

import hashlib
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from rankstudy.core.modules import load
from rankstudy.core.pickles import read_dictionary
from rankstudy.spaces.encodings import published

RELEASES = {
    "Geneformer V1": "geneformer/v1_dictionaries",
    "Geneformer V2": "geneformer/v2_dictionaries",
    **{name: f"vocabularies/{name.lower()}" for name in ("scGPT", "scBERT", "scFoundation")},
}


def main(folder: str, *wheels: str) -> None:
    """Print the list, with the hashes of the files that it was made of."""
    read = {name: _files(_release(path), Path(folder), wheels) for name, path in RELEASES.items()}
    ids_of = read_dictionary(read["Geneformer V2"]["names"], "names")
    shared = set.intersection(*(_genes(name, files, ids_of) for name, files in read.items()))
    symbols: dict[str, list[str]] = {}
    for symbol, gene in sorted(ids_of.items()):
        symbols.setdefault(gene, []).append(symbol)
    print(f"# Made by tools/gene_list.py: genes in the vocabularies of {', '.join(RELEASES)}.")
    for name, files in read.items():
        for what, content in files.items():
            print(f"# {name}, {what}: sha256 {hashlib.sha256(content).hexdigest()}")
    print("ensembl_id\tsymbols")
    for gene in sorted(shared):
        print(f"{gene}\t{' '.join(symbols[gene])}")


def _release(path: str) -> Mapping:
    return yaml.safe_load(Path("config", f"{path}.yaml").read_text(encoding="utf-8"))


def _files(release: Mapping, folder: Path, wheels: Iterable[str]) -> dict[str, bytes]:
    """Return the content of the files that say which genes there are, by what they are."""
    wanted = {what: file for what, file in release["files"].items() if what in ("tokens", "names", "genes")}
    found = {what: _content(file, folder, wheels) for what, file in wanted.items()}
    for what, content in found.items():
        if hashlib.sha256(content).hexdigest() != wanted[what]["sha256"]:
            raise SystemExit(f"{wanted[what]['path']}: is not the file of {release['title']}")
    return found


def _content(file: Mapping, folder: Path, wheels: Iterable[str]) -> bytes:
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            if file["path"] in archive.namelist():
                return archive.read(file["path"])
    return (folder / Path(file["path"]).name).read_bytes()


def _genes(name: str, files: Mapping[str, bytes], ids_of: Mapping[str, str]) -> set[str]:
    """Return the Ensembl ids of a vocabulary."""
    if "tokens" in files:
        return {gene for gene in read_dictionary(files["tokens"], name) if gene.startswith("ENSG")}
    symbols = load(f"{published.__name__}.{name.lower()}").read_vocabulary(files, None).genes["ensembl_id"]
    return {ids_of[symbol] for symbol in symbols if symbol in ids_of}


if __name__ == "__main__":
    main(*sys.argv[1:])
