"""Causes as figures and text look at them: what they are told, at which depths a difference is open, and what mends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from rankstudy.measures.causes.tables import CONTROLS, TREATMENTS
from rankstudy.measures.settings.tables import CENTRED, MEASURE
from rankstudy.measures.verdict import WORSE
from rankstudy.report.curves import declared_setting

if TYPE_CHECKING:
    import pandas as pd

# how vectors of an encoding are compared, at any depth
MEASURED = MEASURE, CENTRED
CONTROL_TITLES = dict(zip(CONTROLS, ("library size alone (control)", "one-hot types (control)"), strict=True))
# factors and molecules as a reader sees them
TIMES = "\N{MULTIPLICATION SIGN}"
Shape = Literal["nowhere", "everywhere", "deep", "shallow", "between", "pieces"]
Row = Mapping[str, Any]


class Openness(NamedTuple):
    """At which depths a difference is open: what this set looks like, and first and last place of each of its runs."""

    shape: Shape
    runs: list[tuple[int, int]]


def openness(is_open: Sequence[bool]) -> Openness:
    """Describe the set of depths, the deepest first, at which the interval of a difference contains 0, as it is.

    It can be empty, hold all depths, lie at the deep or the shallow end, between them, or be in pieces.
    """
    places = [place for place, _ in enumerate(is_open)]
    groups = [[*group] for of_open, group in groupby(places, is_open.__getitem__) if of_open]
    runs = [(group[0], group[-1]) for group in groups]
    if not runs:
        return Openness("nowhere", runs)
    if len(runs) > 1:
        return Openness("pieces", runs)
    ends = runs[0][0] == 0, runs[0][1] == places[-1]
    shapes: dict[tuple[bool, bool], Shape] = {
        (True, True): "everywhere",
        (True, False): "deep",
        (False, True): "shallow",
    }
    return Openness(shapes.get(ends, "between"), runs)


_WHERE: Mapping[Shape, str] = {
    "nowhere": "at no depth",
    "everywhere": "at every depth",
    "deep": "at the deep end, {}",
    "shallow": "at the shallow end, {}",
    "between": "in between, {}",
    "pieces": "in pieces, {}",
}


def open_in_words(found: Openness) -> tuple[str, list[int]]:
    """Return where a difference is open, with braces for depths, and the places of these depths."""
    parts = ["at {}" if first == last else "from {} down to {}" for first, last in found.runs]
    if found.shape in ("nowhere", "everywhere"):
        return _WHERE[found.shape], []
    places = [place for run in found.runs for place in dict.fromkeys(run)]
    return _WHERE[found.shape].format(" and ".join(parts)), places


def is_open(row: Row) -> bool:
    """Return whether the interval of a difference contains 0."""
    return row["low"] <= 0 <= row["high"]


class Mending(NamedTuple):
    """Encodings by what depth does to their difference from the reference.

    `narrowed`: worse as measured, and by less than at the least depth, the two intervals apart; `stays`: worse as
    measured, and not shown to be so by less; `closed`: worse at a lower depth, and not as measured.
    """

    narrowed: list[str]
    stays: list[str]
    closed: list[str]


def mending(differences: Mapping[str, Sequence[Row]]) -> Mending:
    """Sort encodings by what depth does to them; of each the rows of its difference, the deepest first."""
    found = Mending([], [], [])
    for name, rows in differences.items():
        deepest, shallowest = rows[0], rows[-1]
        if deepest["verdict"] == WORSE:
            (found.narrowed if deepest["low"] > shallowest["high"] else found.stays).append(name)
        elif any(row["verdict"] == WORSE for row in rows):
            found.closed.append(name)
    return found


def about_causes(plan: Any) -> dict[str, Any]:
    """Return what a figure of causes is told of the encodings, given the plan of the data set; those compared first."""
    spaces = plan.catalogue.spaces
    main = [name for name in plan.cause_encodings if name in plan.spaces]
    encodings = [*main, *(name for name in plan.cause_encodings if name not in main)]
    declared = plan.settings.declared.model_dump(include=set(MEASURED))
    return {
        "encodings": encodings,
        "main": main,
        "reference": next((reference for _, reference in plan.cause_pairs), None),
        "titles": {**CONTROL_TITLES, **{name: spaces[name].title for name in encodings}},
        "declared": {part: declared[part] for part in MEASURED},
        "seed": plan.first_seed,
    }


def as_declared(rows: pd.DataFrame, declared: Mapping[str, Any], seed: int) -> pd.DataFrame:
    """Return the rows of a seed that are by the declared measure, or by what there is of a space that lacks it."""
    rows = rows[rows["seed"] == seed]
    found: list[int] = []
    for _, of_space in rows.groupby("space", sort=False):
        settings = of_space[list(MEASURED)].drop_duplicates()
        setting = declared_setting(settings.to_dict("records"), declared, MEASURED)
        found += of_space.index[(of_space[list(MEASURED)] == list(setting.values())).all(axis=1)].tolist()
    return rows.loc[sorted(found)]


def treated_in_order(rows: Sequence[Row]) -> list[Row]:
    """Return rows by treatment, as measured first, and the deepest first."""
    return sorted(rows, key=lambda row: (TREATMENTS.index(row["treatment"]), -row["keep"]))


def change_in_words(change: str) -> str:
    """Return what is done to a count, as a reader sees it."""
    return change.replace("x", TIMES)


def place_in_words(position: str) -> str:
    """Return a group of places of genes, as a reader sees it."""
    return f"from {position[:-1]}" if position.endswith("-") else position
