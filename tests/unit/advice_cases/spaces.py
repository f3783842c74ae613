"""Remedies of what is refused of spaces that are made by hand, as in a notebook, and of their pairs."""

from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.cells.treatments.one_gene import multiply_gene
from rankstudy.cells.treatments.thin import thin
from rankstudy.measures.uncertainty.resampling import strata_of
from rankstudy.pairs.engine import SpaceData, compare
from rankstudy.pairs.space_files import read_space, write_space, write_view
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


def joint(folder, joint):
    compare([SpaceData.of(np.eye(3), ids=IDS, types=["x", "y", "y"], name="rank")], joint=joint)


def joint_of_those_said(call, said):
    names = said.rpartition(": ")[2].split(", ")
    call.keywords["joint"] = [(names[0], names[-1])]


def compared_type(folder, cells_per_type):
    ids = np.arange(cells_per_type).astype(str)
    compare(
        [
            SpaceData.of(
                np.arange(cells_per_type, dtype=float)[:, None],
                ids=ids,
                types=["x"] * cells_per_type,
                metric="euclidean",
            )
        ]
    )


def per_cell(folder, neighbours=0, cutoffs=0):
    """Read of the pairs what they hold per cell."""
    result = compare([SpaceData.of(np.eye(3), ids=IDS, types=["x", "y", "y"])], neighbours=neighbours, cutoffs=cutoffs)
    result.require_neighbours([2])
    result.require_cutoffs()


def strata(folder, batches, kept=slice(None)):
    strata_of(np.array([0, 1, 1])[kept], np.array(batches)[kept])


def centred(folder, metric="euclidean", **centred):
    SpaceData.of(np.eye(3), ids=IDS, types=["x", "y", "y"], metric=metric, **centred)


def view(folder, gone):
    """Read a view; its parent is written, or goes."""
    parent, path = folder / "parent.h5ad", folder / "view.h5ad"
    if not path.exists():
        parent_of = SpaceData.of(np.eye(3), ids=IDS, types=["x", "y", "y"])
        write_space(parent_of, parent, dimensions=list("xyz"), seed=0)
        write_view(str(parent), str(path), name="view", metric="cosine", centred=True)
    if gone and parent.exists():
        parent.rename(folder / "kept.h5ad")
    read_space(str(path))


def put_back(call, said):
    call.keywords["gone"] = False
    Path("kept.h5ad").rename("parent.h5ad")


def remove_this_one(call, said):
    call.keywords["gone"] = False
    Path("view.h5ad").unlink()


def thinned(folder, counts):
    thin(sp.csr_matrix(counts), IDS, IDS, keep=0.5, seed=0)


def doubled(folder, gene):
    multiply_gene(sp.csr_matrix(np.eye(3)), IDS, IDS, gene=gene, factor=2)


MEETS = [
    (calling(thinned, counts=np.eye(3) / 3), {"cells.treatments.molecules: give raw counts": change(counts=np.eye(3))}),
    (calling(doubled, gene="A"), {"cells.treatments.one_gene: name it as the file does": change(gene="a")}),
    (
        calling(centred, centred=True),
        {
            "pairs.likeness.measures: leave out `centred`": lambda call, said: call.keywords.pop("centred"),
            "pairs.likeness.measures: choose the metric `cosine` or `correlation`": change(metric="cosine"),
        },
    ),
    (
        calling(view, gone=True),
        {
            "pairs.space_files: put that file back": put_back,
            "pairs.space_files: remove this one and run again": remove_this_one,
        },
    ),
    (
        calling(per_cell, cutoffs=10),
        {
            "pairs.engine.result: compare them with `…=…`": lambda call, said: call.keywords.update(
                neighbours=int(said[-2])
            )
        },
    ),
    (
        calling(per_cell, neighbours=2),
        {"pairs.engine.result: compare them with `cutoffs`, such as 100": change(cutoffs=100)},
    ),
    (
        calling(strata, batches=[0, 1, -1]),
        {
            "measures.uncertainty.units: leave these cells out": change(kept=slice(2)),
            "measures.uncertainty.units: give them one": change(batches=[0, 1, 1]),
        },
    ),
    (
        calling(compared, names=["space", "space"]),
        {"pairs.engine.tiles: give each a `name` of its own": change(names=["one", "two"])},
    ),
    (
        calling(joint, joint=[("rank", "rnk")]),
        {"pairs.engine.tiles: name spaces that are compared: …": joint_of_those_said},
    ),
    (
        calling(compared_type, cells_per_type=33_000),
        {"pairs.engine.tiles: lower `selection.cells_per_type`": change(cells_per_type=100)},
    ),
    (
        calling(of, types=["x", "y", None]),
        {
            "pairs.space: leave these cells out": change(kept=slice(2)),
            "pairs.space: give them one": change(types=["x", "y", "y"]),
        },
    ),
    (
        calling(of_series, types=REVERSED),
        {"pairs.space: take them by id, with .loc[ids]": change(types=REVERSED.loc[IDS])},
    ),
]
