"""Encoding by depth: separation at every depth, and beside it what two halves of a cell have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rankstudy.measures.causes.tables import (
    AGREEMENT,
    AS_MEASURED,
    CONTROLS,
    DEPTH_DIFFERENCES,
    DEPTHS,
    FOUND,
    HALF,
    ONE_TOTAL,
    RELIABILITIES,
    SAME_MEAN,
    THINNED,
    TREATMENTS,
    TWINS,
)
from rankstudy.measures.uncertainty.tables import AUROC, OWN_TYPE
from rankstudy.measures.verdict import BETTER, WORSE
from rankstudy.report.causes import about_causes, as_declared, mending
from rankstudy.report.figure import Figure
from rankstudy.report.figures.number_grid import ROW, NumberGrid, by_names, name_rows
from rankstudy.report.figures.style import figure, letter, say
from rankstudy.report.figures.text import note_below

if TYPE_CHECKING:
    import pandas as pd

    from rankstudy.report.figure import Outputs

_MOST = 22  # encodings, those of the study first
_AROUND = 1.15  # inches around the rows
_MARKS = {BETTER: "\N{BLACK UP-POINTING SMALL TRIANGLE}", WORSE: "\N{BLACK DOWN-POINTING SMALL TRIANGLE}"}
_OF_TWINS = {FOUND: "nearest is\nthe twin", AGREEMENT: "neighbours\nagree"}
_OWN_TYPE, _HALF, _FULL = "own type,\nat half", "reliability\nat half", "predicted\nat full"
_SHORT = {ONE_TOTAL: "one\ntotal", SAME_MEAN: "same\nmean"}
_NOTHING = "No encoding was looked at by depth."


FIGURE = Figure(
    title="Encoding by depth, and twins",
    section="causes",
    caption=(
        "AUROC of the same cells of ``{dataset}`` by share of molecules, at one total, and thinned to the same mean "
        "(seed {seed}); marks: better or worse than the reference. Right: two halves of each cell. Twins repeat the "
        "counting alone and bound nothing: one-hot types find them by chance and tell all types."
    ),
    reads={"depths": DEPTHS, "differences": DEPTH_DIFFERENCES, "twins": TWINS, "reliabilities": RELIABILITIES},
    when=lambda plan: plan.cause_encodings,
    settings=about_causes,
)


def draw(
    depths: pd.DataFrame,
    differences: pd.DataFrame,
    twins: pd.DataFrame,
    reliabilities: pd.DataFrame,
    *,
    encodings: Sequence[str],
    main: Sequence[str],
    reference: str | None,
    titles: Mapping[str, str],
    declared: Mapping[str, Any],
    seed: int,
    outputs: Outputs,
) -> None:
    """Draw the AUROC at every depth in coloured fields, and what twins have in common, in the same rows."""
    shown = _named(as_declared(depths, declared, seed))
    there = set(shown["space"])
    rows = [name for name in (*encodings[:_MOST], *CONTROLS) if name in there]
    with figure((len(rows) or 5) * ROW + _AROUND, outputs=outputs) as drawing:
        if not rows:
            say(drawing.subplots(), _NOTHING)
            return
        by_depth = _by_depth(shown)
        of_twins = _of_twins(shown, as_declared(twins, declared, seed), reliabilities[reliabilities["seed"] == seed])
        widths = [len(by_depth.columns), 1.5 * len(of_twins.columns)]
        left, right = drawing.subplots(1, 2, gridspec_kw={"width_ratios": widths})
        by_depth.draw(left, rows, _marks(_named(as_declared(differences, declared, seed))))
        of_twins.draw(right, rows)
        name_rows(left, [titles[name] for name in rows])
        letter([left, right])
        left_out = len(there - set(rows))
        note_below(
            drawing,
            "Depth in % of the molecules. Reliability: correlation of the two halves within types; predicted for full "
            "depth where the prediction from quarters holds for halves.",
            f"{left_out} encodings are in the table alone." if left_out else "",
        )


def finding(
    depths: pd.DataFrame,
    differences: pd.DataFrame,
    twins: pd.DataFrame,
    reliabilities: pd.DataFrame,
    *,
    encodings: Sequence[str],
    main: Sequence[str],
    reference: str | None,
    titles: Mapping[str, str],
    declared: Mapping[str, Any],
    seed: int,
) -> str:
    """Return which encodings depth mends beside the reference, and which find twins most and least often."""
    compared = as_declared(differences, declared, seed)
    found = mending(_by_encoding(compared, encodings))
    said = [
        f"{words} {'; '.join(titles[name] for name in names)}."
        for names, words in zip(found, _WORDS, strict=True)
        if names
    ]
    of_twins = as_declared(twins, declared, seed)
    nearest = of_twins[(of_twins["statistic"] == FOUND) & (of_twins["keep"] == HALF) & of_twins["cell_type"].isna()]
    shares = {row.space: row.value for row in nearest.itertuples() if row.space in encodings}
    if not shares:
        return " ".join(said) or _NOTHING
    most, least = max(shares, key=shares.__getitem__), min(shares, key=shares.__getitem__)
    ends = f"most often by {titles[most]} ({shares[most]:.0%}), least by {titles[least]} ({shares[least]:.0%})"
    return " ".join([*said, f"Of the halves of cells the nearest is the twin {ends}; twins bound nothing."])


_WORDS = (
    "Worse than the reference, and by less the more molecules:",
    "Worse, and not shown to be so by less:",
    "Worse at a lower depth alone:",
)


def _by_encoding(compared: pd.DataFrame, encodings: Sequence[str]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the rows of each difference of the AUROC, the deepest first."""
    rows = compared[(compared["statistic"] == AUROC) & compared["treatment"].isin([AS_MEASURED, THINNED])]
    rows = rows.sort_values("keep", ascending=False)
    of = {name: rows[rows["space"] == name].to_dict("records") for name in encodings}
    return {name: found for name, found in of.items() if found}


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows by treatment, the deepest first, each with what its column is called."""
    places = rows["treatment"].map(TREATMENTS.index)
    found = rows.assign(at=places.where(places != 1, 0)).sort_values(["at", "keep"], ascending=[True, False])
    percent = [f"{100 * keep:g}" for keep in found["keep"]]
    return found.assign(column=found["treatment"].map(_SHORT).fillna(dict(zip(found.index, percent, strict=True))))


def _by_depth(shown: pd.DataFrame) -> NumberGrid:
    rows = shown[shown["statistic"] == AUROC]
    values = by_names(rows, "space", "column", "value")
    columns = list(dict.fromkeys(rows["column"]))
    of_encodings = rows.loc[~rows["space"].isin(CONTROLS), "value"]
    return NumberGrid("AUROC by depth", columns, values, _share, (of_encodings.min(), of_encodings.max()))


def _of_twins(shown: pd.DataFrame, twins: pd.DataFrame, reliabilities: pd.DataFrame) -> NumberGrid:
    halves = twins[(twins["keep"] == HALF) & twins["cell_type"].isna() & twins["statistic"].isin(_OF_TWINS)]
    half_deep = shown[(shown["treatment"] == THINNED) & (shown["keep"] == HALF) & (shown["statistic"] == OWN_TYPE)]
    values = {
        **by_names(halves.assign(column=halves["statistic"].map(_OF_TWINS)), "space", "column", "value"),
        **by_names(half_deep.assign(column=_OWN_TYPE), "space", "column", "value"),
        **by_names(reliabilities.assign(column=_HALF), "space", "column", "half"),
        **by_names(reliabilities.assign(column=_FULL), "space", "column", "full"),
    }
    return NumberGrid("Twins: two halves of each cell", [*_OF_TWINS.values(), _OWN_TYPE, _HALF, _FULL], values, _share)


def _share(value: float) -> str:
    """Return a number between 0 and 1 without its zero."""
    return f"{value:.3f}".removeprefix("0")


def _marks(differences: pd.DataFrame) -> dict[tuple[str, str], str]:
    rows = differences[differences["statistic"] == AUROC]
    marks = rows["verdict"].map(_MARKS).fillna("")
    return dict(zip(zip(rows["space"], rows["column"], strict=True), marks, strict=True))
