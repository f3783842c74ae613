"""What is looked at of a small study of `tests.unit.curve_toys`, for the statistics of causes."""

from dataclasses import asdict, replace

import scipy.sparse as sp

from rankstudy.measures.causes.looked_at import LookedAt
from rankstudy.spaces.steps import Steps
from tests.unit.curve_toys import asked_of

_GENES = "rankstudy.spaces.encodings.genes:FileGenes"


def encoding(**steps):
    """Return what a job has to know of an encoding of all genes of the file by these steps."""
    # the vectors themselves come from the steps
    function = "tests.unit.lattice_toys:nothing"
    return {"function": function, "genes": _GENES, "order": True, "vocabulary": "same", "steps": asdict(Steps(**steps))}


ENCODINGS = {
    "order": encoding(kept="order"),
    "cut": encoding(kept="order", first=12, ties="chance"),
    "bins": encoding(kept="bins", number=51, ties="chance"),
    "value": encoding(kept="value", total="all genes", logarithm="ln"),
}


def looked_at(of, counts=None, encodings=ENCODINGS, **changes):
    """Look at all cells of a study, or at other counts (cells x genes) in their place."""
    asked = asked_of(of, encodings, changes)
    whole, _ = asked.read()
    if counts is not None:
        whole.X = sp.csr_matrix(counts, dtype=whole.X.dtype)
        whole.obs["n_counts"] = counts.sum(axis=1)
    return LookedAt.of(replace(asked, counts=False), replace(asked, counts=False).material(whole))
