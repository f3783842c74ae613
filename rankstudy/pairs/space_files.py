"""Files of spaces: vectors of cells and their metric, rows sorted by cell type; what blocks of pairs read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.errors import StudyError
from rankstudy.core.files import write_anndata
from rankstudy.core.identity import require_unique
from rankstudy.pairs.space import Layout, SpaceData, require_finite


def write_part(
    space: SpaceData, path: str, *, dimensions: Sequence[str], seed: int, made: Mapping[str, Any] | None = None
) -> None:
    """Write some cells of a space as h5ad: `X` vectors, `obs` cells by id, `var` dimensions, `uns["space"]` what it is.

    `made` says how the vectors were made, where there is more to say than the space's name does (`made_of`).
    """
    write_anndata(_as_anndata(space, dimensions, seed, made), path)


def write_space(
    space: SpaceData, path: str, *, dimensions: Sequence[str], seed: int, made: Mapping[str, Any] | None = None
) -> None:
    """Write a whole space, sorted by type, with what blocks need to know of all its cells (`SpaceFile`)."""
    data = _as_anndata(space, dimensions, seed, made)
    layout = space.layout
    data.uns["layout"] = {
        "types": np.array(layout.types),
        "labels": np.array(layout.labels),
        "offsets": layout.offsets,
        "digest": layout.digest,
        "radius": layout.radius,
        "density": layout.density,
        "provenance": hashlib.sha256("\n".join([str(seed), *dimensions]).encode()).hexdigest()[:16],
        **({} if layout.origin is None else {"origin": layout.origin}),
    }
    write_anndata(data, path)


def _as_anndata(space: SpaceData, dimensions: Sequence[str], seed: int, made: Mapping[str, Any] | None) -> ad.AnnData:
    # anndata makes categories of text only where a value occurs twice; blocks read the codes of the batches
    cells = space.cells.set_index("cell_id")[["cell_type", "slug", "batch"]].astype("category")
    data = ad.AnnData(space.vectors, obs=cells, var=pd.DataFrame(index=list(dimensions)))
    data.uns["space"] = {"name": space.name, "metric": space.metric, "seed": seed}
    data.uns["made"] = json.dumps(made or {}, sort_keys=True)
    return data


def read_space(path: str) -> SpaceData:
    """Read a space, or a part of one; raise StudyError if a cell id stands there twice or a vector is not finite."""
    data = ad.read_h5ad(path)
    if "space" not in data.uns:
        raise StudyError(f"{path}: is not a space: it has no name and metric")
    require_unique(data.obs_names.tolist(), f"{path}: cells")
    vectors = sp.csr_matrix(data.X) if sp.issparse(data.X) else np.asarray(data.X)
    require_finite(vectors, data.obs_names, path)
    about = data.uns["space"]
    return SpaceData(str(about["name"]), str(about["metric"]), vectors, cell_table(data))


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
            density=float(held["density"]),
            provenance=str(held["provenance"]),
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
        require_finite(vectors, self.names(begin, end), self.path)
        return vectors

    def names(self, begin: int, end: int) -> np.ndarray:
        """Return the ids of a range of cells."""
        return self._file["obs"][self._file["obs"].attrs["_index"]].asstr()[begin:end]

    def batches(self, begin: int, end: int) -> np.ndarray:
        """Return the batches of a range of cells as integers."""
        return self._file["obs"]["batch"]["codes"][begin:end].astype(np.int32)


def dimensions_of(path: str) -> list[str]:
    """Return the names of the dimensions (genes, components) of a file of a space."""
    with h5py.File(path, "r") as file:
        return [str(name) for name in ad.io.read_elem(file["var"]).index]


def made_of(path: str) -> dict[str, Any]:
    """Return what a file of a space says of how its vectors were made: for a model's embedding, the model."""
    with h5py.File(path, "r") as file:
        return json.loads(ad.io.read_elem(file["uns"]["made"]))


def cell_table(data: ad.AnnData) -> pd.DataFrame:
    """Return the cells of an AnnData object as a space holds them."""
    columns = {name: data.obs[name].astype(str).to_numpy() for name in ("cell_type", "slug", "batch")}
    return pd.DataFrame({"cell_id": data.obs_names.astype(str), **columns})
