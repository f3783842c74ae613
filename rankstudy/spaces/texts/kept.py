"""Vectors of texts, each made once: kept by the hash of its text, batch by batch, beside the job that asked for it."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

import numpy as np

from rankstudy.core.errors import StudyError, advise
from rankstudy.core.files import atomic
from rankstudy.core.progress import Progress

log = logging.getLogger(__name__)

# texts of a batch: a job that is killed loses one at most
_AT_ONCE = 32


class Kept:
    """A folder of vectors by the SHA-256 of their texts.

    Several jobs may write into it: a file is a batch, and is never changed.

    Parameters
    ----------
    folder
        Where they lie: of one model, read in one way.
    dimensions
        Length of a vector, where it is known beforehand.

    """

    def __init__(self, folder: str, dimensions: int | None = None):
        self._folder, self._dimensions = Path(folder), dimensions
        self._vectors: dict[bytes, np.ndarray] = {}
        for path in sorted(self._folder.glob("*.npz")):
            with np.load(path, allow_pickle=False) as file:
                self._vectors.update(zip(map(bytes, file["keys"]), file["vectors"], strict=True))

    def missing(self, texts: Sequence[str]) -> list[str]:
        """Return those of the texts that have no vector yet, each once, in their order."""
        return [text for text in dict.fromkeys(texts) if _key(text) not in self._vectors]

    def vectors(self, texts: Sequence[str], embed: Callable[[Sequence[str]], np.ndarray]) -> np.ndarray:
        """Return the vectors of texts, texts x dimensions, float32; those that are missing are made and kept.

        Raises
        ------
        StudyError
            If `embed` does not give one finite vector for each text, of the dimensions that others have.
        """
        missing = sorted(self.missing(texts), key=len)
        with Progress(total=len(missing), unit="texts") as progress:
            for begin in range(0, len(missing), _AT_ONCE):
                batch = missing[begin : begin + _AT_ONCE]
                self._keep(batch, self._checked(np.asarray(embed(batch), np.float32), len(batch)))
                progress.update(len(batch))
        if texts:
            log.info("%d texts, %d of them new", len(texts), len(missing))
        found = [self._vectors[_key(text)] for text in texts]
        return np.stack(found) if found else np.zeros((0, self._dimensions or 0), np.float32)

    def _checked(self, vectors: np.ndarray, texts: int) -> np.ndarray:
        known = self._dimensions or next((len(vector) for vector in self._vectors.values()), None)
        if vectors.ndim != 2 or len(vectors) != texts or known not in (None, vectors.shape[1]):
            wanted = "vectors of one length" if known is None else f"{known} numbers for each"
            raise StudyError(f"text model: gave an array {vectors.shape} for {texts} texts, expected {wanted}")
        if not np.isfinite(vectors).all():
            raise StudyError("text model: gave numbers that are not finite; nothing of this batch was kept")
        return vectors

    def _keep(self, batch: Sequence[str], vectors: np.ndarray) -> None:
        keys = [_key(text) for text in batch]
        self._folder.mkdir(parents=True, exist_ok=True)
        # a name of its own: another job may be making the same vectors
        name = uuid4().hex
        stored = np.frombuffer(b"".join(keys), np.uint8).reshape(len(keys), -1)
        with atomic(self._folder / f"{name}.npz") as temporary, open(temporary, "wb") as file:
            np.savez(file, keys=stored, vectors=vectors)
        self._vectors.update(zip(keys, vectors, strict=True))


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def require_accepted(texts: Sequence[str], price: float, accepted: float, title: str) -> None:
    """Refuse to send texts to a service that takes more money for them than was accepted.

    Parameters
    ----------
    texts
        Those that have no vector yet.
    price
        What a million characters cost; 0 where nobody is paid.
    accepted
        What they may cost.
    title
        Title of the model.
    """
    cost = price * sum(map(len, texts)) / 1e6
    if cost > accepted:
        problem = f"{title}: {len(texts):,} texts would cost about {cost:.4g}, and {accepted:g} is accepted"
        raise StudyError(advise(f"{problem}; none was sent", f"set `text.accepted_cost` to {cost * 1.01:.4g} or more"))
