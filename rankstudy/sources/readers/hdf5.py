"""HDF5 files from anywhere: what a file says of itself is checked against the file before it is used.

The HDF5 library believes sizes that stand in the file, inflates chunks without a limit, fills in zeros for chunks that
are missing, and follows links to other files. `Array` checks where every value lies before it reads one, and undoes
the filters of chunks itself (LZF in h5py, chunk by chunk), so that each has the size that it must have.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import product

import h5py
import numpy as np
from isal import isal_zlib

from rankstudy.core.errors import StudyError, advise
from rankstudy.sources.kinds import what_it_is

# what h5py and HDF5 raise for damaged files
_DAMAGE = (
    OSError,
    RuntimeError,
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
    MemoryError,
    SystemError,
    isal_zlib.error,
)
_SHUFFLE, _DEFLATE = h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_DEFLATE
_FLETCHER32, _LZF = h5py.h5z.FILTER_FLETCHER32, h5py.h5z.FILTER_LZF
_LARGEST_CHUNK = 1 << 28
_LZF_UNPACKS_TO = 88  # bytes of each byte at most, as three stand for up to 264; h5py unpacks them all
_LARGEST_LZF_CHUNK = 1 << 23
_CHECKSUM_BYTES, _MARK_BYTES = 4, 16
_LARGEST_ATTRIBUTE = 1 << 10


@contextmanager
def opened(path: str, kind: str) -> Iterator[h5py.File]:
    """Open a file for reading; `kind` says in messages what it should have been."""
    try:
        file = h5py.File(path, "r")
    except FileNotFoundError as error:
        raise StudyError(advise(f"{path}: there is no such file", "correct `source.local_file`")) from error
    except _DAMAGE as error:
        raise StudyError(f"{path}: is not a readable {kind} file: {_instead(path) or _first_line(error)}") from error
    with file:
        yield file


def _instead(path: str) -> str | None:
    """Return what a file is that is no HDF5; one that is HDF5 is damaged, which the library explains."""
    return None if os.path.isfile(path) and h5py.is_hdf5(path) else what_it_is(path)


@contextmanager
def reading(path: str, element: str) -> Iterator[None]:
    """Turn what the library says of a damaged element into a message that names file and element."""
    try:
        yield
    except _DAMAGE as error:
        raise StudyError(f"{path}: {element} cannot be read, the file is damaged ({_first_line(error)})") from error


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def find(group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset | None:
    """Return what a group holds under a name or a path, or None; links to other files are refused."""
    found = group
    for part in name.split("/"):
        path = f"{group.name.rstrip('/')}/{name}"
        with reading(group.file.filename, path):
            link = found.get(part, getlink=True) if isinstance(found, h5py.Group) else None
            if isinstance(link, h5py.ExternalLink):
                problem = f"{group.file.filename}: {path} is a link to another file"
                raise StudyError(advise(problem, "copy the data into one file"))
            found = None if link is None else found.get(part)
    return found


def names(group: h5py.Group) -> list[str]:
    """Return the names of what a group holds; nothing that is read has a name that is no text."""
    with reading(group.file.filename, group.name):
        return [name for name in group if isinstance(name, str)]


def attribute(element: h5py.Group | h5py.Dataset, name: str) -> object:
    """Return a small attribute (text, a number, an array of numbers, a reference), or None if there is none."""
    with reading(element.file.filename, f"attribute {name!r} of {element.name}"):
        if name not in element.attrs:
            return None
        if element.attrs.get_id(name).get_storage_size() > _LARGEST_ATTRIBUTE:
            raise StudyError(f"{element.file.filename}: attribute {name!r} of {element.name} is too large")
        value = element.attrs[name]
        return value.decode() if isinstance(value, bytes) else value


def text_attribute(element: h5py.Group | h5py.Dataset, name: str) -> str | None:
    """Return an attribute that must be text, or None if there is none."""
    value = attribute(element, name)
    if value is not None and not isinstance(value, str):
        raise StudyError(
            f"{element.file.filename}: attribute {name!r} of {element.name} is not text; the file is damaged"
        )
    return value


class Array:
    """A dataset of numbers or text, of which parts can be read.

    Parameters
    ----------
    dataset
        What a group holds under a name.
    dimensions
        How many it must have.

    Raises
    ------
    StudyError
        If it is something else, if values lie outside the file or are missing, or if its filters are not known.
    """

    def __init__(self, dataset: object, where: str, dimensions: int = 1):
        self.where = where
        if not isinstance(dataset, h5py.Dataset):
            raise StudyError(f"{where}: is missing, or is not a dataset")
        self._dataset, self._path = dataset, dataset.file.filename
        self._bytes = os.path.getsize(self._path)
        self._last: dict[tuple[int, ...], np.ndarray] = {}
        with reading(self._path, dataset.name):
            self.shape, self.dtype, self.chunks = dataset.shape, dataset.dtype, dataset.chunks
            if self.shape is None or len(self.shape) != dimensions:
                raise StudyError(f"{where}: has the shape {self.shape}, expected {dimensions} dimensions")
            if dataset.external or dataset.is_virtual:
                raise StudyError(advise(f"{where}: keeps its values in other files", "copy the data into one file"))
            self.is_text = h5py.check_string_dtype(self.dtype) is not None
            if not self.is_text and (self.dtype.kind not in "fiub" or self.dtype.itemsize > 8):
                raise StudyError(f"{where}: holds {self.dtype}, expected numbers or text")
            self._stored = self._type_in_file()
            self._filters = self._known_filters()
            self._find_values()

    def __len__(self) -> int:
        return self.shape[0]

    def read(self, *ranges: tuple[int, int]) -> np.ndarray:
        """Return the numbers in a range of each dimension (begin, end), in the machine's byte order."""
        with reading(self._path, self._dataset.name):
            if not self._filters:
                values = self._dataset[tuple(slice(*r) for r in ranges)]
            else:
                values = self._inflated(ranges)
        if values.dtype == np.float16:
            return values.astype(np.float32)
        return values.astype(values.dtype.newbyteorder("="), copy=False)

    def integers(self) -> np.ndarray:
        """Return all values as int64; anything that is not a whole number by its type is an error."""
        if self.is_text or self.dtype.kind not in "iu":
            raise StudyError(f"{self.where}: holds {self.dtype}, expected whole numbers")
        values = self.read((0, len(self)))
        if values.dtype == np.uint64 and len(values) and values.max() > np.iinfo(np.int64).max:
            raise StudyError(f"{self.where}: holds {values.max()}, which is out of range")
        return values.astype(np.int64)

    def values(self) -> np.ndarray:
        """Return all values: numbers as they are, text as an array of `str`."""
        if not self.is_text:
            return self.read(*((0, n) for n in self.shape))
        if self.dtype.kind == "O":
            self._require_honest_lengths()
            with reading(self._path, self._dataset.name):
                return self._dataset.asstr()[()]
        with reading(self._path, self._dataset.name):
            return np.char.decode(self.read(*((0, n) for n in self.shape)), "utf-8").astype(object)

    def _type_in_file(self) -> np.dtype:
        """Return the type of the bytes in the file; for texts of any length that is their length and address."""
        if self.dtype.kind != "O":
            return self.dtype
        address, _ = self._dataset.file.id.get_create_plist().get_sizes()
        return np.dtype([("length", "<u4"), ("address", f"V{address + 4}")])

    def _known_filters(self) -> list[int]:
        """Return the filters, which are undone here and not by HDF5."""
        plist = self._dataset.id.get_create_plist()
        filters = [plist.get_filter(i)[0] for i in range(plist.get_nfilters())]
        plain = self.is_text or self._dataset.id.get_type() == h5py.h5t.py_create(self.dtype, logical=True)
        if filters and not (plain and set(filters) <= set(_UNDO)):
            problem = (
                f"{self.where}: is stored as {self.dtype} with the HDF5 filters {filters}, which are not supported"
            )
            raise StudyError(
                advise(
                    problem, "write the file again with gzip", "write it again with lzf", "write it without compression"
                )
            )
        return filters

    def _find_values(self) -> None:
        """Check that every value has its place in the file."""
        total = math.prod(self.shape) * self._stored.itemsize
        if self.chunks is not None:
            self._find_chunks()
        elif total and self._dataset.id.get_create_plist().get_layout() == h5py.h5d.CONTIGUOUS:
            begin = self._dataset.id.get_offset()
            if begin is None or begin + total > self._bytes:
                raise StudyError(
                    f"{self.where}: its {total:,} bytes do not lie in the file, which is damaged or cut off"
                )
        elif total > self._dataset.id.get_storage_size():
            raise StudyError(f"{self.where}: its {total:,} bytes do not lie in the file, which is damaged or cut off")

    def _find_chunks(self) -> None:
        self._chunk_bytes = math.prod(self.chunks) * self._stored.itemsize
        largest = _LARGEST_LZF_CHUNK if _LZF in self._filters else _LARGEST_CHUNK
        if self._chunk_bytes > largest:
            raise StudyError(f"{self.where}: is stored in chunks of {self._chunk_bytes:,} bytes, more than {largest:,}")
        expected = math.prod(-(-n // c) for n, c in zip(self.shape, self.chunks, strict=True))
        found: set[tuple[int, ...]] = set()

        def note(chunk: h5py.h5d.StoreInfo) -> bool | None:
            lies_here = chunk.byte_offset is not None and chunk.byte_offset + chunk.size <= self._bytes
            on_grid = all(
                b % c == 0 and b < n for b, c, n in zip(chunk.chunk_offset, self.chunks, self.shape, strict=True)
            )
            whole = bool(self._filters) or chunk.size == self._chunk_bytes
            if not (lies_here and on_grid and whole) or len(found) >= expected:
                return True  # stops here
            found.add(chunk.chunk_offset)
            return None

        self._dataset.id.chunk_iter(note)
        if len(found) != expected:
            raise StudyError(
                f"{self.where}: only {len(found):,} of its {expected:,} chunks lie in the file, which is "
                f"damaged or cut off"
            )

    def _inflated(self, ranges: tuple[tuple[int, int], ...]) -> np.ndarray:
        """Read a block chunk by chunk, several at a time.

        The last one is kept, since the next block often begins in it.
        """
        out = np.empty([end - begin for begin, end in ranges], self._stored)
        corners = list(product(*(range(b - b % c, e, c) for (b, e), c in zip(ranges, self.chunks, strict=True))))
        known, self._last = self._last, {}

        def fill(corner: tuple[int, ...], skipped: int, raw: bytes) -> None:
            values = known[corner] if corner in known else self._undone(skipped, raw)
            if corner == corners[-1]:
                self._last = {corner: values}
            cut = [
                (max(begin, at), min(end, at + c))
                for (begin, end), at, c in zip(ranges, corner, self.chunks, strict=True)
            ]
            source = tuple(slice(b - at, e - at) for (b, e), at in zip(cut, corner, strict=True))
            target = tuple(slice(b - begin, e - begin) for (b, e), (begin, _) in zip(cut, ranges, strict=True))
            out[target] = values[source]

        read = self._dataset.id.read_direct_chunk
        _side_by_side(fill, ((c, 0, b"") if c in known else (c, *read(c)) for c in corners))
        return out

    def _undone(self, skipped: int, raw: bytes) -> np.ndarray:
        """Return the values of a chunk from its bytes in the file; `skipped` has a bit for each filter not applied."""
        applied = [code for position, code in enumerate(self._filters) if not skipped >> position & 1]
        for position, code in reversed(list(enumerate(applied))):
            size = self._chunk_bytes + _CHECKSUM_BYTES * applied[:position].count(_FLETCHER32)
            raw = _UNDO[code](raw, size, self._stored.itemsize)
        if len(raw) != self._chunk_bytes:
            raise ValueError(f"a chunk has {len(raw)} bytes instead of {self._chunk_bytes}")
        return np.frombuffer(raw, self._stored).reshape(self.chunks)

    def _require_honest_lengths(self) -> None:
        """Refuse texts that are together longer than the file: many that share one long text would fill the memory."""
        if self.dtype.kind != "O" or not math.prod(self.shape):
            return
        with reading(self._path, self._dataset.name):
            lengths = self._descriptors()["length"].astype(np.int64)
        if lengths.sum() > self._bytes:
            raise StudyError(f"{self.where}: its texts have {lengths.sum():,} bytes, more than the file; it is damaged")

    def _descriptors(self) -> np.ndarray:
        if self.chunks is not None:
            return self._inflated(tuple((0, n) for n in self.shape))
        begin = self._dataset.id.get_offset()
        if begin is None:
            raise StudyError(f"{self.where}: short texts within the header of the dataset are not supported")
        return np.fromfile(self._path, self._stored, math.prod(self.shape), offset=begin)


def _side_by_side(work: Callable[..., None], items: Iterable[tuple]) -> None:
    """Call `work(*item)` for each item on as many threads as the job has; inflating holds no lock of Python's."""
    waiting = [_pool().submit(work, *item) for item in items]
    for call in waiting:
        call.result()


@cache
def _pool() -> ThreadPoolExecutor:
    """Return threads for this process: as many as `rankstudy.run.job.limit_threads` allows, or all."""
    return ThreadPoolExecutor(int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1))


def _inflate(raw: bytes, size: int, _itemsize: int) -> bytes:
    inflater = isal_zlib.decompressobj()
    inflated = inflater.decompress(raw, size)
    if not inflater.eof:
        raise ValueError("a compressed chunk is cut off, or larger than it may be")
    return inflated


def _unpack_lzf(raw: bytes, size: int, _itemsize: int) -> bytes:
    """Let h5py unpack a chunk, in a file in memory.

    HDF5 does not tell how many bytes came out, and returns what lay in memory for those that are missing. So random
    bytes are put behind, as LZF stores bytes as they are: they come out at their place if the others fill theirs.
    """
    if len(raw) > size:
        raise ValueError("a compressed chunk is larger than what it holds")
    mark = os.urandom(_MARK_BYTES)
    stored = raw + bytes([len(mark) - 1]) + mark
    room = {"chunks": len(stored) * _LZF_UNPACKS_TO, "maxshape": (None,)}  # with less h5py tries again and again
    with h5py.File(f"unpacked by {threading.get_ident()}", "w", driver="core", backing_store=False) as file:
        chunk = file.create_dataset("chunk", size + len(mark), np.uint8, compression="lzf", **room)
        chunk.id.write_direct_chunk((0,), stored)
        unpacked = chunk[()].tobytes()
    if unpacked[size:] != mark:
        raise ValueError("a compressed chunk is cut off, damaged, or larger than it may be")
    return unpacked[:size]


def _unshuffle(raw: bytes, _size: int, itemsize: int) -> bytes:
    if itemsize == 1 or len(raw) % itemsize:
        return raw
    return np.frombuffer(raw, np.uint8).reshape(itemsize, -1).T.tobytes()


def _fletcher32(raw: bytes, _size: int, _itemsize: int) -> bytes:
    """Compare with the sums that follow the bytes, as HDF5 makes them: of big-endian pairs, modulo 65535."""
    body, stored = raw[:-_CHECKSUM_BYTES], int.from_bytes(raw[-_CHECKSUM_BYTES:], "little")
    words = np.frombuffer(body + b"\0" * (len(body) % 2), ">u2").astype(np.uint64)
    first = int(words.sum()) % 65535
    second = int((np.arange(len(words), 0, -1, dtype=np.uint64) * words % 65535).sum()) % 65535
    if ((stored & 0xFFFF) % 65535, (stored >> 16) % 65535) != (first, second):
        raise ValueError("the checksum of a chunk does not fit")
    return body


_UNDO = {_DEFLATE: _inflate, _LZF: _unpack_lzf, _SHUFFLE: _unshuffle, _FLETCHER32: _fletcher32}
