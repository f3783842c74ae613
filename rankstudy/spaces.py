"""Space files: vectors of cells and their metric, rows sorted by cell type; what everything after them reads."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.errors import StudyError
from rankstudy.genes import ANALYSED_CELLS, selected_names
from rankstudy.identity import positions_of, require_unique
from rankstudy.pairs.space import Layout, SpaceData
from rankstudy.progress import progress
from rankstudy.shards import read_counts, write_anndata

log = logging.getLogger(__name__)


def encode_shards(
    shards: Sequence[str],
    genes_in: str,
    cells_in: str,
    *,
    space: str,
    metric: str,
    function: str,
    seed: int,
    output: str,
) -> None:
    """Encode shards one after the other and write their vectors as one file.

    Parameters
    ----------
    shards
        Raw counts, one file per cell type.
    genes_in, cells_in
        The tables `genes` and `analysed_cells` of the replicate.
    space, metric
        Name and metric of the space.
    function
        `module:function` of the encoding.
    seed
        The replicate's seed, recorded in the file.
    output
        h5ad, readable by `read_space`.
    """
    encode = _resolve(function)
    names = selected_names(genes_in)
    analysed = ANALYSED_CELLS.read(cells_in)
    used = set(analysed.loc[analysed["used"], "cell_id"])
    vectors, cells = [], []
    for path in progress(shards, len(shards), "shards"):
        shard = read_counts(path)
        shard = shard[[cell in used for cell in shard.obs_names]]
        at = positions_of(names, shard.var_names.tolist(), f"{path}: genes")
        vectors.append(encode(sp.csr_matrix(shard.X)[:, at], shard.obs["n_counts"].to_numpy()))
        cells.append(_cell_table(shard))
    stacked = sp.vstack(vectors, format="csr") if sp.issparse(vectors[0]) else np.vstack(vectors)
    write_part(SpaceData(space, metric, stacked, pd.concat(cells)), output, dimensions=names, seed=seed)


def gather_space(parts: Sequence[str], cells_in: str, *, seed: int, output: str) -> None:
    """Join the encoded parts of a space into one file with exactly the analysed cells, sorted by type and cell id."""
    spaces = [read_space(path) for path in parts]
    first = spaces[0]
    cells = pd.concat([space.cells for space in spaces], ignore_index=True)
    analysed = ANALYSED_CELLS.read(cells_in)
    wanted = analysed[analysed["used"]].sort_values(["slug", "cell_id"])
    if len(wanted) != len(cells):
        raise StudyError(f"space {first.name}: {len(wanted)} cells are to be compared, its parts hold {len(cells)}")
    at = positions_of(wanted["cell_id"].tolist(), cells["cell_id"].tolist(), f"space {first.name}")
    dimensions = _dimensions(parts[0])
    if any(_dimensions(path) != dimensions for path in parts[1:]):
        raise StudyError(f"space {first.name}: its parts have other dimensions, or the same in another order")
    sparse = sp.issparse(first.vectors)
    vectors = sp.vstack([s.vectors for s in spaces], format="csr") if sparse else np.vstack([s.vectors for s in spaces])
    write_space(
        SpaceData(first.name, first.metric, vectors[at], cells.iloc[at]),
        output,
        dimensions=dimensions,
        seed=seed,
    )


def fit_space(
    parent_in: str, *, space: str, metric: str, function: str, options: dict[str, Any], seed: int, output: str
) -> None:
    """Fit a space on the vectors of another one and write it; cells and their order are those of the parent."""
    parent = read_space(parent_in)
    vectors = np.asarray(_resolve(function)(parent.vectors, seed=seed, **options), np.float32)
    if vectors.shape[0] != len(parent.cells) or not np.isfinite(vectors).all():
        raise StudyError(
            f"space {space}: the fit on {len(parent.cells)} cells gave an array of shape {vectors.shape}, or values that are not finite"
        )
    names = [f"{space}-{i + 1}" for i in range(vectors.shape[1])]
    write_space(SpaceData(space, metric, vectors, parent.cells), output, dimensions=names, seed=seed)


def write_part(space: SpaceData, path: str, *, dimensions: Sequence[str], seed: int) -> None:
    """Write some cells of a space as h5ad: `X` vectors, `obs` cells by id, `var` dimensions, `uns["space"]` what it is."""
    write_anndata(_as_anndata(space, dimensions, seed), path)


def write_space(space: SpaceData, path: str, *, dimensions: Sequence[str], seed: int) -> None:
    """Write a whole space, sorted by type, with what blocks need to know of all its cells (`SpaceFile`)."""
    data = _as_anndata(space, dimensions, seed)
    layout = space.layout
    data.uns["layout"] = {
        "types": np.array(layout.types),
        "labels": np.array(layout.labels),
        "offsets": layout.offsets,
        "digest": layout.digest,
        "radius": layout.radius,
        **({} if layout.origin is None else {"origin": layout.origin}),
    }
    write_anndata(data, path)


def _as_anndata(space: SpaceData, dimensions: Sequence[str], seed: int) -> ad.AnnData:
    cells = space.cells.set_index("cell_id")[["cell_type", "slug", "batch"]]
    data = ad.AnnData(space.vectors, obs=cells, var=pd.DataFrame(index=list(dimensions)))
    data.uns["space"] = {"name": space.name, "metric": space.metric, "seed": seed}
    return data


def read_space(path: str) -> SpaceData:
    """Read a space, or a part of one; raise StudyError if a cell id stands there twice or a vector is not finite."""
    data = ad.read_h5ad(path)
    if "space" not in data.uns:
        raise StudyError(f"{path}: is not a space: it has no name and metric")
    require_unique(data.obs_names.tolist(), f"{path}: cells")
    vectors = sp.csr_matrix(data.X) if sp.issparse(data.X) else np.asarray(data.X)
    _require_finite(vectors, path)
    about = data.uns["space"]
    return SpaceData(str(about["name"]), str(about["metric"]), vectors, _cell_table(data))


class SpaceFile:
    """A space that `write_space` wrote, read by ranges of cells: memory does not grow with the number of cells."""

    def __init__(self, path: str):
        self.path = path
        self._file = h5py.File(path, "r")
        if "layout" not in self._file["uns"]:
            raise StudyError(f"{path}: is not a whole space; gather its parts first")
        matrix = self._file["X"]
        self._dense = isinstance(matrix, h5py.Dataset)
        if not self._dense:
            self._indptr, self._shape = matrix["indptr"], tuple(matrix.attrs["shape"])

    @cached_property
    def layout(self) -> Layout:
        """What is known of all cells."""
        about, held = (ad.io.read_elem(self._file["uns"][name]) for name in ("space", "layout"))
        return Layout(
            name=str(about["name"]),
            metric=str(about["metric"]),
            dimensions=int(self._file["X"].shape[1] if self._dense else self._shape[1]),
            types=tuple(map(str, held["types"])),
            labels=tuple(map(str, held["labels"])),
            offsets=np.asarray(held["offsets"], np.int64),
            digest=str(held["digest"]),
            origin=np.asarray(held["origin"], np.float64) if "origin" in held else None,
            radius=float(held["radius"]),
        )

    def read(self, begin: int, end: int) -> sp.csr_matrix | np.ndarray:
        """Return the vectors of a range of cells; raise StudyError if one is not finite."""
        matrix = self._file["X"]
        if self._dense:
            vectors = matrix[begin:end]
        else:
            indptr = self._indptr[begin : end + 1].astype(np.int64)
            stored = slice(int(indptr[0]), int(indptr[-1]))
            parts = (matrix["data"][stored], matrix["indices"][stored], indptr - indptr[0])
            vectors = sp.csr_matrix(parts, shape=(end - begin, self._shape[1]))
        _require_finite(vectors, self.path)
        return vectors

    def names(self, begin: int, end: int) -> np.ndarray:
        """Return the ids of a range of cells."""
        return self._file["obs"][self._file["obs"].attrs["_index"]].asstr()[begin:end]

    def batches(self, begin: int, end: int) -> np.ndarray:
        """Return the batches of a range of cells as integers."""
        return self._file["obs"]["batch"]["codes"][begin:end].astype(np.int32)


def _require_finite(vectors: sp.csr_matrix | np.ndarray, path: str) -> None:
    if not np.isfinite(vectors.data if sp.issparse(vectors) else vectors).all():
        raise StudyError(f"{path}: holds values that are not finite")


def _dimensions(path: str) -> list[str]:
    with h5py.File(path, "r") as file:
        return [str(name) for name in ad.io.read_elem(file["var"]).index]


def _cell_table(data: ad.AnnData) -> pd.DataFrame:
    columns = {name: data.obs[name].astype(str).to_numpy() for name in ("cell_type", "slug", "batch")}
    return pd.DataFrame({"cell_id": data.obs_names.astype(str), **columns})


def _resolve(function: str):
    module, name = function.split(":")
    return getattr(importlib.import_module(module), name)
