"""Column-wise sparse matrices of R (`dgCMatrix`, genes x cells): where their values are, and copying some of them.

The columns are the cells, so the values of a cell are one run in `i` (rows, from 0) and one in `x` (values), and `p`
says where each begins. `i` and `x` can be gigabytes long and are never held whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from rankstudy.core.errors import advise
from rankstudy.sources.readers.rds.bytestream import ByteStream
from rankstudy.sources.readers.rds.contents import Contents, slot
from rankstudy.sources.readers.rds.errors import Damaged, Unsupported
from rankstudy.sources.readers.rds.objects import S4, List, Sequence, Vector, classes_of, kind_of


@dataclass(frozen=True)
class Matrix:
    """A `dgCMatrix` in the file.

    `begins` (n_cells + 1) is `p`; `row_names` and `column_names` are None where the matrix has none.
    """

    n_genes: int
    n_cells: int
    begins: np.ndarray
    rows: Vector | Sequence
    values: Vector | Sequence
    row_names: list[str] | None
    column_names: list[str] | None


def sparse_matrix(contents: Contents, item: object, what: str) -> Matrix:
    """Return a matrix of the file after checking that its parts fit together.

    Raises
    ------
    Unsupported
        If the object is no `dgCMatrix`.
    Damaged
        If it is one that R would not accept.
    """
    if not isinstance(item, S4) or classes_of(item)[:1] != ["dgCMatrix"]:
        raise Unsupported(
            advise(f"{what} is {kind_of(item)}, not a dgCMatrix", "convert it in R: as(x, 'CsparseMatrix')")
        )
    size = contents.integers(slot(item, "Dim"), f"Dim of {what}")
    begins = contents.integers(slot(item, "p"), f"p of {what}").astype(np.int64)
    rows, values = slot(item, "i"), slot(item, "x")
    if not (isinstance(rows, Vector | Sequence) and rows.kind == "integer"):
        raise Unsupported(f"i of {what} should be a vector of integers, and is {kind_of(rows)}")
    if not (isinstance(values, Vector | Sequence) and values.kind == "numeric"):
        raise Unsupported(f"x of {what} should be a vector of numbers, and is {kind_of(values)}")
    if len(size) != 2 or (size < 0).any():
        raise Damaged(f"{what} has no two dimensions")
    n_genes, n_cells = (int(n) for n in size)
    lengths = np.diff(begins)
    if not (
        len(begins) == n_cells + 1
        and begins[0] == 0
        and (lengths >= 0).all()
        and (lengths <= n_genes).all()
        and begins[-1] == rows.length == values.length
    ):
        raise Damaged(f"the parts of {what} do not fit together (Dim, p, and the lengths of i and x)")
    row_names, column_names = _dimension_names(contents, slot(item, "Dimnames"), (n_genes, n_cells), what)
    return Matrix(n_genes, n_cells, begins, rows, values, row_names, column_names)


def _dimension_names(contents: Contents, item: object, size: tuple[int, int], what: str) -> list[list[str] | None]:
    if item is None:
        return [None, None]
    if not isinstance(item, List) or len(item.items) != 2:
        raise Damaged(f"the names of {what} are not a list of two")
    found = [None if names is None else contents.names(names, f"names of {what}") for names in item.items]
    for names, n in zip(found, size, strict=True):
        if names is not None and len(names) != n:
            raise Damaged(f"{what} has {len(names)} names for {n} rows or columns")
    return found


class Walker:
    """Copies runs of one vector of the file, forwards."""

    def __init__(self, stream: ByteStream, vector: Vector | Sequence):
        self._stream, self._vector = stream, vector

    def copy(self, begin: int, target: np.ndarray) -> None:
        """Fill `target`, an array of big-endian numbers, with the values from position `begin` on."""
        if isinstance(self._vector, Sequence):
            target[:] = self._vector.between(begin, begin + len(target))
            return
        self._stream.skip(self._vector.offset + begin * target.itemsize - self._stream.position)
        self._stream.read_into(memoryview(target).cast("B"))


ROW_TYPE, VALUE_TYPE = np.dtype(">i4"), np.dtype(">f8")


def native(values: np.ndarray) -> np.ndarray:
    """Return big-endian numbers as those of this machine, in the same memory."""
    if values.dtype.isnative:
        return values
    return values.byteswap(inplace=True).view(values.dtype.newbyteorder("="))


def cells_by_genes(values: np.ndarray, genes: np.ndarray, begins: np.ndarray, n_genes: int, what: str) -> sp.csr_matrix:
    """Return a CSR matrix of cells x genes, genes in order; each gene may stand once in a cell.

    Raises
    ------
    Damaged
        If a gene is out of range, or stands twice in a cell.
    """
    if len(genes) and not 0 <= genes.min() <= genes.max() < n_genes:
        raise Damaged(f"{what}: a row outside 1 to {n_genes:,}")
    found = sp.csr_matrix((values, genes, begins), shape=(len(begins) - 1, n_genes), copy=False)
    if not _rising(found.indices, begins):
        found.sort_indices()
        if not _rising(found.indices, begins):
            raise Damaged(f"{what}: a row stands twice in a column")
    found.has_canonical_format = True
    return found


def _rising(genes: np.ndarray, begins: np.ndarray) -> bool:
    rises = genes[1:] > genes[:-1]
    inner = begins[(begins > 0) & (begins < len(genes))]
    rises[inner - 1] = True
    return bool(rises.all())
