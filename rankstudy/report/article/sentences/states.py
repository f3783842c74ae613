"""How well spaces tell a state within a type: the section of a data set that has states, and the methods."""

from __future__ import annotations

from markupsafe import Markup

from rankstudy.measures.states.tables import TOLD
from rankstudy.measures.uncertainty.tables import AUROC
from rankstudy.report.article.study import Dataset, Study
from rankstudy.report.article.text import NONE, Grid, Section, grid, joined, label, text


def section(dataset: Dataset) -> Section | None:
    """Return how well the main space and the reference tell the state, type by type; None without states."""
    if not dataset.about.get("states"):
        return None
    told = [row["cell_type"] for row in _rows(dataset, dataset.main, TOLD)]
    if not told:
        return Section(
            "states", "States within a type", [text("No type has enough donors of each state for a number.")]
        )
    return Section("states", "States within a type", [_donors(dataset, told), _caveat], [_by_type(dataset, told)])


def _rows(dataset: Dataset, space: str, reason: str) -> list[dict]:
    where = {"seed": dataset.study.first, "space": space, "statistic": AUROC, "reason": reason}
    return dataset.rows("states", "cell_type", "design", **where)


def _donors(dataset: Dataset, told: list[str | None]) -> Markup:
    where = {"space": dataset.main, "statistic": AUROC, "reason": TOLD, "seed": dataset.study.first}
    design = label(_rows(dataset, dataset.main, TOLD)[0]["design"])
    return joined(
        [
            text(
                "Within each of {} cell types, pairs of cells of one state are compared with pairs of two, between "
                "donors only ({} donors; {}).",
                dataset.derived("count", "states", "estimate", **where),
                dataset.span("states", "n_donors", **where),
                design,
            ),
            text(
                "By {}, the AUROC is {} to {}; states relabelled over donors give {} in the median.",
                dataset.study.title(dataset.main),
                *(dataset.derived(end, "states", "estimate", style="probability", **where) for end in ("min", "max")),
                dataset.derived("median", "states", "chance", style="probability", **where),
            ),
        ]
    )


_caveat = Markup(
    "A state that is told may be a difference in composition within the type, in depth or in how tissue was kept, if "
    "these go with the state over donors."
)


def _by_type(dataset: Dataset, told: list[str | None]) -> Grid:
    spaces = list(dict.fromkeys([dataset.main, *dataset.about["references"][:1]]))
    rows = [
        [label(name) if name else "all cells", *(cell for space in spaces for cell in _of_type(dataset, space, name))]
        for name in told
    ]
    columns = [column for space in spaces for column in (dataset.study.title(space), "Adjusted p")]
    return grid("AUROC of pairs of one state, with intervals over donors.", ["Type", *columns], rows)


def _of_type(dataset: Dataset, space: str, name: str | None) -> list[Markup]:
    where = {"space": space, "statistic": AUROC, "cell_type": name, "reason": TOLD}
    if not dataset.has("states", seed=dataset.study.first, **where):
        return [NONE, NONE]
    p = dataset.of_first("states", "p_holm", style="probability", **where)
    return [dataset.interval("states", **where), text("{}", p)]


def methods(study: Study) -> list[Markup]:
    """Return how states are told; nothing where no data set has any."""
    if not any(dataset.about.get("states") for dataset in study.datasets):
        return []
    return [
        Markup(
            "How well a state is told is measured within each type and between donors only: as the AUROC of pairs of "
            "cells of one state beside pairs of two, in which each pair of donors counts the same; as the share of a "
            "cell’s own state among its nearest cells of other donors, less what chance gives; and as the adjusted "
            "share of the variance of donors’ mean vectors between states. Intervals are the jackknife’s over "
            "donors. The null relabels states over donors that have one, and within donors that have all."
        )
    ]
