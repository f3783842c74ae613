"""The relations of cell types as the matrix that `rankstudy.pairs.engine.compare` takes.

Apart from the module that makes the table: blocks of pairs are not computed anew when that changes and the table does
not.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

from rankstudy.cells.tables import TYPE_RELATIONS
from rankstudy.core.errors import StudyError, advise
from rankstudy.core.tables import RELATIONS


def relation_matrix(path: str | os.PathLike, labels: Sequence[str]) -> np.ndarray:
    """Return the relations of some of the types of the table `type_relations`.

    Returns
    -------
    (types, types), integers: OWN, SIMILAR, OTHER or UNKNOWN, in the order of `labels`.

    Raises
    ------
    StudyError
        If the table lacks one of the types.
    """
    table = TYPE_RELATIONS.read(path, ["type_a", "type_b", "relation"])
    codes = {name: code for code, name in enumerate(RELATIONS)}
    held = {(row.type_a, row.type_b): codes[row.relation] for row in table.itertuples()}
    try:
        return np.array([[held[min(a, b), max(a, b)] for b in labels] for a in labels], np.int32)
    except KeyError as missing:
        problem = f"{path}: lacks the relation of the cell types {missing}"
        raise StudyError(advise(problem, "remove the file and run again")) from None
