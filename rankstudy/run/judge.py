"""`make judge`: a second opinion on embeddings that lie in files, as tables and pages."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from rankstudy.config.audit_model import Audit
from rankstudy.config.explain import ConfigFiles, read_yaml, validated
from rankstudy.core.errors import StudyError, advise
from rankstudy.measures.judge.options import Options
from rankstudy.run.digest import code_digest
from rankstudy.run.workflow import FOLDER

_SNAKEFILE = FOLDER / "workflow" / "judge" / "Snakefile"


def arguments(line: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    default = Options()
    parser = argparse.ArgumentParser(
        prog='make judge ARGS="..."', description="Judge embeddings by the study's own statistics (docs/judging.md)."
    )
    parser.add_argument("cells", help="an h5ad file with the cells and their labels")
    parser.add_argument("--cell-type", required=True, metavar="COLUMN", help="column of obs with the cell type")
    parser.add_argument("--batch", metavar="COLUMN", help="column of obs with the batch or donor")
    parser.add_argument("--obsm", nargs="+", default=[], metavar="NAME", help="embeddings in obsm")
    parser.add_argument(
        "--embedding", nargs="+", default=[], metavar="NAME=FILE", help="embeddings in files: Parquet, CSV, TSV, npz"
    )
    parser.add_argument(
        "--measure", nargs="+", default=[], metavar="NAME=MEASURE", help="cosine or correlation; Euclidean otherwise"
    )
    parser.add_argument(
        "--twins",
        nargs="+",
        default=[],
        metavar="NAME=ONE,OTHER",
        help="embeddings of two halves of each cell's molecules",
    )
    parser.add_argument("--counts", default="auto", help="X, layers/NAME, raw/X, none; auto: the first with counts")
    parser.add_argument("--cells-per-type", type=int, default=default.cells_per_type, metavar="N")
    parser.add_argument("--all", action="store_true", help="all cells of each type")
    parser.add_argument(
        "--genes", type=int, default=default.genes, metavar="N", help="highly variable genes of expression"
    )
    parser.add_argument("--seed", type=int, default=default.seed)
    parser.add_argument("--audit", metavar="FILE", help="a YAML file whose section `audit` has other thresholds")
    parser.add_argument("--name", help="what the cells are called; by default after the file")
    parser.add_argument("--output", help="folder for tables and pages; by default results/judged/NAME")
    parser.add_argument("--cores", default="all")
    return parser.parse_args(line)


def configuration(asked: argparse.Namespace) -> dict[str, Any]:
    """Return what the rules take, from the command line.

    Raises
    ------
    StudyError
        If a file does not exist, or an argument is not as it should be.
    """
    files, measures = _pairs(asked.embedding, "--embedding"), _pairs(asked.measure, "--measure")
    for path in (asked.cells, *files.values()):
        if not Path(path).is_file():
            raise StudyError(advise(f"{os.path.abspath(path)} does not exist", "write where the file lies"))
    if not (asked.obsm or files):
        problem = "no embedding is named"
        raise StudyError(advise(problem, "name entries of obsm (`--obsm X_scGPT`)", "files (`--embedding NAME=FILE`)"))
    if wrong := sorted(set(measures.values()) - {"correlation", "cosine", "euclidean"}):
        problem = f"--measure: there is no measure {wrong[0]!r}"
        raise StudyError(advise(problem, "write correlation, cosine or euclidean"))
    name = asked.name or Path(asked.cells).stem
    options = Options(
        name=name,
        measures=measures,
        twins={key: tuple(value.split(",", 1)) for key, value in _pairs(asked.twins, "--twins").items()},
        cells_per_type=None if asked.all else asked.cells_per_type,
        genes=asked.genes,
        seed=asked.seed,
    )
    given = {"cell_type": asked.cell_type, "batch": asked.batch, "obsm": asked.obsm, "counts": asked.counts}
    plain = {**_plain(options), "thresholds": _thresholds(asked.audit)}
    return {
        "cells": os.path.abspath(asked.cells),
        "files": {key: os.path.abspath(path) for key, path in files.items()},
        "given": given,
        "options": plain,
        "about": {"name": name, "given": given, "options": plain, "command": _command(asked)},
        "output": os.path.abspath(asked.output or f"results/judged/{name}"),
        "code": {
            "judge": code_digest("rankstudy.measures.judge.files", "rankstudy.run.job"),
            "pages": code_digest("rankstudy.report.judged.build", "rankstudy.run.job"),
        },
    }


def _plain(options: Options) -> dict[str, Any]:
    twins = {name: list(halves) for name, halves in options.twins.items()}
    found = {key: getattr(options, key) for key in options.__dataclass_fields__ if key != "thresholds"}
    return {**found, "measures": dict(options.measures), "twins": twins, "neighbours": list(options.neighbours)}


def _thresholds(file: str | None) -> dict[str, Any]:
    """Return the thresholds of the audit: those that are fixed beforehand, or those that a file states."""
    if file is None:
        return Audit().model_dump()
    values = read_yaml(file)
    return validated(Audit, values.get("audit", {}), ConfigFiles([file], values, file)).model_dump()


def _pairs(words: Sequence[str], option: str) -> dict[str, str]:
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals and value):
            raise StudyError(advise(f"{option}: {word!r} says not what is what", "write NAME=VALUE"))
        found[name] = value
    return found


def _command(asked: argparse.Namespace) -> str:
    """Return the command as the page prints it: without paths of this machine."""
    words = [Path(asked.cells).name, f"--cell-type {asked.cell_type}"]
    words += [f"--batch {asked.batch}"] if asked.batch else []
    words += [f"--obsm {' '.join(asked.obsm)}"] if asked.obsm else []
    if asked.embedding:
        words.append("--embedding " + " ".join(word.partition("=")[0] + "=..." for word in asked.embedding))
    return 'make judge ARGS="' + " ".join(words) + '"'


def main(line: Sequence[str] | None = None) -> int:
    """Judge, and return the exit status; what is wrong is printed."""
    asked = arguments(line)
    try:
        config = configuration(asked)
    except StudyError as error:
        print(error, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "judge.yaml"
        file.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
        command = ["snakemake", "--snakefile", str(_SNAKEFILE), "--configfile", str(file), "--cores", str(asked.cores)]
        command += ["--workflow-profile", str(FOLDER / "profiles" / "default"), "--quiet", "rules"]
        done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(FOLDER)}, check=False)
    if done.returncode == 0:
        print(f"Written: {os.path.relpath(config['output'])}/pages/index.html")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
