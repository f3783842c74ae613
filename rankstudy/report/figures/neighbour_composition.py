"""Of which types and batches the most alike cells are: stacked shares per space, beside what chance would give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rankstudy.core.tables import OWN
from rankstudy.measures.neighbours.tables import NEIGHBOURHOODS
from rankstudy.report.figure import Figure
from rankstudy.report.figures.style import TYPE_COLOURS, TYPE_NAMES, figure, letter, space_rows
from rankstudy.report.figures.text import extremes, full_titles, legend_above, note_below
from rankstudy.spaces.tables import SPACES_TABLE, descriptions

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from rankstudy.report.figure import Outputs

_ROW = 0.27
_CHANCE = "drawn evenly from all other cells"
# batch-driven neighbours, of any other type in the same batch, stand at the end
_SEGMENTS = [
    *(("own", batches) for batches in ("same", "other")),
    *((kind, "other") for kind in TYPE_COLOURS if kind != "own"),
    *((kind, "same") for kind in reversed(TYPE_COLOURS) if kind != "own"),
]


FIGURE = Figure(
    title="Neighbours",
    section="neighbours",
    caption=(
        "Of which types and batches the nearest cells are in each space of ``{dataset}``: means over cells and seeds. "
        "Last bar: neighbours drawn evenly from all other cells; black lines on the others: where it ends the own "
        "type, and begins the batch-driven ones (another type, same batch)."
    ),
    reads={"neighbourhoods": NEIGHBOURHOODS, "spaces": SPACES_TABLE},
)


def draw(neighbourhoods: pd.DataFrame, spaces: pd.DataFrame, *, outputs: Outputs) -> None:
    """Draw the mean shares of each class among the neighbours of all cells, a panel per size of neighbourhood.

    Values are means over the seeds. The last bar is that of chance; short lines on each bar mark where chance would end
    the own type and begin the batch-driven neighbours.
    """
    from matplotlib.patches import Patch

    spaces = descriptions(spaces)
    table = neighbourhoods[neighbourhoods["cell_type"].isna()]
    means = table.groupby(["k", "space", "relation", "batches"], as_index=False)[["share", "expected"]].mean()
    sizes = sorted(means["k"].unique())
    rows = {**spaces, "": {"short": _CHANCE}}
    with figure(_ROW * len(rows) + 1.4, outputs=outputs) as drawing:
        panels = drawing.subplots(1, len(sizes), squeeze=False, sharey=True)[0]
        for axes, k in zip(panels, sizes, strict=True):
            _draw_panel(axes, means[means["k"] == k], list(spaces))
            axes.set_title(f"{k} nearest cells")
        space_rows(panels, rows)
        letter(panels)
        occurring = means[means["expected"] > 0]
        shown = set(zip(occurring["relation"], occurring["batches"], strict=True))
        handles = [
            Patch(color=_colour(*segment), label=f"{TYPE_NAMES[segment[0]]}, {segment[1]} batch")
            for segment in _SEGMENTS
            if segment in shown
        ]
        legend_above(drawing, handles)
        note_below(drawing, full_titles(spaces, spaces))


def finding(neighbourhoods: pd.DataFrame, spaces: pd.DataFrame) -> str:
    """Return in which spaces most and fewest of the nearest cells are of the own type, and how many by chance."""
    about, k = descriptions(spaces), neighbourhoods["k"].min()
    of_all = neighbourhoods[neighbourhoods["cell_type"].isna() & (neighbourhoods["k"] == k)]
    own = of_all[of_all["relation"] == OWN].groupby(["space", "seed"])[["share", "expected"]].sum()
    means = own.groupby("space").mean()
    examined = {of["short"]: means["share"][name] for name, of in about.items() if of["role"] != "control"}
    chance = f"{means['expected'].mean():.3f}"
    return f"Share of the own type among the {k} nearest cells: {extremes(examined)}; by chance {chance}."


def _draw_panel(axes: Axes, table: pd.DataFrame, spaces: Sequence[str]) -> None:
    for y, space in enumerate(spaces):
        shares = _by_segment(table[table["space"] == space], "share")
        _draw_bar(axes, y, shares, 0.76)
    chance = _by_segment(table[table["space"] == spaces[0]], "expected")
    _draw_bar(axes, len(spaces), chance, 0.5)
    own = chance["own", "same"] + chance["own", "other"]
    driven = sum(share for (kind, batches), share in chance.items() if kind != "own" and batches == "same")
    for end in (own, 1 - driven):
        for y in range(len(spaces)):
            axes.plot([end, end], [y - 0.38, y + 0.38], color="black", lw=0.9)
    axes.set_xlim(0, 1)
    axes.set_xlabel("mean share of the neighbours")


def _by_segment(table: pd.DataFrame, value: str) -> dict[tuple[str, str], float]:
    held = {(row.relation, row.batches): getattr(row, value) for row in table.itertuples()}
    return {segment: held.get(segment, 0.0) for segment in _SEGMENTS}


def _draw_bar(axes: Axes, y: int, shares: Mapping[tuple[str, str], float], height: float) -> None:
    left = 0.0
    for segment, share in shares.items():
        axes.barh(y, share, left=left, height=height, color=_colour(*segment), lw=0)
        left += share


def _colour(relation: str, batches: str) -> tuple[float, ...]:
    """Return the colour of a relation, half as strong in another batch."""
    from matplotlib.colors import to_rgb

    full = to_rgb(TYPE_COLOURS[relation])
    return full if batches == "same" else tuple(0.45 * part + 0.55 for part in full)
