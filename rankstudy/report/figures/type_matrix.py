"""Which types are alike: the matrix of median rank correlations, ordered by similarity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform

from rankstudy.measures.tables import PAIR_SUMMARIES
from rankstudy.report.figures.matrix import MatrixOf
from rankstudy.report.figures.style import SEQUENTIAL, figure


def draw_type_matrix(
    summaries: str, *, space: str, about: Mapping[str, str], seed: int, outputs: Sequence[str]
) -> None:
    """Draw the medians of one space as a symmetric matrix; types that are alike stand side by side.

    The order is that of the leaves of an average-linkage tree, turned so that neighbours are as alike as possible
    (Bar-Joseph et al. 2001, in scipy). Numbers are written into the cells of small matrices.
    """
    table = PAIR_SUMMARIES.read(summaries)
    matrix = median_matrix(table[(table["seed"] == seed) & (table["space"] == space)])
    matrix = order_by_similarity(matrix, similarity=about["metric"] != "euclidean")
    shown = MatrixOf(list(matrix.index))
    width, height = shown.size
    with figure(height, width=width, outputs=outputs) as drawing:
        axes = shown.add_axes(drawing)
        image = axes.imshow(matrix.to_numpy(), cmap=SEQUENTIAL, interpolation="nearest")
        if shown.is_large:
            _write_numbers(axes, matrix.to_numpy())
        shown.add_colour_bar(image, f"median {about['measure']}")


def median_matrix(table: pd.DataFrame) -> pd.DataFrame:
    """Return the medians of one space and seed as a symmetric matrix, types x types."""
    turned = table.rename(columns={"type_a": "type_b", "type_b": "type_a"})
    both = pd.concat([table, turned[turned["relation"] == "between"]])
    return both.pivot(index="type_a", columns="type_b", values="median")


def order_by_similarity(matrix: pd.DataFrame, *, similarity: bool) -> pd.DataFrame:
    """Return the matrix with rows and columns in the order of an optimally turned average-linkage tree."""
    if len(matrix) < 3:
        return matrix
    distances = matrix.to_numpy(copy=True)
    if similarity:
        distances = distances.max() - distances
    np.fill_diagonal(distances, 0.0)
    condensed = squareform(distances, checks=False)
    order = leaves_list(optimal_leaf_ordering(linkage(condensed, "average"), condensed))
    return matrix.iloc[order, order]


def _write_numbers(axes, values: np.ndarray) -> None:
    middle = (np.nanmin(values) + np.nanmax(values)) / 2
    for (i, j), value in np.ndenumerate(values):
        text = f"{value:.2f}" if abs(value) < 10 else f"{value:.0f}"
        axes.text(j, i, text, ha="center", va="center", fontsize=5.5, color="white" if value > middle else "black")
