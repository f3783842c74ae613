"""The three files of a 10x matrix: which belong together. Free of numerical packages: Snakemake asks for them."""

from __future__ import annotations

import re
from pathlib import Path

from rankstudy.core.errors import StudyError, advise

_MATRIX = re.compile(r"(?P<prefix>.*)matrix\.mtx(\.gz)?$")


ROLES = ("features", "barcodes")


def companions(matrix: str) -> dict[str, str]:
    """Return the files of genes (`features`) and of `barcodes` beside `[prefix]matrix.mtx[.gz]`."""
    name = _MATRIX.match(Path(matrix).name)
    if name is None:
        problem = (
            f"{matrix}: is not named as a 10x matrix is (matrix.mtx, matrix.mtx.gz), by which the files beside "
            f"it are found"
        )
        raise StudyError(
            advise(problem, "rename it", "name those files too (`features` and `barcodes`, a source each)")
        )
    stem = str(Path(matrix).with_name(name["prefix"] + "x"))[:-1]
    return {"features": _existing(stem, ("features.tsv", "genes.tsv")), "barcodes": _existing(stem, ("barcodes.tsv",))}


def _existing(stem: str, names: tuple[str, ...]) -> str:
    candidates = [f"{stem}{name}{suffix}" for name in names for suffix in (".gz", "")]
    found = [path for path in candidates if Path(path).exists()]
    if len(found) > 1:
        problem = f"{' and '.join(found)}: only one can belong to the matrix"
        raise StudyError(advise(problem, "remove or rename the other"))
    return found[0] if found else candidates[0]  # a missing file is reported where it is needed
