"""Remedies of what is refused of a space that is made by hand, as in a notebook."""

import numpy as np
import pandas as pd

from rankstudy.pairs import SpaceData, compare
from tests.unit.advice_toy import calling, change

IDS = ["a", "b", "c"]
REVERSED = pd.Series(["x", "y", "y"], index=IDS[::-1])


def of(folder, kept=slice(None), **labels):
    """Make a space of those of the cells that are kept."""
    SpaceData.of(np.eye(3)[kept], ids=IDS[kept], **{what: list(found)[kept] for what, found in labels.items()})


def of_series(folder, types):
    SpaceData.of(np.eye(3), ids=IDS, types=types)


def compared(folder, names):
    compare([SpaceData.of(np.eye(3), ids=IDS, types=["x", "y", "y"], name=name) for name in names])


MEETS = [
    (
        calling(compared, names=["space", "space"]),
        {"pairs.tiles: give each a `name` of its own": change(names=["one", "two"])},
    ),
    (
        calling(of, types=["x", "y", None]),
        {
            "space: leave these cells out": change(kept=slice(2)),
            "space: give them one": change(types=["x", "y", "y"]),
        },
    ),
    (calling(of_series, types=REVERSED), {"space: take them by id, with .loc[ids]": change(types=REVERSED.loc[IDS])}),
]
