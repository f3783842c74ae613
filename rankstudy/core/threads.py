"""What numerical work finds on the machine: threads and cache."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numba
from threadpoolctl import threadpool_limits


@contextmanager
def limited_threads(threads: int | None) -> Iterator[None]:
    """Let BLAS, OpenMP and numba use at most so many threads within the block; None leaves them as they are."""
    if threads is None:
        yield
        return
    before = numba.get_num_threads()
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    try:
        with threadpool_limits(threads):
            yield
    finally:
        numba.set_num_threads(before)


@cache
def largest_cache() -> int:
    """Return the size of the first processor's largest cache in bytes, or 8 MiB where the system does not tell."""
    sizes = [8 << 20]
    for file in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size"):
        digits = file.read_text(encoding="utf-8").strip().removesuffix("K")
        sizes.append(int(digits) << 10 if digits.isdigit() else 0)
    return max(sizes)
