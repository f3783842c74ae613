"""Damaged RDS files by the thousand: each must give an error that says so, or correct data; never anything else.

    PYTHONPATH=. .venv-test/bin/python tests/fuzz/rds.py --inputs 100000

The files of tests/fixtures/rds are changed: as they are, or unpacked (and then left plain or packed again). What is in
a packed file is under a checksum, so it must come out equal or be refused; changes of unpacked bytes can give other
values, which must still fit together. Each input has a limit of processor time and the process one of memory. Prints
counts as JSON; exits with 1 and keeps the input if something else happened.
"""

from __future__ import annotations

import argparse
import bz2
import faulthandler
import gzip
import hashlib
import json
import lzma
import random
import resource
import signal
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

import numpy as np

from rankstudy.core.errors import StudyError
from rankstudy.sources.readers import open_source

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "rds"
MEMORY = 256 << 20
SECONDS = 5.0
LENGTHS = [0, 1, 2, 3, 7, 255, 65_536, 2**24, 2**30, 2**31 - 1, 2**31, 2**32 - 1, 2**32 - 2]
UNPACK = {b"\x1f\x8b": gzip.decompress, b"BZ": bz2.decompress, b"\xfd7": lzma.decompress}
PACK = [
    lambda data: data,
    lambda data: gzip.compress(data, 1),
    bz2.compress,
    lambda data: lzma.compress(data, preset=0),
]


class Wrong(Exception):
    """Data came out that the input cannot have meant."""


def unpacked(data: bytes) -> bytes:
    """Return the serialisation in a file."""
    return UNPACK.get(data[:2], lambda plain: plain)(data)


def changed(data: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """Return the bytes with one to three changes of random kinds."""
    found = bytearray(data)
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        if not found:
            break
        at = chance.randrange(len(found))
        kind = chance.randrange(8)
        if kind == 0:
            found[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            found[at] = chance.randrange(256)
        elif kind == 2:
            del found[at:]
        elif kind in (3, 4):  # a field of four bytes, such as a length or the flags of an object
            found[at : at + 4] = chance.choice(LENGTHS).to_bytes(4, "big")
        elif kind == 5:
            del found[at : at + chance.randrange(1, 40)]
        elif kind == 6:
            end = at + chance.randrange(1, 200)
            found[at:at] = found[at:end] * chance.choice([1, 1, 2, 50])
        else:
            other = chance.choice(others)
            begin = chance.randrange(len(other))
            found[at : at + chance.randrange(100)] = other[begin : begin + chance.randrange(1, 100)]
    return bytes(found)


def digest(path: Path) -> str:
    """Use everything that a source offers, check that it fits together, and return a digest of it."""
    source = open_source(str(path), {"format": "rds"})
    seen = hashlib.sha256(repr((source.cell_names, source.gene_names)).encode())
    n_cells, n_genes, cells = len(source.cell_names), len(source.gene_names), 0
    for names in (source.cell_names, source.gene_names):
        if len(set(names)) != len(names) or not all(isinstance(name, str) for name in names):
            raise Wrong("names that are none, or are not unique")
    for chunk in source.stream():
        cells += _check(chunk.values, n_genes)
        seen.update(chunk.values.toarray().tobytes())
    if cells != n_cells:
        raise Wrong(f"{cells} cells streamed, {n_cells} names")
    rows = np.arange(0, n_cells, 2)
    values = source.read(rows)
    if _check(values, n_genes) != len(rows):
        raise Wrong("rows are missing")
    seen.update(values.toarray().tobytes())
    seen.update(_labels(source).encode())
    return seen.hexdigest()


def _check(values, n_genes: int) -> int:
    values.check_format(full_check=True)
    if values.shape[1] != n_genes or not values.has_sorted_indices or values.nnz > values.shape[0] * n_genes:
        raise Wrong("a matrix that does not fit")
    return values.shape[0]


def _labels(source) -> str:
    """Return all labels and flags as text; a column that is refused is told by the error."""
    parts = []
    for column in ("kind", "subject", "place", "score", "passed", "order", "sequence", "written", "decimal"):
        try:
            labels = source.labels([column])
        except StudyError as error:
            parts.append(f"{column}: {type(error).__name__}")
        else:
            if len(labels) != len(source.cell_names):
                raise Wrong("labels of another number of cells")
            parts.append(labels.to_json())
    try:
        parts.append(repr(source.gene_flags("flag").tolist()))
    except StudyError:
        parts.append("no flags")
    return "\n".join(parts)


def limit_memory() -> None:
    """Let the process have little more memory than it has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def too_long(*_: object) -> None:
    """End an input that takes too long."""
    raise TimeoutError(f"took more than {SECONDS} s of the processor")


def main() -> None:
    """Make inputs, read them, and count what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--keep", type=Path, default=Path(tempfile.gettempdir()), help="folder for inputs that went wrong"
    )
    options = parser.parse_args()
    faulthandler.enable()
    chance, counts = random.Random(options.seed), Counter()
    files = {path.name: path.read_bytes() for path in sorted(FIXTURES.glob("*.rds"))}
    plain = {name: unpacked(data) for name, data in files.items()}
    good = [name for name in files if not name.startswith("refused")]
    expected = {name: digest(FIXTURES / name) for name in good}
    limit_memory()
    signal.signal(signal.SIGPROF, too_long)  # of this process: a busy machine is no finding
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input.rds"
        for number in range(options.inputs):
            name = chance.choice(good)
            whole = files[name] != plain[name] and chance.random() < 0.3
            if whole:
                data = changed(files[name], chance, list(files.values()))
            else:
                data = chance.choice(PACK)(changed(plain[name], chance, list(plain.values())))
            path.write_bytes(data)
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            try:
                found = digest(path)
                if whole and found != expected[name] and data[:2] == files[name][:2]:
                    raise Wrong("other data from a file with a checksum")
                counts["equal" if found == expected[name] else "other values that fit together"] += 1
            except StudyError as error:
                counts["refused as damaged" if "damaged" in str(error) else "refused"] += 1
            except BaseException:  # noqa: BLE001 (whatever it is, it is a finding)
                counts["wrong"] += 1
                kept = options.keep / f"rds_fuzz_{options.seed}_{number}.rds"
                kept.write_bytes(data)
                traceback.print_exc()
                print(f"input {number}, from {name}, kept as {kept}", file=sys.stderr)
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
    print(json.dumps({"inputs": options.inputs, "seed": options.seed, **counts}))
    sys.exit(bool(counts["wrong"]))


if __name__ == "__main__":
    main()
