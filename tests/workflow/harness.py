"""Running the real Snakemake of `.venv` on a working directory, and reading what it says and leaves."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
DRIVER = ROOT / ".venv" / "bin"
ENVIRONMENTS = ROOT / ".snakemake" / "conda"
FORKED = Path(__file__).with_name("forked.py")
CODE = ("Snakefile", "config", "envs", "profiles", "rankstudy", "workflow")
TAIL = 6000
PACKAGES_FROM = ("PIP_NO_INDEX", "PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL")
INHERITED = ("SNAKEMAKE_PROFILE", "PYTHONPATH", *PACKAGES_FROM)


@dataclass(frozen=True)
class Run:
    """What one call of Snakemake did."""

    returncode: int
    output: str
    seconds: float

    @property
    def tail(self):
        """What a failing assert should show: the exit code and the end of the output."""
        return f"exit code {self.returncode} after {self.seconds:.1f} s; the output ends with:\n{self.output[-TAIL:]}"

    @property
    def ok(self):
        return self.returncode == 0

    @property
    def nothing_to_do(self):
        return self.ok and "Nothing to be done" in self.output and not self.counts

    @property
    def counts(self):
        """Jobs per rule, from the table that Snakemake prints first; empty where there is none."""
        found = re.search(r"^Job stats:\njob +count\n[- ]+\n(.*?)^total +\d+$", self.output, re.MULTILINE | re.DOTALL)
        lines = found.group(1).splitlines() if found else []
        return {name: int(n) for name, n in (line.split() for line in lines)}

    @property
    def jobs(self):
        """The jobs that it announced, in order."""
        found = re.findall(r"^(?:local)?(?:rule|checkpoint) (\w+):\n((?:    .*\n)*)", self.output, re.MULTILINE)
        return [
            Job(rule, _listed(text, "wildcards"), _listed(text, "input"), _listed(text, "output"))
            for rule, text in found
        ]


@dataclass(frozen=True)
class Job:
    """A job as Snakemake announces it; wildcards as `name=value`."""

    rule: str
    wildcards: list[str]
    input: list[str]
    output: list[str]


def _listed(text, key):
    found = re.search(rf"^    {key}: (.*)$", text, re.MULTILINE)
    return found.group(1).split(", ") if found else []


def environment(**changes):
    """Return the variables for a call: the driver first on PATH; None removes a variable."""
    variables = {k: v for k, v in os.environ.items() if k not in INHERITED or k in changes}
    variables["PATH"] = f"{DRIVER}{os.pathsep}{variables['PATH']}"
    variables.update({k: v for k, v in changes.items() if v is not None})
    return {k: v for k, v in variables.items() if changes.get(k, "") is not None}


def command(*arguments, directory, workflow=ROOT, cores=2):
    """Return the command line of a run in `directory`; the rules' environments are the ones of this checkout."""
    return [
        str(DRIVER / "snakemake"),
        *("--snakefile", str(workflow / "Snakefile"), "--directory", str(directory)),
        *("--conda-prefix", str(ENVIRONMENTS), "--cores", str(cores)),
        *map(str, arguments),
    ]


def snakemake(*arguments, directory, workflow=ROOT, cores=2, timeout=1200, variables=None):
    """Run Snakemake to its end."""
    line = command(*arguments, directory=directory, workflow=workflow, cores=cores)
    return execute(line, cwd=directory, timeout=timeout, variables=variables)


def execute(line, cwd, timeout=600, variables=None):
    """Run a command to its end, both streams together."""
    begin = time.monotonic()
    done = subprocess.run(
        [str(part) for part in line],
        cwd=cwd,
        env=environment(**(variables or {})),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
    )
    return Run(done.returncode, done.stdout, time.monotonic() - begin)


def dry_runs(lines, *, cwd, workflow=ROOT, files=None):
    """Return what a dry run of each line of arguments says, from one process that imports Snakemake once.

    `files` are, for each of them, the files (text by path) that are others meanwhile.
    """
    common = ["-n", "--cores", "2", "--snakefile", workflow / "Snakefile", "--conda-prefix", ENVIRONMENTS]
    calls = [[*map(str, (*common, *line))] for line in lines]
    begin = time.monotonic()
    done = subprocess.run(
        [DRIVER / "python", FORKED],
        input=json.dumps({"cwd": str(cwd), "calls": calls, "files": files or [{} for _ in calls]}),
        env=environment(),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    seconds = (time.monotonic() - begin) / len(calls)
    return [Run(returncode, output, seconds) for returncode, output in json.loads(done.stdout)]


def copy_workflow(folder):
    """Copy what runs of the workflow, as a clone has it, to a folder and return it."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *CODE]
    if (ROOT / ".git").exists():
        names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    else:
        names = [str(p.relative_to(ROOT)) for part in CODE for p in [ROOT / part, *(ROOT / part).rglob("*")]]
    for name in names:
        if name and (ROOT / name).is_file() and "__pycache__" not in name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def interrupt(*arguments, directory, when, how, timeout=300):
    """Start Snakemake, send a signal to its whole process group once `when()` is true, and return what it had said.

    Raises
    ------
    AssertionError
        If the run ends before that, or it never comes to that.
    """
    transcript = Path(directory) / "interrupted.txt"
    with transcript.open("w") as file:
        process = subprocess.Popen(
            command(*arguments, directory=directory),
            cwd=directory,
            env=environment(),
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    begin = time.monotonic()
    try:
        while not when():
            assert process.poll() is None, f"the run ended before it was interrupted:\n{transcript.read_text()[-TAIL:]}"
            assert time.monotonic() - begin < timeout, f"it never came to that:\n{transcript.read_text()[-TAIL:]}"
            time.sleep(0.02)
        os.killpg(process.pid, how)
        returncode = process.wait(timeout=60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return Run(returncode, transcript.read_text(), time.monotonic() - begin)


def files_below(folder):
    """Return every file below a folder, as text relative to it, sorted."""
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file())


def contents(folder):
    """Return the bytes of every file below a folder, by relative path."""
    return {name: (Path(folder) / name).read_bytes() for name in files_below(folder)}


def leftovers(folder):
    """Return what a killed job may leave: temporary files and, on the project's side, nothing else."""
    return [name for name in files_below(folder) if Path(name).name.startswith(".") and Path(name).name != ".gitignore"]


@dataclass(frozen=True)
class JobLog:
    """What the log of a finished job says: the rule, and the environment file of the interpreter that ran."""

    name: str
    rule: str
    environment: str


def job_logs(folder):
    """Return the log of every job below a working directory; each must end with `done in ...`."""
    found = []
    for name in files_below(folder / "logs"):
        text = (folder / "logs" / name).read_text()
        assert text.strip(), f"{name} is empty"
        rule = re.search(r"rule (\w+) ", text)
        prefix = re.search(r"python [\d.]+ in (.+), \d+ threads", text)
        assert rule and prefix and text.rstrip().splitlines()[-1].split(" INFO ")[-1].startswith("done in"), name
        assert Path(prefix.group(1)).parent == ENVIRONMENTS, name
        found.append(JobLog(name, rule.group(1), Path(f"{prefix.group(1)}.yaml").read_text()))
    return found


def assert_same_tables(found, wanted, *, rtol=0.0, atol=0.0, seeds=None, without=()):
    """Compare the Parquet tables of two folders; `seeds` restricts those of `wanted` that have a seed.

    Rows of the spaces `without`, and what is said of all seeds together where these are restricted, are left out.
    With tolerances of zero the values must be equal to the last bit.
    """
    names = [path.name for path in sorted(Path(wanted).glob("*.parquet"))]
    assert names, f"there are no tables in {wanted}"
    assert names == [path.name for path in sorted(Path(found).glob("*.parquet"))]
    for name in names:
        left, right = (pd.read_parquet(Path(folder) / name) for folder in (found, wanted))
        if seeds is not None and "seed" in right:
            right = right[right["seed"].isin(seeds)]
            left, right = (frame.loc[:, ~frame.columns.str.endswith("_of_seeds")] for frame in (left, right))
        for column in {"space", "space_a", "space_b"} & set(right):
            left, right = (frame[~frame[column].isin(without)] for frame in (left, right))
        left, right = (frame.reset_index(drop=True) for frame in (left, right))
        pd.testing.assert_frame_equal(left, right, check_exact=not rtol, rtol=rtol or 1e-5, atol=atol, obj=name)
