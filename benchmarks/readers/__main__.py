"""Readers of large files beside their peers, in one run: `make bench-readers` prints a table and writes readers.json.

A module of this folder that has a function `measure(folder: Path) -> dict` takes part. What is quoted are ratios
measured in the same run; above 1 means faster than the peer.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
READERS = ("rds", "h5ad")


def main() -> None:
    """Measure every reader that is there, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("readers", nargs="*", choices=[*READERS, []], help="only these; their numbers are replaced")
    chosen = parser.parse_args().readers or READERS
    output = HERE.parent / "readers.json"
    results = json.loads(output.read_text(encoding="utf-8")) if output.exists() else {}
    for name in chosen:
        if importlib.util.find_spec(f"benchmarks.readers.{name}") is None:
            print(f"{name}: there is no benchmarks/readers/{name}.py", file=sys.stderr)
            continue
        measure = importlib.import_module(f"benchmarks.readers.{name}").measure
        with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
            found = measure(Path(folder))
        results = {key: value for key, value in results.items() if not key.startswith(f"{name}_")} | found
        for key, value in found.items():
            print(f"{key:28} {_shown(value)}", flush=True)
    results["machine"] = {"cores": os.cpu_count(), "python": sys.version.split()[0]}
    output.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def _shown(value: float | int | None) -> str:
    """Return a number as text; a peer that is not installed has none."""
    if value is None:
        return "not measured"
    return format(value, ".4g" if isinstance(value, float) else ",")


if __name__ == "__main__":
    main()
