"""RDS files: time and peak memory of this reader, of bare decompression and of its peers, in one run.

`measure` writes a Seurat object with R (12,000 cells x 33,538 genes, 3,000 values per cell, counts and data) and one
four times as large, and reads 500 cells of each of eight types out of each, every time in a fresh process. Times begin
after the imports.

R and its package must be there: apt-get install -y --no-install-recommends r-base-core r-cran-seuratobject. The peer
rds2py is not among the project's dependencies; without it its numbers are missing:

    python3 -m venv /tmp/rds2py && /tmp/rds2py/bin/pip install rds2py
    RDS2PY_PYTHON=/tmp/rds2py/bin/python PYTHONPATH=. .venv-test/bin/python benchmarks/readers/rds.py
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CELLS = 12_000
TYPES, CELLS_PER_TYPE = 8, 500
REPEATS = 3

_READ_BY_R = """
path <- commandArgs(TRUE)[1]; invisible(suppressMessages(library(SeuratObject)))
seconds <- system.time(object <- readRDS(path))[["elapsed"]]
peak <- sub("[^0-9]*([0-9]+).*", "\\\\1", grep("VmHWM", readLines("/proc/self/status"), value = TRUE))
cat(sprintf('{"seconds": %f, "peak_bytes": %.0f, "sum": %.1f}', seconds, 1024 * as.numeric(peak),
            sum(object@assays$RNA@counts)))
"""
_READ_BY_RDS2PY = """
import json, sys, time
import rds2py
begin = time.perf_counter()
rds2py.parse_rds(sys.argv[1])
seconds = time.perf_counter() - begin
peak = next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"seconds": seconds, "peak_bytes": peak}))
"""


def part_unpack(path: str) -> dict:
    """Unpack the file and drop what comes out."""
    import time

    from isal import igzip_lib

    begin, unpacked = time.perf_counter(), 0
    decompressor = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    with open(path, "rb") as file:
        while not decompressor.eof:
            packed = file.read(1 << 17) if decompressor.needs_input else b""
            unpacked += len(decompressor.decompress(packed, 1 << 18))
    return {"seconds": time.perf_counter() - begin, "unpacked_bytes": unpacked}


def part_ours(path: str) -> dict:
    """Open the file, read the labels, and read 500 cells of each of eight types."""
    import time

    import numpy as np

    from rankstudy.sources.readers import open_source

    begin = time.perf_counter()
    source = open_source(path, {"format": "rds"})
    opened = time.perf_counter()
    labels = source.labels(["cell_type"])["cell_type"].to_numpy()
    types = [f"type{number}" for number in range(TYPES)]
    rows = np.sort(np.concatenate([np.flatnonzero(labels == name)[:CELLS_PER_TYPE] for name in types]))
    chosen = time.perf_counter()
    values = source.read(rows)
    end = time.perf_counter()
    assert values.shape == (TYPES * CELLS_PER_TYPE, 33_538) and values.nnz == 3000 * len(rows)
    return {
        "seconds": end - begin,
        "open_seconds": opened - begin,
        "labels_seconds": chosen - opened,
        "read_seconds": end - chosen,
        "peak_bytes": peak_bytes(),
    }


def part_stream(path: str) -> dict:
    """Open the file and go through all its values."""
    import time

    from rankstudy.sources.readers import open_source

    begin = time.perf_counter()
    total = sum(float(chunk.values.data.sum()) for chunk in open_source(path, {"format": "rds"}).stream())
    return {"seconds": time.perf_counter() - begin, "peak_bytes": peak_bytes(), "sum": total}


def peak_bytes() -> int:
    """Return the largest memory of this process since it was started."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) * 1024


def child(command: list[str]) -> dict:
    """Run a process and return what it measured: the JSON of its last line."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def own(part: str, path: Path) -> dict:
    """Run a part of this file in a process of its own."""
    return child([sys.executable, __file__, "--part", part, str(path)])


def fastest(results: list[dict]) -> dict:
    """Return the result with the shortest time, with the largest peak of all."""
    best = min(results, key=lambda result: result["seconds"])
    peaks = [result["peak_bytes"] for result in results if "peak_bytes" in result]
    return {**best, **({"peak_bytes": max(peaks)} if peaks else {})}


def rds2py(path: Path) -> dict | None:
    """Read the file with rds2py, or return None, with a line that says so, where it is missing."""
    python = os.environ.get("RDS2PY_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import rds2py"], stderr=subprocess.DEVNULL).returncode:
        print("rds2py is missing: its numbers are left out (see benchmarks/readers/rds.py)", file=sys.stderr)
        return None
    return child([python, "-c", _READ_BY_RDS2PY, str(path)])


def measure(folder: Path) -> dict:
    """Write the files into a folder (about 1.2 GB), measure everything, and return numbers by name.

    `rds_floor_ratio` is opening, labels and reading over unpacking the whole file once with isal.
    """
    path, large = folder / "seurat.rds", folder / "seurat_4x.rds"
    for cells, level, target in ((CELLS, 6, path), (4 * CELLS, 1, large)):
        subprocess.run(["Rscript", str(HERE / "seurat.R"), str(cells), str(level), str(target)], check=True)
    rounds = [(own("unpack", path), own("ours", path)) for _ in range(REPEATS)]
    floor, ours = (fastest(list(results)) for results in zip(*rounds, strict=True))
    streamed, by_r, peer = own("stream", path), child(["Rscript", "-e", _READ_BY_R, str(path)]), rds2py(path)
    if abs(streamed["sum"] - by_r["sum"]) > 1:
        raise RuntimeError(f"R reads another sum of counts: {by_r['sum']} and not {streamed['sum']}")
    large_floor, large_ours, large_streamed = (own(part, large) for part in ("unpack", "ours", "stream"))
    return {
        "rds_bytes": path.stat().st_size,
        "rds_unpacked_bytes": floor["unpacked_bytes"],
        "rds_floor_seconds": floor["seconds"],
        "rds_open_seconds": ours["open_seconds"],
        "rds_labels_seconds": ours["labels_seconds"],
        "rds_read_seconds": ours["read_seconds"],
        "rds_floor_ratio": ours["seconds"] / floor["seconds"],
        "rds_stream_floor_ratio": streamed["seconds"] / floor["seconds"],
        "rds_peak_bytes": ours["peak_bytes"],
        "rds_stream_peak_bytes": streamed["peak_bytes"],
        "rds_floor_ratio_4x": large_ours["seconds"] / large_floor["seconds"],
        "rds_peak_bytes_4x": large_ours["peak_bytes"],
        "rds_stream_peak_bytes_4x": large_streamed["peak_bytes"],
        "rds_r_floor_ratio": by_r["seconds"] / floor["seconds"],
        "rds_r_peak_bytes": by_r["peak_bytes"],
        "rds_rds2py_floor_ratio": peer and peer["seconds"] / floor["seconds"],
        "rds_rds2py_peak_bytes": peer and peer["peak_bytes"],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", nargs=2, help="one part in a process of its own (used by this file)")
    chosen = parser.parse_args().part
    if chosen:
        print(json.dumps(globals()[f"part_{chosen[0]}"](chosen[1])))
    else:
        with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as name:
            print(json.dumps(measure(Path(name)), indent=2))
