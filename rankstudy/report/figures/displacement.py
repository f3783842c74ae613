"""Changes of one gene that an encoding does not show, and the entries of other genes that move with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rankstudy.measures.changes.tables import ANYWHERE, CHANGES, COUNTERFACTUALS, PLACES, UNDETECTED
from rankstudy.report.causes import about_causes, change_in_words, place_in_words
from rankstudy.report.figure import Figure
from rankstudy.report.figures.number_grid import ROW, NumberGrid, by_names, name_rows
from rankstudy.report.figures.style import figure, letter, say
from rankstudy.report.figures.text import note_below

if TYPE_CHECKING:
    import pandas as pd

    from rankstudy.report.figure import Outputs

_MOST = 24  # encodings, those of the study first
_AROUND = 0.62  # inches around the rows of a panel
_DOUBLED = "x2"
_FEW = 10  # genes, below which a mean has a decimal
_NOTHING = "No gene was changed."


FIGURE = Figure(
    title="What a change of one gene moves",
    section="changes",
    caption=(
        "One gene of a cell of ``{dataset}`` removed, halved, multiplied, or given to a cell that lacks it (+1, +3): "
        "share of such changes that leave the whole encoding as it is, and how many entries of other genes move, on "
        "average; below, doubled genes by their place (seed {seed})."
    ),
    reads={"counterfactuals": COUNTERFACTUALS},
    when=lambda plan: plan.cause_encodings,
    settings=about_causes,
)


def draw(
    counterfactuals: pd.DataFrame,
    *,
    encodings: Sequence[str],
    main: Sequence[str],
    reference: str | None,
    titles: Mapping[str, str],
    declared: Mapping[str, Any],
    seed: int,
    outputs: Outputs,
) -> None:
    """Draw shares of blind changes and entries that move, by change above and by place below, in equal rows."""
    shown = _shown(counterfactuals, seed)
    there = set(shown["space"])
    rows = [name for name in encodings if name in there][:_MOST]
    height = 2 * ((len(rows) or 3) * ROW + _AROUND) + 0.3
    with figure(height, outputs=outputs) as drawing:
        if not rows:
            say(drawing.subplots(), _NOTHING)
            return
        grids = [
            grid
            for by, column, columns in _COLUMNS
            for grid in _grids(shown[shown["by_columns"] == by], by, column, columns)
        ]
        widths = [len(grids[0].columns), len(grids[1].columns)]
        panels = drawing.subplots(2, 2, gridspec_kw={"width_ratios": widths}).ravel()
        for axes, grid in zip(panels, grids, strict=True):
            grid.draw(axes, rows)
        for axes in panels[::2]:
            name_rows(axes, [titles[name] for name in rows])
        letter(panels, wrap=44, rows=[2, 2])
        left_out = len(there) - len(rows)
        note_below(
            drawing,
            "Not read: of the genes that a cell has those that an encoding does not read; their changes are among the "
            "unseen ones. Entries that move: of an order places, of bins and levels any change, of values those by "
            "more than 1 %.",
            f"{left_out} encodings are in the table alone." if left_out else "",
        )


def finding(
    counterfactuals: pd.DataFrame,
    *,
    encodings: Sequence[str],
    main: Sequence[str],
    reference: str | None,
    titles: Mapping[str, str],
    declared: Mapping[str, Any],
    seed: int,
) -> str:
    """Return of each encoding the share of doubled genes that it does not show, and the entries that move."""
    shown = _shown(counterfactuals, seed)
    rows = shown[(shown["change"] == _DOUBLED) & (shown["position"] == ANYWHERE)].set_index("space")
    said = [
        f"{titles[name]}: {rows.loc[name, 'blind']:.1%} unseen, {_entries(rows.loc[name, 'displaced'])} others move"
        for name in encodings
        if name in rows.index
    ]
    return f"If the count of one gene is doubled: {'; '.join(said)}." if said else _NOTHING


_BY_CHANGE, _BY_PLACE = "change", "place"
_UNREAD = "not\nread"
_COLUMNS = (
    (_BY_CHANGE, "called", [change_in_words(change) for change in CHANGES]),
    (_BY_PLACE, "called_place", [place_in_words(place) for place in PLACES]),
)
_TITLES = {_BY_CHANGE: "of all genes", _BY_PLACE: "of doubled genes, by place"}


def _shown(counterfactuals: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return the rows of all cells, each with the grids that it stands in."""
    rows = counterfactuals[(counterfactuals["seed"] == seed) & counterfactuals["cell_type"].isna()]
    by_change = rows["position"].isin([ANYWHERE, UNDETECTED])
    by_place = rows["position"].isin(list(PLACES)) & (rows["change"] == _DOUBLED)
    words = {"called": rows["change"].map(change_in_words), "called_place": rows["position"].map(place_in_words)}
    found = rows.assign(**words, by_columns=None)
    found.loc[by_change, "by_columns"] = _BY_CHANGE
    found.loc[by_place, "by_columns"] = _BY_PLACE
    return found[found["by_columns"].notna()]


def _grids(rows: pd.DataFrame, by: str, column: str, columns: Sequence[str]) -> list[NumberGrid]:
    """Return the grids of blind changes and of entries that move."""
    blind, displaced = (by_names(rows, "space", column, value) for value in ("blind", "displaced"))
    unread = [_UNREAD] if by == _BY_CHANGE else []
    of_genes = rows[rows["change"] == _DOUBLED].assign(column=_UNREAD)
    blind |= by_names(of_genes, "space", "column", "unread") if unread else {}
    most = max(displaced.values(), default=0.0)
    return [
        NumberGrid(f"Unseen changes (%), {_TITLES[by]}", [*unread, *columns], blind, _percent, (0.0, 1.0)),
        NumberGrid(f"Other entries that move, {_TITLES[by]}", columns, displaced, _entries, (0.0, most or 1.0), True),
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"


def _entries(value: float) -> str:
    return f"{value:.1f}" if 0 < value < _FEW else f"{value:,.0f}"
