"""Which types are similar, by the ontology or by hand; how much the ancestor says that they share; what is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rankstudy.cells.tables import BY_HAND, TYPE_RELATIONS
from rankstudy.core.tables import OWN, SIMILAR, UNKNOWN
from rankstudy.report.figure import Figure
from rankstudy.report.figures.matrix import MatrixOf
from rankstudy.report.figures.style import BETWEEN, NEUTRAL, figure

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    from rankstudy.report.figure import Outputs

_HATCH = "////"
# inches: below the matrix for the legend, and for its three entries side by side
_LEGEND, _LEAST_WIDTH = 0.3, 4.2


FIGURE = Figure(
    title="Similar types",
    section="types",
    caption=(
        "Which cell types of ``{dataset}`` are similar: by the Cell Ontology, or by hand. Outlines hold types that "
        "are similar, and each type itself; marks say whether the ontology (a dot) or a hand (a square) calls two "
        "types similar; hatching is for types that cannot be related. Colour, where types have terms of the "
        "ontology, says how much their most informative common ancestor says."
    ),
    reads={"relations": TYPE_RELATIONS},
    when=lambda plan: plan.relates_types,
)


def draw(relations: pd.DataFrame, *, outputs: Outputs) -> None:
    """Draw the table `type_relations` as a symmetric matrix; similar types stand side by side, within outlines.

    Colour is the information of the ancestor that two types share, and there is none where no two have a term; the mark
    says that they are similar and who says so, hatching that nobody can say. Types are in the order of the leaves of an
    average-linkage tree (see `type_matrix`); those of which no relation is known come last.
    """
    similarity, relation, basis = (_square(relations, column) for column in ("similarity", "relation", "basis"))
    order = grouped_order(similarity, relation)
    similarity, relation, basis = (frame.loc[order, order] for frame in (similarity, relation, basis))
    shown = MatrixOf(order, below=_LEGEND)
    width, height = shown.size
    with figure(height, width=max(width, _LEAST_WIDTH), outputs=outputs) as drawing:
        axes = shown.draw(drawing, similarity, "information of the shared ancestor", vmin=0, vmax=1)
        hidden = _hatch(axes, relation.to_numpy() == UNKNOWN)
        linked = relation.isin([SIMILAR, OWN]).to_numpy()
        _outline(axes, linked)
        marks = _mark(axes, relation.to_numpy(), basis.to_numpy(), large=shown.is_large)
        drawing.legend(handles=[*marks, *hidden], loc="lower left", ncols=3, handletextpad=0.4)


def finding(relations: pd.DataFrame) -> str:
    """Return how many pairs of types are similar, who says so, and how many cannot be related."""
    pairs = relations[relations["relation"] != OWN]
    similar = pairs["relation"] == SIMILAR
    by_hand = similar & (pairs["basis"] == BY_HAND)
    return (
        f"Of {len(pairs):,} pairs of types {similar.sum():,} are similar, {by_hand.sum():,} of them by hand; "
        f"{(pairs['relation'] == UNKNOWN).sum():,} cannot be related."
    )


def grouped_order(similarity: pd.DataFrame, relation: pd.DataFrame) -> list[str]:
    """Return the types so that similar ones stand side by side; those of which no relation is known come last.

    The distance of two types is 1 - information of the ancestor that they share, and 1 more where they are not similar.
    """
    import numpy as np
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    known = ~relation.where(relation != OWN, UNKNOWN).eq(UNKNOWN).all(axis=1)
    first = relation.index[known].tolist()
    if len(first) > 2:
        alike = relation.loc[first, first].eq(SIMILAR).to_numpy()
        distances = 2.0 - similarity.loc[first, first].fillna(0.0).to_numpy(float) - alike
        np.fill_diagonal(distances, 0.0)
        condensed = squareform(distances, checks=False)
        first = [first[i] for i in leaves_list(optimal_leaf_ordering(linkage(condensed, "average"), condensed))]
    return first + relation.index[~known].tolist()


def _square(table: pd.DataFrame, column: str) -> pd.DataFrame:
    import pandas as pd

    turned = table.rename(columns={"type_a": "type_b", "type_b": "type_a"})
    both = pd.concat([table, turned[turned["type_a"] != turned["type_b"]]])
    return both.pivot(index="type_a", columns="type_b", values=column)


def _hatch(axes: Axes, unknown: np.ndarray) -> list[Patch]:
    """Hatch what is unknown, as one shape: thousands of small ones would take minutes."""
    import numpy as np
    from matplotlib.patches import Patch, PathPatch
    from matplotlib.path import Path

    if not unknown.any():
        return []
    style = {"hatch": _HATCH, "facecolor": "none", "edgecolor": NEUTRAL, "linewidth": 0}
    unit = Path.unit_rectangle().vertices
    fields = [Path(unit + [j, i], Path.unit_rectangle().codes) for i, j in np.argwhere(unknown)]
    axes.add_patch(PathPatch(Path.make_compound_path(*fields), **style))
    return [Patch(label="unknown", **style)]


def _outline(axes: Axes, linked: np.ndarray) -> None:
    """Draw the borders between cells of the matrix of which one is of similar types (or of one type) and one is not."""
    import numpy as np
    from matplotlib.collections import LineCollection

    padded = np.pad(linked, 1)
    above = [((j, i), (j + 1, i)) for i, j in np.argwhere(padded[1:, 1:-1] != padded[:-1, 1:-1])]
    left = [((j, i), (j, i + 1)) for i, j in np.argwhere(padded[1:-1, 1:] != padded[1:-1, :-1])]
    axes.add_collection(
        LineCollection([*above, *left], colors="black", linewidths=0.9, capstyle="projecting", clip_on=False)
    )


def _mark(axes: Axes, relation: np.ndarray, basis: np.ndarray, *, large: bool) -> list[Line2D]:
    """Mark similar types, by shape: a dot where the ontology says so, a square where a hand did."""
    import numpy as np
    from matplotlib.lines import Line2D

    similar = relation == SIMILAR
    kinds = {
        "similar, by the ontology": ("o", similar & (basis != BY_HAND)),
        "similar, by hand": ("s", similar & (basis == BY_HAND)),
        "other, by hand": ("x", ~similar & (basis == BY_HAND)),
    }
    handles = []
    for label, (marker, where) in kinds.items():
        if where.any():
            style = {
                "marker": marker,
                "markersize": 4 if large else 2,
                "linestyle": "",
                "color": BETWEEN,
                "markeredgewidth": 1 if large else 0.5,
            }
            rows, columns = np.nonzero(where)
            axes.plot(columns + 0.5, rows + 0.5, **style)
            handles.append(Line2D([], [], label=label, **{**style, "markersize": 4}))
    return handles
