"""A text model as the jobs use it: what it reads is kept by its hash, and what it costs is accepted beforehand.

A model is a module: `load(files, how)` returns whatever its other functions take as `model`; `embed(texts, model)`
returns an array texts x dimensions. Where it can tell, `lengths(texts, model)` returns the word pieces of texts, and
`room(model)` how many of them it reads; lists are then cut where its window ends, and the cut is counted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from rankstudy.core.files import verify
from rankstudy.core.modules import load
from rankstudy.spaces.texts.kept import Kept, require_accepted


class TextReader:
    """A text model.

    Parameters
    ----------
    files, known
        Its files, by what they are, and size and SHA-256 of each, which are checked before one is opened.
    module, how
        The module and what its `load` is given.
    title
        What it is called, for messages.
    price, accepted
        What a million characters cost, and what the texts may cost together.
    folder
        Where vectors are kept, in a folder for each model and way of reading.
    dimensions
        Length of a vector, where it is known.
    """

    def __init__(
        self,
        files: Mapping[str, str],
        known: Mapping[str, Mapping[str, Any]],
        *,
        module: str,
        how: Mapping[str, Any],
        title: str,
        price: float = 0.0,
        accepted: float = 0.0,
        folder: str,
        dimensions: int | None = None,
    ):
        for what, path in files.items():
            verify(path, sha256_expected=known[what]["sha256"], bytes_expected=known[what]["bytes"], what=path)
        self._files, self._how, self._module = dict(files), dict(how), load(module)
        self._title, self._price, self._accepted = title, price, accepted
        reads = {"title": title, "files": known, "how": {k: v for k, v in how.items() if k != "threads"}}
        digest = hashlib.sha256(json.dumps(reads, sort_keys=True, default=dict).encode()).hexdigest()[:16]
        self._kept = Kept(f"{folder}/{digest}", dimensions)

    @cached_property
    def _model(self) -> Any:
        return self._module.load(self._files, self._how)

    def room(self, prefix: str) -> int | None:
        """Return how many word pieces there are for what stands behind a prefix; None if the model cannot tell."""
        if not hasattr(self._module, "room"):
            return None
        return int(self._module.room(self._model)) - (int(self.lengths([prefix])[0]) if prefix else 0)

    def lengths(self, texts: Sequence[str]) -> np.ndarray:
        """Return the word pieces of each text."""
        return np.asarray(self._module.lengths(texts, self._model))

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """Return the vector of each text, texts x dimensions, float32.

        Raises
        ------
        StudyError
            If they would cost more than was accepted; nothing is sent then.
        """
        require_accepted(self._kept.missing(texts), self._price, self._accepted, self._title)
        return self._kept.vectors(texts, lambda batch: self._module.embed(batch, self._model))


def reader_of(files: Mapping[str, str], settings: Mapping[str, Any]) -> TextReader:
    """Return a text model by the files of a job, of which its own are called `model/<what>`."""
    return TextReader({what: files[f"model/{what}"] for what in settings["known"]}, **settings)
