"""The unpacked bytes of a file, forwards only: gzip, bzip2, xz or plain, whatever the first bytes say.

Memory does not depend on the file: a window of unpacked bytes, and at most 128 MiB that xz may ask for. A length that
a file states is never allocated before as many bytes have been unpacked.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import Protocol

from isal import igzip_lib

from rankstudy.core.errors import advise
from rankstudy.core.progress import Progress
from rankstudy.sources.readers.rds.errors import Damaged, Unsupported

_PACKED_BYTES = 1 << 17
_UNPACKED_BYTES = 1 << 18
_XZ_MEMORY = 1 << 27  # R's strongest setting needs 65 MiB
_ERRORS = (igzip_lib.error, lzma.LZMAError, zlib.error, EOFError, OSError, ValueError)


class _Decompressor(Protocol):
    eof: bool
    needs_input: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Plain:
    """What is not packed, with the methods of a decompressor."""

    eof, needs_input, unused_data = False, True, b""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return data


def _gzip() -> _Decompressor:
    return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)


def _xz() -> _Decompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)


_PACKED = {b"\x1f\x8b": _gzip, b"BZh": bz2.BZ2Decompressor, b"\xfd7zXZ\x00": _xz}
_ZSTD = b"\x28\xb5\x2f\xfd"


class ByteStream:
    """The unpacked bytes of a file, from its begin to its end.

    Parameters
    ----------
    path
        The file.
    progress
        Told how many bytes of the file have been read.

    Raises
    ------
    Damaged
        By every method, if the file is cut off or its checksum is wrong.
    Unsupported
        If it is packed in a way that is not read here.
    """

    def __init__(self, path: str, progress: Progress | None = None):
        self._file, self._progress = open(path, "rb"), progress
        begin = self._file.read(6)
        self._file.seek(0)
        if begin.startswith(_ZSTD):
            self.close()
            raise Unsupported(advise("is packed with zstd", "save it again in R: saveRDS(object, file)"))
        self._new = next((new for magic, new in _PACKED.items() if begin.startswith(magic)), _Plain)
        self._decompressor = self._new()
        self._window, self._at, self._before = b"", 0, 0

    def __enter__(self) -> ByteStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def position(self) -> int:
        """How many unpacked bytes have been taken or skipped."""
        return self._before + self._at

    def window(self, n: int) -> tuple[bytes, int]:
        """Return bytes and a position in them from which at least `n` follow (`advance` takes them).

        Few, at most kilobytes.
        """
        while len(self._window) - self._at < n:
            rest = self._window[self._at :]
            self._refill()
            self._before -= len(rest)
            self._window = rest + self._window
        return self._window, self._at

    def advance(self, at: int) -> None:
        """Say that the bytes before this position of the window are taken."""
        self._at = at

    def take(self, n: int) -> bytes:
        """Return the next `n` bytes."""
        if n <= len(self._window) - self._at:
            self._at += n
            return self._window[self._at - n : self._at]
        parts = bytearray()
        while n:
            step = min(n, self._available())
            parts += self._window[self._at : self._at + step]
            self._at += step
            n -= step
        return bytes(parts)

    def skip(self, n: int) -> None:
        """Go over the next `n` bytes."""
        while n:
            step = min(n, self._available())
            self._at += step
            n -= step

    def read_into(self, target: memoryview) -> None:
        """Fill a view of bytes with the next ones."""
        filled = 0
        while filled < len(target):
            step = min(len(target) - filled, self._available())
            target[filled : filled + step] = self._window[self._at : self._at + step]
            self._at += step
            filled += step

    def finish(self) -> None:
        """Raise Damaged unless the file ends here; with it the last checksum has been verified."""
        if len(self._window) > self._at or self._unpacked():
            raise Damaged("more bytes follow where the object ends")

    def _available(self) -> int:
        if self._at == len(self._window):
            self._refill()
        return len(self._window) - self._at

    def _refill(self) -> None:
        """Replace the window by the next unpacked bytes."""
        self._before += len(self._window)
        self._window, self._at = self._unpacked(), 0
        if not self._window:
            raise Damaged(f"ends within the object, after {self._before:,} unpacked bytes")

    def _unpacked(self) -> bytes:
        """Return the next unpacked bytes, none at the end of the file."""
        unpacked = b""
        while not unpacked:
            packed = b""
            if self._decompressor.eof:
                packed = self._decompressor.unused_data or self._packed()
                if not packed:
                    return b""
                self._decompressor = self._new()  # R reads several packed parts, one after another, as one
            elif self._decompressor.needs_input:
                packed = self._packed()
                if not packed:
                    if self._new is _Plain:
                        return b""
                    raise Damaged("is cut off: the packed data do not end")
            try:
                unpacked = self._decompressor.decompress(packed, _UNPACKED_BYTES)
            except _ERRORS as error:
                raise Damaged(f"cannot be unpacked ({error})") from error
        return unpacked

    def _packed(self) -> bytes:
        packed = self._file.read(_PACKED_BYTES)
        if self._progress is not None:
            self._progress.update(len(packed))
        return packed
