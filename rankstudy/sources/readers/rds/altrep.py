"""ALTREP: vectors that R keeps, and saves, in another form than their values."""

from __future__ import annotations

import numpy as np

from rankstudy.core.errors import advise
from rankstudy.sources.readers.rds.errors import Damaged, Unsupported
from rankstudy.sources.readers.rds.objects import DeferredText, List, PairList, Sequence, Symbol, Text, Vector

_SEQUENCES = {"compact_intseq": "integer", "compact_realseq": "numeric"}
_MOST_IN_SEQUENCE = 1 << 22  # a few bytes of the file make as many values


def altrep(info: object, state: object, attributes: dict[str, object]) -> object:
    """Return what an ALTREP object stands for.

    Parameters
    ----------
    info
        Pairlist whose first value is the symbol of the class.
    state
        What the class saved.
    attributes
        The attributes of the object.
    """
    if not (isinstance(info, PairList) and info.pairs and isinstance(info.pairs[0][1], Symbol)):
        raise Damaged("an ALTREP object without a class")
    name = info.pairs[0][1].name
    if name in _SEQUENCES:
        found = _sequence(_SEQUENCES[name], state)
    elif name == "deferred_string":
        found = _deferred(state)
    elif name.startswith("wrap_"):
        found = _wrapped(state)
    else:
        problem = f"holds a vector of the ALTREP class {name!r}, which is not read"
        raise Unsupported(
            advise(problem, "put a copy of the vector in its place in R, x[seq_along(x)], and save again")
        )
    found.attributes = attributes
    return found


def _sequence(kind: str, state: object) -> Sequence:
    if not (isinstance(state, Vector) and state.kind == "numeric" and state.length == 3 and state.payload is not None):
        raise Damaged("a compact sequence that is not three numbers")
    length, first, step = np.frombuffer(state.payload, ">f8").tolist()
    if not (0 <= length <= _MOST_IN_SEQUENCE and abs(first) <= 2**53 and step in (-1, 1)):
        raise Damaged("a compact sequence of impossible numbers")
    if length != int(length) or first != int(first):
        raise Damaged("a compact sequence of numbers that are not whole")
    if kind == "integer" and max(abs(first), abs(first + step * (length - 1))) >= 2**31:
        raise Damaged("a compact sequence beyond the integers of R")
    return Sequence(kind, int(length), int(first), int(step))


def _deferred(state: object) -> DeferredText:
    if not (isinstance(state, PairList) and len(state.pairs) == 1):
        raise Damaged("deferred text without its numbers")
    return DeferredText(state.pairs[0][1], state.tail)


def _wrapped(state: object) -> Vector | Text | List | Sequence | DeferredText:
    if not (isinstance(state, PairList) and len(state.pairs) == 1):
        raise Damaged("a wrapped vector without the vector")
    inner = state.pairs[0][1]
    if not isinstance(inner, Vector | Text | List | Sequence | DeferredText):
        raise Damaged("a wrapped vector that holds no vector")
    return inner
