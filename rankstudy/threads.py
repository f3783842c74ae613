"""How many threads numerical libraries use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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
