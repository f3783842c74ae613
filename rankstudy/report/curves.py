"""Specification curves as figures and text look at them: their pairs, and which setting is the declared one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rankstudy.measures.settings.tables import PARTS

if TYPE_CHECKING:
    import pandas as pd

PAIR = ["space", "reference"]


def declared_setting(
    settings: Iterable[Mapping[str, Any]], declared: Mapping[str, Any], parts: Sequence[str] = PARTS
) -> dict[str, Any]:
    """Return the declared setting of a pair or, part by part, what there is where the data set lacks what is declared.

    Parameters
    ----------
    settings
        The settings of the pair that carry a claim, by part; at least one.
    declared
        What is declared of each part, as a value or as its text.
    parts
        The parts of a setting that are asked for.
    """
    left = list(settings)
    for part in parts:
        as_declared = [setting for setting in left if str(setting[part]) == str(declared[part])]
        left = as_declared or [setting for setting in left if setting[part] == left[0][part]]
    return {part: left[0][part] for part in parts}


def in_declared_setting(rows: pd.DataFrame, declared: Mapping[str, Any]) -> list[int]:
    """Return the index of those rows that are of each pair's declared setting, of rows that all carry a claim."""
    found: list[int] = []
    for _, of_pair in rows.groupby(["dataset", *PAIR], sort=False):
        setting = declared_setting(of_pair[list(PARTS)].to_dict("records"), declared)
        found += of_pair.index[(of_pair[list(PARTS)] == list(setting.values())).all(axis=1)].tolist()
    return found


def usual_reference(pairs: Iterable[Sequence[str]]) -> str:
    """Return what most encodings are compared with."""
    return Counter(reference for _, reference in pairs).most_common(1)[0][0]


def first_curve(pairs: Iterable[Sequence[str]], main: str, spaces: Collection[str]) -> tuple[str, str] | None:
    """Return the pair of the first sentence: the first one of the main space with another space; None without any."""
    return next(((main, other) for one, other in pairs if one == main and other in spaces), None)


def about_pairs(plan: Any, pairs: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Return what a figure of pairs of encodings is told of them, given the plan of the data set."""
    return {
        "pairs": [list(pair) for pair in pairs],
        "titles": {name: plan.catalogue.spaces[name].title for pair in pairs for name in pair},
        "declared": plan.settings.declared.model_dump(exclude={"reason"}),
        "seed": plan.first_seed,
    }


def numbered(pairs: Sequence[Sequence[str]], most: int) -> list[str]:
    """Return the numbers of the figures of pairs, at most so many each.

    Where one has room for all it has a number too: encodings that turn out to be left out change no name.
    """
    return [str(number) for number in range(1, -(-len(pairs) // most) + 1)]
