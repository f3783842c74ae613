"""Damaged and malicious h5ad, h5mu, 10x and loom files: each is refused with a StudyError or read as it stands.

`python -m tests.fuzz.h5ad --inputs 20000` makes inputs from small good files (seeded: input n is the same everywhere)
and reads each in a child process. What must not happen, and ends with status 1:

crash
    The child died or hung (the HDF5 library is written in C and follows what the file says), and so would a job: the
    process that meets a file first (`rankstudy.sources.readers.probe`) does not stop it. Where it does: "stopped".
exception
    Anything but a StudyError.
memory
    Reading took more than 256 MiB. Where the first process refuses to take as much, no job does: "stopped".
wrong
    Values came out that neither the good file holds nor another reader finds in the damaged one.

HDF5 files carry no checksum of their own: where a flipped bit makes another valid file, any reader returns what that
file says ("changed"). Only `source.sha256` can tell, which is checked before a file is opened.
"""

from __future__ import annotations

import argparse
import collections
import json
import signal
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import h5py
import numpy as np
import scipy.sparse as sp

from rankstudy.core.errors import StudyError
from rankstudy.sources.readers import cell_columns, open_source
from rankstudy.sources.readers.probe import require_survivable
from tests.fuzz.good_files import Good, make_good_files

MEMORY_MIB = 256
SECONDS = 5  # of a processor: on a busy machine nothing else is a sign of a loop without an end
_PROBE_SECONDS = 8  # of the wall: the child before has shown that it takes more than SECONDS, or for ever
FORBIDDEN = ("crash", "exception", "memory", "wrong")
INTERESTING = [0, 1, 2, 7, 8, 127, 128, 255, 65535, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**62, 2**63 - 1, 2**64 - 1]


def mutated(number: int, seeds: list[Good], target: Path) -> Good:
    """Write input `number` and return what it was made from.

    A seventh are changed through HDF5, the others byte by byte.
    """
    random = np.random.default_rng([number, 20260101])
    good = seeds[random.integers(len(seeds))]
    if random.random() < 1 / 7:
        target.write_bytes(good.path.read_bytes())
        with h5py.File(target, "r+") as file:
            change_element(file, random)
        return good
    content = bytearray(good.path.read_bytes())
    for _ in range(random.choice([1, 1, 1, 2, 4, 16])):
        change_bytes(content, random, seeds)
    target.write_bytes(content)
    return good


def change_bytes(content: bytearray, random: np.random.Generator, seeds: list[Good]) -> None:
    """Flip, overwrite, cut off, take out, put in or move bytes."""
    at = int(random.integers(max(len(content) - 1, 1)))
    length = int(random.choice([1, 2, 4, 8, 64, 512]))
    kind = random.integers(10)
    if kind < 4 and content:
        content[at] ^= 1 << int(random.integers(8))
    elif kind < 7:
        size = int(random.choice([1, 2, 4, 8]))
        number = int(random.choice(np.array(INTERESTING, object))) % 256**size
        content[at : at + size] = number.to_bytes(size, "little")
    elif kind == 7:
        del content[at : len(content) if random.random() < 0.5 else at + length]
    elif kind == 8:
        content[at:at] = random.bytes(length)
    else:
        other = seeds[random.integers(len(seeds))].path.read_bytes()
        begin = int(random.integers(len(other)))
        content[at : at + length] = other[begin : begin + length]


def change_element(file: h5py.File, random: np.random.Generator) -> None:
    """Replace values, types, shapes or attributes of one element, as an attacker with HDF5 would."""
    elements: list[str] = []
    file.visit(elements.append)
    name = elements[random.integers(len(elements))]
    element = file[name]
    kind = random.integers(6)
    if kind == 0 and element.attrs:
        attribute = list(element.attrs)[random.integers(len(element.attrs))]
        element.attrs[attribute] = [-1, 2**62, "", "csc_matrix", [1], [2**40, 2**40], 0.5][random.integers(7)]
    elif kind == 1:
        del file[name]
    elif kind == 2:
        other = elements[random.integers(len(elements))]
        del file[name]
        if other in file:
            file[name] = file[other]
    elif kind == 3:
        del file[name]
        file.create_dataset(name, shape=(2**40,), chunks=(2**20,), dtype="f4", compression="gzip")
    elif kind == 4:
        del file[name]
        file[name] = [h5py.SoftLink("/" + name), h5py.ExternalLink("/etc/passwd", "/x"), h5py.SoftLink("/")][
            random.integers(3)
        ]
    elif isinstance(element, h5py.Dataset) and element.size and element.dtype.kind in "iuf":
        value = random.choice([-1, 0, 1, 127, 2**31 - 1, np.nan if element.dtype.kind == "f" else -128])
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            element[int(random.integers(element.shape[0]))] = np.array(value).astype(element.dtype)


def ours(path: Path, good: Good) -> dict:
    """Read everything with the project's reader."""
    source = open_source(str(path), good.read)
    rows = np.arange(0, len(source.cell_names), 3)
    streamed = np.zeros((len(source.cell_names), len(source.gene_names)))
    for chunk in source.stream():
        streamed[chunk.cells, chunk.genes] = chunk.values.toarray() if sp.issparse(chunk.values) else chunk.values
    if not np.array_equal(source.read(rows).toarray(), streamed[rows], equal_nan=True):
        raise AssertionError("rows that are read differ from the same rows when streamed")
    labels = cell_columns(source, [*good.columns, "cell_name"], "0")
    flags = source.gene_flags(good.flags) if good.flags else np.zeros(0, bool)
    return {
        "cells": source.cell_names, "genes": source.gene_names, "flags": flags.tolist(), "values": streamed,
        "labels": {name: labels[name].tolist() for name in good.columns},
    }  # fmt: skip


def same(a: dict, b: dict) -> bool:
    """Return whether two readings are equal."""
    return all(
        np.array_equal(a[k], b[k], equal_nan=True) if k == "values" else a[k] == b[k]
        for k in ("cells", "genes", "labels", "flags", "values")
    )


def examine(path: Path, good: Good, expected: dict, stage) -> str:
    """Return what happens to one input, which was made from a good file that holds what is expected."""
    Path("/proc/self/clear_refs").write_text("5")
    before = peak_mib()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    stage("ours")
    try:
        found = ours(path, good)
        outcome = "same" if same(found, expected) else "changed"
    except StudyError:
        outcome = "refused"
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        return f"exception: {type(error).__name__}: {str(error)[:200]}"
    if peak_mib() - before > MEMORY_MIB:
        return f"memory: {peak_mib() - before} MiB"
    if outcome == "changed":
        stage("theirs")
        try:
            outcome = outcome if same(found, good.theirs(path)) else "wrong: another reader finds something else"
        except Exception:  # noqa: BLE001 - whatever the other reader stumbles over, it read no other values
            outcome = "changed, another reader fails"
    signal.setitimer(signal.ITIMER_PROF, 0)
    return outcome


def peak_mib() -> int:
    """Return the largest memory of this process since it was last reset."""
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) >> 10


def child(first: int, last: int) -> None:
    """Examine inputs, saying before each what is done, so that the parent knows where this process died."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seeds = make_good_files(folder)
        expected = {good.path: ours(good.path, good) for good in seeds}
        for number in range(first, last):
            say = lambda stage, n=number: print(json.dumps([n, stage]), flush=True)  # noqa: E731
            say("make")
            good = mutated(number, seeds, folder / "input.h5ad")
            say(examine(folder / "input.h5ad", good, expected[good.path], say))


def run(first: int, inputs: int, batch: int = 2500) -> dict[int, str]:
    """Examine inputs in child processes; return what happened to each."""
    outcomes: dict[int, str] = {}
    at, end = first, first + inputs
    while at < end:
        command = [sys.executable, "-m", __spec__.name, "--child", str(at), str(min(at + batch, end))]
        result = subprocess.run(command, capture_output=True, text=True)
        lines = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("[")]
        for n, what in lines:
            if what not in ("make", "ours", "theirs"):
                outcomes[n] = f"stopped: {what}" if what.startswith("memory") and _stops(n) else what
        if result.returncode == 0:
            at = min(at + batch, end)
            continue
        if not lines:
            raise RuntimeError(result.stderr)
        number, stage = lines[-1]
        outcomes[number] = _how_it_died(number, stage, result.returncode)
        at = number + 1
    return outcomes


def _how_it_died(number: int, stage: str, code: int) -> str:
    """Return the outcome of an input at which the child died; the reader's own deaths are shown to the probe."""
    how = "hung" if code == -signal.SIGPROF else f"died ({code})"
    if stage != "ours":
        return f"{'changed, another reader crashes' if stage == 'theirs' else 'not made'}: {how}"
    return f"{'stopped' if _stops(number) else 'crash'}: {how}"


def _stops(number: int) -> bool:
    """Return whether the process that meets a file first stops an input before a job reads it."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "input.h5ad"
        good = mutated(number, make_good_files(Path(name)), path)
        try:
            require_survivable(str(path), good.read, good.columns, "", good.flags, seconds=_PROBE_SECONDS)
        except StudyError:
            return True
    return False


def main() -> None:
    """Print how often each outcome came, and every forbidden one with the number of its input."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--child", nargs=2, type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(*options.child)
        return
    outcomes = run(options.first, options.inputs)
    print(json.dumps(collections.Counter(what.split(":")[0] for what in outcomes.values()), indent=2))
    found = {n: what for n, what in outcomes.items() if what.startswith(FORBIDDEN)}
    for number, what in found.items():
        print(number, what)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
