"""Every job of a study, from Snakemake's own plan: a dry run over a stand-in of the working directory.

Which jobs there are is known only once the cells are indexed. So Snakemake plans twice: in a folder without any result,
and again where all that the indices are made of, and they themselves, are stood in for by empty files, but for the
tables of cell types, which are those that are known.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import yaml

from rankstudy.config import DatasetPlan, StudyPlan
from rankstudy.config.local_files import local_files, sources
from rankstudy.core.cell_types import TypeCount
from rankstudy.core.errors import StudyError
from rankstudy.run.workflow import FOLDER

DRIVER = FOLDER / ".venv" / "bin"
SNAKEMAKE = DRIVER / "snakemake"
# what a run makes, and what the stand-in has in its own way
_NOT_LINKED = {"results", "resources", "logs", ".snakemake", "config"}
_JOB = re.compile(r"^(?:local)?(rule|checkpoint) (\w+):\n((?:    .*\n)*)", re.MULTILINE)
_ENVIRONMENT = re.compile(r"^Conda environment (\S+) will be created\.$", re.MULTILINE)
_LAST_LINES = 20


@dataclass(frozen=True)
class Job:
    """A job as Snakemake announces it; `benchmark` is its own, so that it tells one job from another."""

    rule: str
    wildcards: Mapping[str, str]
    input: tuple[str, ...]
    output: tuple[str, ...]
    benchmark: str
    is_checkpoint: bool


@dataclass(frozen=True)
class Plan:
    """The jobs of a study, and the names of the environments that Snakemake would build for them."""

    jobs: list[Job]
    environments: list[str]


def plan(study: StudyPlan, types: Mapping[str, Sequence[TypeCount]], arguments: Sequence[str]) -> Plan:
    """Return what a study has to do if nothing is there yet.

    Parameters
    ----------
    study
        The study, as the working directory has it.
    types
        The cell types by data set; of one that is not named, the jobs that need its index are unknown.
    arguments
        What Snakemake is told of the configuration; paths are absolute.

    Raises
    ------
    StudyError
        If Snakemake cannot plan the study.
    """
    with stand_in(study) as folder:
        before = dry_run(folder, arguments)
        write_index(folder, before, types)
        texts = (before, dry_run(folder, arguments))
    jobs = {job.benchmark: job for text in texts for job in jobs_of(text) if job.benchmark}
    environments = {Path(name).stem for text in texts for name in _ENVIRONMENT.findall(text)}
    return Plan(list(jobs.values()), sorted(environments))


def jobs_of(text: str) -> list[Job]:
    """Read the jobs that a dry run announces."""
    return [_job(kind, rule, lines) for kind, rule, lines in _JOB.findall(text)]


def _job(kind: str, rule: str, lines: str) -> Job:
    keys = dict(line.strip().split(": ", 1) for line in lines.splitlines() if ": " in line)
    files = [tuple(filter(None, keys.get(key, "").split(", "))) for key in ("input", "output")]
    wildcards = dict(pair.split("=", 1) for pair in filter(None, keys.get("wildcards", "").split(", ")))
    return Job(rule, wildcards, *files, keys.get("benchmark", ""), kind == "checkpoint")


@contextmanager
def stand_in(study: StudyPlan) -> Iterator[Path]:
    """Make a throw-away folder with all that a run in the working directory would find, but for what a run makes."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="rankstudy-plan-") as temporary:
        # as deep as the working directory, so that `..` leads to no other place
        folder = Path(temporary, *here.parts[1:])
        folder.mkdir(parents=True)
        _link_entries(here, folder, _NOT_LINKED)
        _link_entries(here / "config", folder / "config", {"datasets"})
        built = here / ".snakemake" / "conda"
        if built.is_dir():
            _link_or_touch(built, folder / ".snakemake" / "conda")
        for dataset in study.declared:
            path = folder / "config" / "datasets" / Path(dataset.file).name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(yaml.safe_dump(_with_terms_accepted(dataset)), encoding="utf-8")
        for path in (*study.study.plugins, *(file.path for file in local_files(study))):
            if not os.path.isabs(path):
                source = Path(os.path.abspath(path))
                _link_or_touch(source, Path(temporary, *source.parts[1:]))
        yield folder


def _link_entries(source: Path, folder: Path, without: Iterable[str]) -> None:
    folder.mkdir(exist_ok=True)
    for entry in source.iterdir() if source.is_dir() else ():
        if entry.name not in without:
            (folder / entry.name).symlink_to(entry)


def _link_or_touch(source: Path, path: Path) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(source) if source.exists() else path.touch()


def _with_terms_accepted(dataset: DatasetPlan) -> dict:
    """Return the content of a data set's file; nothing is downloaded, so nobody's terms have to be accepted yet."""
    content = yaml.safe_load(Path(dataset.file).read_text(encoding="utf-8"))
    for key, source in sources(dataset.model):
        if source.awaits_consent:
            reduce(lambda section, name: section[name], key.split("."), content)["accept_terms"] = True
    return content


def dry_run(folder: Path, arguments: Sequence[str]) -> str:
    """Return what Snakemake says that it would do in a folder.

    Raises
    ------
    StudyError
        If it says that it cannot.
    """
    line = [
        str(SNAKEMAKE) if SNAKEMAKE.exists() else "snakemake",
        "--dry-run",
        "--cores",
        "1",
        "--rerun-triggers",
        "mtime",
    ]
    line += ["--snakefile", str(FOLDER / "Snakefile"), "--directory", str(folder)]
    line += ["--profile", "none", "--workflow-profile", "none", "--software-deployment-method", "conda"]
    environment = os.environ | {"PATH": f"{DRIVER}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([*line, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    said = done.stdout + done.stderr
    if done.returncode:
        last = "\n".join(said.splitlines()[-_LAST_LINES:])
        raise StudyError(f"Snakemake cannot plan the study:\n{last}")
    return said


def write_index(folder: Path, said: str, types: Mapping[str, Sequence[TypeCount]]) -> None:
    """Write what the indices of data sets are made of, and the indices: empty files, and the tables of cell types.

    Parameters
    ----------
    folder
        A folder in which nothing is done yet.
    said
        What Snakemake would do there.
    types
        The cell types by data set.
    """
    jobs, now = jobs_of(said), time.time()  # none of the files is newer than another
    made_by = {path: job for job in jobs for path in job.output}
    waiting = [job for job in jobs if job.is_checkpoint and job.wildcards["dataset"] in types]
    while waiting:
        job = waiting.pop()
        waiting += [made_by[path] for path in job.input if path in made_by]
        for path in job.output:
            _write_output(folder / path, types.get(job.wildcards.get("dataset", "")))
            os.utime(folder / path, (now, now))


def _write_output(path: Path, types: Sequence[TypeCount] | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name == "cell_types.tsv":
        with open(path, "w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file, delimiter="\t")
            rows.writerows([["cell_type", "slug", "n_cells"], *((t.cell_type, t.slug, t.n_cells) for t in types)])
    else:
        path.touch()
