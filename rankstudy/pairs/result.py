"""What all-pairs work on a block leaves behind: small arrays that add up."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, fields

import h5py
import numpy as np

from rankstudy.errors import StudyError
from rankstudy.files import atomic

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
WITHIN, BETWEEN = 0, 1


@dataclass(frozen=True)
class BlockResult:
    """Reductions over the pairs of a block, or of several blocks merged.

    S spaces, T cell types, N cells, J joint distributions. Types and cells are numbered as in the spaces.

    Attributes
    ----------
    run
        What the blocks of one run share (JSON text): spaces, ranges, types, digest of the cells, grids.
    type_pairs
        (pairs, 2), numbers of the two types, the smaller first; both the same for pairs within a type.
    n
        (pairs,), number of pairs of cells.
    quantiles
        (S, pairs, len(QUANTILES)), exact, interpolated linearly between neighbouring values.
    distributions
        (S, T, 2, BINS), pairs within a type and pairs of one of its cells with one of another type.
    joint
        (J, 2, 2, columns, rows), pairs within and between types on the two lattices of a HexGrid.
    extremes
        (S, 2, N), per cell: its least alike cell of its own type and its most alike cell of another; NaN if none.
    partners
        (S, 2, N), number of that other cell; -1 if none.
    """

    run: str
    type_pairs: np.ndarray
    n: np.ndarray
    quantiles: np.ndarray
    distributions: np.ndarray
    joint: np.ndarray
    extremes: np.ndarray
    partners: np.ndarray

    def save(self, path: str | os.PathLike) -> None:
        """Write the result as HDF5, atomically."""
        with atomic(path) as temporary, h5py.File(temporary, "w") as file:
            file.attrs["run"] = self.run
            for name in _arrays():
                file.create_dataset(name, data=getattr(self, name), compression="gzip", compression_opts=1)

    @classmethod
    def load(cls, path: str | os.PathLike) -> BlockResult:
        """Read a result that `save` wrote."""
        with h5py.File(path, "r") as file:
            return cls(run=file.attrs["run"], **{name: file[name][()] for name in _arrays()})

    @property
    def about(self) -> dict:
        """The content of `run`."""
        return json.loads(self.run)


def merge(results: Iterable[BlockResult]) -> BlockResult:
    """Add up the results of blocks, in any order.

    Raises
    ------
    StudyError
        If blocks are of different runs (other spaces, cells, genes or grids), or hold the same type pair twice.
    """
    merged = functools.reduce(_add, results)
    order = np.lexsort((merged.type_pairs[:, 1], merged.type_pairs[:, 0]))
    pairs = merged.type_pairs[order]
    if len(np.unique(pairs, axis=0)) < len(pairs):
        raise StudyError("blocks hold the same pair of cell types twice")
    kept = {name: getattr(merged, name) for name in ("run", "distributions", "joint", "extremes", "partners")}
    return BlockResult(type_pairs=pairs, n=merged.n[order], quantiles=merged.quantiles[:, order], **kept)


def _add(a: BlockResult, b: BlockResult) -> BlockResult:
    if a.run != b.run:
        differs = [key for key in a.about if a.about[key] != b.about.get(key)]
        raise StudyError(f"blocks of different runs cannot be merged; they differ in {', '.join(differs)}")
    similarity = np.array([space["metric"] != "euclidean" for space in a.about["spaces"]])
    extremes, partners = better_extremes(similarity, (a.extremes, a.partners), (b.extremes, b.partners))
    return BlockResult(
        run=a.run,
        type_pairs=np.concatenate([a.type_pairs, b.type_pairs]),
        n=np.concatenate([a.n, b.n]),
        quantiles=np.concatenate([a.quantiles, b.quantiles], axis=1),
        distributions=a.distributions + b.distributions,
        joint=a.joint + b.joint,
        extremes=extremes,
        partners=partners,
    )


def better_extremes(
    similarity: np.ndarray, a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the more extreme of two sets of extremes and partners; of equal values, the partner of lower number.

    Within a type the least alike counts (low similarity, high distance), between types the most alike.
    """
    (values_a, partners_a), (values_b, partners_b) = a, b
    sign = np.where(similarity, 1.0, -1.0)[:, None, None] * np.array([-1.0, 1.0])[None, :, None]
    score_a = np.where(partners_a < 0, -np.inf, sign * values_a)
    score_b = np.where(partners_b < 0, -np.inf, sign * values_b)
    take_b = (score_b > score_a) | ((score_b == score_a) & (partners_b >= 0) & (partners_b < partners_a))
    return np.where(take_b, values_b, values_a), np.where(take_b, partners_b, partners_a)


def _arrays() -> list[str]:
    return [field.name for field in fields(BlockResult) if field.name != "run"]
