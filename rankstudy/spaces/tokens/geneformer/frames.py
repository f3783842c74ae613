"""Where a cell's special tokens stand, and how a cell is cut to a shorter input."""

from __future__ import annotations

import numpy as np

from rankstudy.core.errors import StudyError, advise
from rankstudy.spaces.tokens.geneformer.versions import CLS, EOS, VERSIONS
from rankstudy.spaces.tokens.token_files import TokenisedCells


def require_form(cells: TokenisedCells, what: str) -> None:
    """Raise StudyError unless the tokens of each cell are between `<cls>` and `<eos>` where the version has them."""
    version, tokens = VERSIONS[cells.about["version"]], cells.tokens
    if not version.frames:
        return
    filled = cells.lengths > 0
    first, last = cells.offsets[:-1][filled], cells.offsets[1:][filled] - 1
    wrong = (tokens[first] != CLS) | (tokens[last] != EOS)
    if wrong.any():
        cells_lack = (
            f"{int(wrong.sum())} cells do not begin with <cls> and end with <eos>, which Geneformer "
            f"{version.name} needs"
        )
        problem = f"{what}: {cells_lack}: their first and last genes would be taken for special tokens"
        raise StudyError(advise(problem, "tokenise them again for this version"))


def fitted(cells: TokenisedCells, max_length: int) -> TokenisedCells:
    """Return the cells cut to a shorter longest input; `<eos>` stays at the end where the version has it."""
    lengths = np.minimum(cells.lengths, max_length)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    at = np.repeat(cells.offsets[:-1] - offsets[:-1], lengths) + np.arange(offsets[-1])
    tokens = cells.tokens[at]
    if VERSIONS[cells.about["version"]].frames:
        tokens[offsets[1:][lengths > 0] - 1] = EOS
    return TokenisedCells(cells.cells, tokens, offsets, cells.about)
