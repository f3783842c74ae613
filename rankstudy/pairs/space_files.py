"""Files of spaces: vectors of cells and their metric, rows sorted by cell type; what blocks of pairs read."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.errors import StudyError, advise
from rankstudy.core.files import atomic, write_anndata
from rankstudy.core.identity import require_unique
from rankstudy.pairs.likeness.measures import Measure
from rankstudy.pairs.space import Layout, SpaceData, require_finite

_CELLS_AT_ONCE = 1024
# what a view has of its parent
_LINKED = ("X", "obs", "var", "uns/layout", "uns/made")


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
        "mean_cell": layout.mean_cell,
        "ranges": {_key(measure): np.array(limits) for measure, limits in space.ranges.items()},
        "density": layout.density,
        "provenance": hashlib.sha256("\n".join([str(seed), *dimensions]).encode()).hexdigest()[:16],
    }
    write_anndata(data, path)


def _as_anndata(space: SpaceData, dimensions: Sequence[str], seed: int, made: Mapping[str, Any] | None) -> ad.AnnData:
    # anndata makes categories of text only where a value occurs twice; blocks read the codes of the batches
    cells = space.cells.set_index("cell_id")[["cell_type", "slug", "batch"]].astype("category")
    data = ad.AnnData(space.vectors, obs=cells, var=pd.DataFrame(index=list(dimensions)))
    data.uns["space"] = _about(space.name, space.metric, space.centred, seed)
    data.uns["made"] = json.dumps(made or {}, sort_keys=True)
    return data


def _key(measure: Measure) -> str:
    return f"{measure.metric}, centred" if measure.centred else measure.metric


def _about(name: str, metric: str, centred: bool, seed: int) -> dict[str, Any]:
    return {"name": name, "metric": metric, "centred": centred, "seed": seed}


def write_view(parent_path: str, path: str, *, name: str, metric: str, centred: bool) -> None:
    """Write a space that has the vectors and cells of another one, by a measure of its own.

    The file is small: vectors, cells and dimensions are HDF5 external links to the parent's file, relative to its own
    folder, so that all spaces of one encoding share one file. It is read as any other space is.

    Parameters
    ----------
    parent_path
        File of a whole space.
    path
        Where the view goes.
    name, metric, centred
        Name and metric of the view, and whether the mean cell is subtracted before the similarity is taken.

    Raises
    ------
    StudyError
        If there is no such measure, or the parent is not a whole space.
    """
    Measure(metric, centred).require(name)
    with _open(parent_path) as parent:
        _require_whole(parent, parent_path)
        seed, held_in = int(parent["uns/space/seed"][()]), parent["X"].file.filename
    target = os.path.relpath(held_in, os.path.dirname(path) or ".")
    with atomic(path) as temporary, h5py.File(temporary, "w") as file:
        file.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
        ad.io.write_elem(file, "uns", {"space": _about(name, metric, centred, seed)})
        for linked in _LINKED:
            file[linked] = h5py.ExternalLink(target, linked)


def read_space(path: str) -> SpaceData:
    """Read the vectors of a space or of a part of one; those of a centred whole space, dense, less the mean cell.

    Raises
    ------
    StudyError
        If a cell id stands there twice, a vector is not finite, or the file holds no space or one without vectors.
    """
    _open(path).close()
    data = ad.read_h5ad(path)
    if "space" not in data.uns:
        raise StudyError(f"{path}: is not a space: it has no name and metric")
    require_unique(data.obs_names.tolist(), f"{path}: cells")
    vectors = sp.csr_matrix(data.X) if sp.issparse(data.X) else np.asarray(data.X)
    require_finite(vectors, data.obs_names, path)
    about, centred = data.uns["space"], bool(data.uns["space"]["centred"])
    if centred and "layout" in data.uns:
        vectors, centred = _less(vectors, np.asarray(data.uns["layout"]["mean_cell"], np.float64)), False
    return SpaceData(str(about["name"]), str(about["metric"]), vectors, cell_table(data), centred)


def _less(vectors: sp.csr_matrix | np.ndarray, mean_cell: np.ndarray) -> np.ndarray:
    """Return vectors less the mean cell as dense float32, rounded once."""
    less = np.empty(vectors.shape, np.float32)
    for begin in range(0, len(less), _CELLS_AT_ONCE):
        rows = vectors[begin : begin + _CELLS_AT_ONCE]
        less[begin : begin + _CELLS_AT_ONCE] = (rows.toarray() if sp.issparse(rows) else rows) - mean_cell
    return less


def _open(path: str) -> h5py.File:
    """Open a file of a space; raise StudyError if it is a view of a space that is not there."""
    file = h5py.File(path, "r")
    link = file.get("X", getlink=True)
    if isinstance(link, h5py.ExternalLink):
        try:
            file["X"]
        except KeyError:
            file.close()
            parent = os.path.normpath(os.path.join(os.path.dirname(path), link.filename))
            problem = f"{path}: its vectors are in {parent}, which is not there"
            raise StudyError(advise(problem, "put that file back", "remove this one and run again")) from None
    return file


def _require_whole(file: h5py.File, path: str) -> None:
    if "layout" not in file["uns"]:
        raise StudyError(f"{path}: is not a whole space; gather its parts first")


class SpaceFile:
    """A space that `write_space` wrote, read by ranges of cells: memory does not grow with the number of cells."""

    def __init__(self, path: str):
        self.path = path
        self._file = _open(path)
        _require_whole(self._file, path)
        matrix = self._file["X"]
        self._dense = isinstance(matrix, h5py.Dataset)
        if not self._dense:
            self._indptr, self._shape = matrix["indptr"], tuple(matrix.attrs["shape"])

    @cached_property
    def layout(self) -> Layout:
        """What is known of all cells."""
        about, held = (ad.io.read_elem(self._file["uns"][name]) for name in ("space", "layout"))
        measure = Measure(str(about["metric"]), bool(about["centred"]))
        return Layout(
            name=str(about["name"]),
            metric=measure.metric,
            dimensions=int(self._file["X"].shape[1] if self._dense else self._shape[1]),
            types=tuple(map(str, held["types"])),
            labels=tuple(map(str, held["labels"])),
            offsets=np.asarray(held["offsets"], np.int64),
            digest=str(held["digest"]),
            mean_cell=np.asarray(held["mean_cell"], np.float64),
            range=tuple(map(float, held["ranges"][_key(measure)])),
            centred=measure.centred,
            density=float(held["density"]),
            provenance=str(held["provenance"]),
        )

    @property
    def source(self) -> Hashable:
        """Equal for spaces whose vectors are the same matrix of the same file."""
        held_in = os.stat(self._file["X"].file.filename)
        return held_in.st_dev, held_in.st_ino, self._file["X"].name

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
    with _open(path) as file:
        return [str(name) for name in ad.io.read_elem(file["var"]).index]


def made_of(path: str) -> dict[str, Any]:
    """Return what a file of a space says of how its vectors were made: for a model's embedding, the model."""
    with _open(path) as file:
        return json.loads(ad.io.read_elem(file["uns"]["made"]))


def cell_table(data: ad.AnnData) -> pd.DataFrame:
    """Return the cells of an AnnData object as a space holds them."""
    columns = {name: data.obs[name].astype(str).to_numpy() for name in ("cell_type", "slug", "batch")}
    return pd.DataFrame({"cell_id": data.obs_names.astype(str), **columns})
