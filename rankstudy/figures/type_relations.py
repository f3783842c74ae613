"""Which types are similar: by the ontology or by hand, how much the ancestor says that they share, and what is unknown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform

from rankstudy.figures.style import BETWEEN, NEUTRAL, SEQUENTIAL, figure, plain_label
from rankstudy.type_relations import BY_HAND, OWN, SIMILAR, TYPE_RELATIONS, UNKNOWN

_MOST_NUMBERS = 20
_HATCH = "////"


def draw_type_relations(relations: str, *, outputs: Sequence[str]) -> None:
    """Draw the table `type_relations` as a symmetric matrix; similar types stand side by side, within outlines.

    Colour is the information of the ancestor that two types share, the mark says that they are similar and who says so,
    hatching that nobody can say. Types are in the order of the leaves of an average-linkage tree (see `type_matrix`);
    those without a term come last.
    """
    table = TYPE_RELATIONS.read(relations)
    similarity, relation, basis = (_square(table, column) for column in ("similarity", "relation", "basis"))
    order = grouped_order(similarity, relation)
    similarity, relation, basis = (frame.loc[order, order] for frame in (similarity, relation, basis))
    n = len(order)
    size = max(3.6, 0.3 * n + 2.2) if n <= _MOST_NUMBERS else min(0.16 * n + 2, 14)
    with figure(size * 0.88, width=size, outputs=outputs) as drawing:
        axes = drawing.subplots()
        values = similarity.to_numpy(float)
        image = axes.imshow(values, cmap=SEQUENTIAL, vmin=0, vmax=1, interpolation="nearest")
        hidden = _hatch(axes, relation.to_numpy(), values)
        linked = relation.isin([SIMILAR, OWN]).to_numpy()
        _outline(axes, linked)
        marks = _mark(axes, relation.to_numpy(), basis.to_numpy(), values, small=n > _MOST_NUMBERS)
        labels = [plain_label(label) for label in order]
        fonts = {} if n <= _MOST_NUMBERS else {"fontsize": 5}
        axes.set_xticks(range(n), labels, rotation=90, **fonts)
        axes.set_yticks(range(n), labels, **fonts)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        drawing.colorbar(image, ax=axes, label="information of the shared ancestor", shrink=0.7)
        drawing.legend(handles=[*marks, *hidden], loc="outside lower left", ncols=3, handletextpad=0.4)


def grouped_order(similarity: pd.DataFrame, relation: pd.DataFrame) -> list[str]:
    """Return the types so that similar ones stand side by side; those of which no relation is known come last.

    The distance of two types is 1 - information of the ancestor that they share, and 1 more where they are not similar.
    """
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
    turned = table.rename(columns={"type_a": "type_b", "type_b": "type_a"})
    both = pd.concat([table, turned[turned["type_a"] != turned["type_b"]]])
    return both.pivot(index="type_a", columns="type_b", values=column)


def _hatch(axes: Axes, relation: np.ndarray, values: np.ndarray) -> list[Patch]:
    """Hatch what is unknown, and types without a term against themselves."""
    style = {"hatch": _HATCH, "facecolor": "none", "edgecolor": NEUTRAL, "linewidth": 0}
    unknown = (relation == UNKNOWN) | ((relation == OWN) & np.isnan(values))
    for i, j in np.argwhere(unknown):
        axes.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, **style))
    return [Patch(label="unknown", **style)] if unknown.any() else []


def _outline(axes: Axes, linked: np.ndarray) -> None:
    """Draw the borders between cells of the matrix of which one is of similar types (or of one type) and one is not."""
    style = {"color": "black", "linewidth": 0.9}
    padded = np.pad(linked, 1)
    for i, j in np.argwhere(padded[1:, 1:-1] != padded[:-1, 1:-1]):
        axes.plot([j - 0.5, j + 0.5], [i - 0.5, i - 0.5], clip_on=False, **style)
    for i, j in np.argwhere(padded[1:-1, 1:] != padded[1:-1, :-1]):
        axes.plot([j - 0.5, j - 0.5], [i - 0.5, i + 0.5], clip_on=False, **style)


def _mark(axes: Axes, relation: np.ndarray, basis: np.ndarray, values: np.ndarray, *, small: bool) -> list[Line2D]:
    """Mark similar types, by shape: a dot where the ontology says so, a square where a hand did."""
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
                "markersize": 1.5 if small else 4,
                "linestyle": "",
                "color": BETWEEN,
                "markeredgewidth": 1,
            }
            rows, columns = np.nonzero(where)
            axes.plot(columns, rows, **style)
            handles.append(Line2D([], [], label=label, **{**style, "markersize": 4}))
    return handles
