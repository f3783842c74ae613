"""10x matrices as one HDF5 file, such as `filtered_feature_bc_matrix.h5`: of Cell Ranger 2, and of 3 and later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import h5py
import numpy as np
import scipy.sparse as sp

from rankstudy.core.errors import StudyError, advise, did_you_mean, listing
from rankstudy.core.identity import require_unique
from rankstudy.sources.choices import Choice
from rankstudy.sources.readers.base import Chunk
from rankstudy.sources.readers.beside import LabelsBeside
from rankstudy.sources.readers.blocks import Sparse
from rankstudy.sources.readers.elements import array_values, as_names
from rankstudy.sources.readers.features import as_types
from rankstudy.sources.readers.hdf5 import Array, find, opened
from rankstudy.sources.readers.hdf5_kinds import genomes, other_kind
from rankstudy.sources.separators import Separator

_MATRIX = "matrix"
# where in the group of a matrix its features are: of Cell Ranger 2, which has a group for each genome, and later
_OLD = {"ids": "genes", "symbols": "gene_names"}
_NEW = {"ids": "features/id", "symbols": "features/name"}
_TYPES, _GENOMES = "features/feature_type", "features/genome"


class TenxH5Source(LabelsBeside):
    """A 10x matrix in an HDF5 file.

    Parameters
    ----------
    path
        The file.
    gene_names
        What names the genes: `ids` (of Ensembl) or `symbols`.
    genome
        Which genome to read of a file of Cell Ranger 2 that holds a matrix of each of several; None takes the only one.
    labels
        CSV or TSV with one row per cell, the barcode in its first column; None if there are no labels.
    labels_separator
        What separates the columns of the labels; None finds it.

    Raises
    ------
    StudyError
        If the file is damaged or something else, or does not have what the parameters say.
    """

    def __init__(
        self,
        path: str,
        *,
        gene_names: Literal["ids", "symbols"] = "ids",
        genome: str | None = None,
        labels: str | None = None,
        labels_separator: Separator | None = None,
    ):
        super().__init__(path, "tenx_h5", labels, labels_separator)
        self.choices: list[Choice] = []
        self.genes_are = f"{path} (tenx_h5.gene_names: {gene_names})"
        with self._opened() as file:
            self._group = self._found(file, genome)
            places = _NEW if self._group == _MATRIX else _OLD
            self.cell_names = self._names(file, "barcodes")
            self.gene_names = self._names(file, places[gene_names])
            self.feature_types = as_types(self._values(file, _TYPES)) if self._has(file, _TYPES) else None
            if self._has(file, _GENOMES):
                self._note(sorted(set(as_types(self._values(file, _GENOMES))) - {""}))
        require_unique(self.cell_names, f"{path}: cells")

    def stream(self) -> Iterator[Chunk]:
        """Yield the values in ranges of cells."""
        with self._opened() as file:
            yield from self._matrix(file).stream()

    def read(self, rows: np.ndarray) -> sp.csr_matrix:
        """Return the values of chosen cells."""
        with self._opened() as file:
            return self._matrix(file).read(np.asarray(rows, np.int64))

    def _opened(self):
        return opened(self.path, "10x HDF5")

    def _found(self, file: h5py.File, genome: str | None) -> str:
        """Return the group of the matrix, and note which genome that is where there is a choice."""
        if isinstance(find(file, f"{_MATRIX}/features"), h5py.Group):
            if genome is not None:
                problem = (
                    f"tenx_h5.genome: {self.path} was written by Cell Ranger 3 or later, which has one matrix "
                    f"for all genomes"
                )
                raise StudyError(advise(problem, "remove the key"))
            return _MATRIX
        there = genomes(file)
        if not there:
            raise other_kind(file, "a 10x HDF5 file")
        if genome is None and len(there) > 1:
            problem = f"{self.path}: holds a matrix for each of {listing(there)}"
            raise StudyError(advise(problem, f"name one: `tenx_h5: {{genome: {there[0]}}}`"))
        chosen = there[0] if genome is None else genome
        if chosen not in there:
            problem = f"tenx_h5.genome: {self.path} has no {genome!r}{did_you_mean(chosen, there)}"
            raise StudyError(advise(problem, f"name one that it holds: {listing(there)}"))
        self.choices.append(Choice("genome", chosen, tuple(name for name in there if name != chosen)))
        return chosen

    def _note(self, of_features: list[str]) -> None:
        """Note the genomes of the features of a matrix, all of which are read."""
        if of_features:
            self.choices.append(Choice("genome", listing(of_features)))

    def _has(self, file: h5py.File, name: str) -> bool:
        return find(file, f"{self._group}/{name}") is not None

    def _values(self, file: h5py.File, name: str) -> np.ndarray:
        return array_values(find(file, f"{self._group}/{name}"), f"{self.path}: {self._group}/{name}")

    def _names(self, file: h5py.File, name: str) -> list[str]:
        return as_names(self._values(file, name), f"{self.path}: {self._group}/{name}", "the file is damaged")

    def _matrix(self, file: h5py.File) -> Sparse:
        """Return the matrix, which the file keeps by cell, and calls features x cells."""
        where, shape = f"{self.path}: {self._group}", (len(self.cell_names), len(self.gene_names))
        stated = Array(find(file, f"{self._group}/shape"), f"{where}/shape").integers().tolist()
        if stated != list(shape[::-1]):
            raise StudyError(
                f"{where}: says that its shape is {stated}, but there are {shape[1]} features and {shape[0]} barcodes"
            )
        return Sparse(find(file, self._group), where, True, shape)
