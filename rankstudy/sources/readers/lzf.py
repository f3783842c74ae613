"""LZF, the quick compression of h5py: runs of literal bytes, and copies of what came before."""

from __future__ import annotations

import numba
import numpy as np


def unpack(raw: bytes, size: int) -> bytes:
    """Return what was compressed, which must have at most `size` bytes; ValueError if it is damaged."""
    out = np.empty(size, np.uint8)
    length = _unpack(np.frombuffer(raw, np.uint8), out)
    if length < 0:
        raise ValueError("a compressed chunk is cut off, damaged, or larger than it may be")
    return out[:length].tobytes()


@numba.njit("int64(Array(uint8, 1, 'C', readonly=True), uint8[::1])", cache=True, nogil=True)
def _unpack(raw, out):
    """Fill `out` and return how many bytes there are, or -1."""
    at, done = 0, 0
    while at < len(raw):
        control = np.int64(raw[at])
        at += 1
        if control < 32:  # so many literal bytes, and one
            length = control + 1
            if at + length > len(raw) or done + length > len(out):
                return -1
            for i in range(length):
                out[done + i] = raw[at + i]
            at += length
        else:
            length = control >> 5
            if length == 7 and at < len(raw):
                length += np.int64(raw[at])
                at += 1
            length += 2
            if at >= len(raw):
                return -1
            source = done - ((control & 31) << 8) - np.int64(raw[at]) - 1
            at += 1
            if source < 0 or done + length > len(out):
                return -1
            for i in range(length):  # one by one: the copy may reach into itself
                out[done + i] = out[source + i]
        done += length
    return done
