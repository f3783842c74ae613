"""Small cells in which causes are looked for."""

import numpy as np

from rankstudy.core.threads import limited_threads
from rankstudy.measures.causes.depth import score_depths, treatments_of
from rankstudy.measures.causes.looked_at import LookedAt
from tests.unit.curve_toys import asked_of
from tests.unit.lattice_toys import ENCODINGS

DEPTHS = (0.5, 0.25)


def looked_at(of, **changes):
    """Return the cells of a study of `tests.unit.curve_toys`, all of them, and their encodings."""
    asked = asked_of(of, changes.pop("encodings", ENCODINGS), changes)
    whole, _ = asked.read()
    return LookedAt.of(asked, asked.material(whole))


def scored(looked, depths=DEPTHS):
    """Return the statistics at every depth, by encoding, measure, name of the treatment, share kept, and statistic."""
    with limited_threads(1):
        found, defined = score_depths(looked, treatments_of(looked.material, depths))
    assert defined.all()
    return {(at.space, at.measure, at.treatment.name, at.treatment.keep, at.statistic): of for at, of in found.items()}


def value(drawn):
    """Return the mean over draws."""
    return float(np.mean(drawn.estimates))
