"""Ensembl ids of genes: how they are written, and what is left of one without its version."""

from __future__ import annotations

import re
from collections.abc import Sequence

# ENSGR: ids of the pseudoautosomal genes of Y in old releases, of which V1 of Geneformer has tokens
ENSEMBL_ID = re.compile(r"(ENS[A-Z]*G(?:\d{11}|R\d{10}))(\.\d+)?(_PAR_Y)?")


def without_versions(names: Sequence[str]) -> list[str]:
    """Return names of genes, Ensembl ids without versions: ENSG00000182378.14_PAR_Y -> ENSG00000182378_PAR_Y."""
    matches = map(ENSEMBL_ID.fullmatch, names)
    return [f"{m[1]}{m[3] or ''}" if m else name for name, m in zip(names, matches, strict=True)]
