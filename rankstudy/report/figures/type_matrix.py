"""Which types are alike: the matrix of median rank correlations, ordered by similarity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rankstudy.measures.tables import PAIR_SUMMARIES
from rankstudy.report.figure import Figure
from rankstudy.report.figures.matrix import MatrixOf
from rankstudy.report.figures.style import SEQUENTIAL, figure
from rankstudy.spaces.descriptions import descriptions
from rankstudy.spaces.tables import SPACES_TABLE

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes

FIGURE = Figure(
    title="Types by similarity",
    section="types",
    caption=(
        "Median over all pairs of cells, for each pair of types of ``{dataset}`` (seed {seed}), in the space "
        "``{space}``. Types that are alike stand side by side."
    ),
    reads={"summaries": PAIR_SUMMARIES, "spaces": SPACES_TABLE},
    settings=lambda plan: {"space": plan.main_space, "seed": plan.first_seed},
)


def draw(summaries: pd.DataFrame, spaces: pd.DataFrame, *, space: str, seed: int, outputs: Sequence[str]) -> None:
    """Draw the medians of one space as a symmetric matrix; types that are alike stand side by side.

    The order is that of the leaves of an average-linkage tree, turned so that neighbours are as alike as possible
    (Bar-Joseph et al. 2001, in scipy). Numbers are written into the cells of small matrices.
    """
    about = descriptions(spaces)[space]
    matrix = median_matrix(summaries[(summaries["seed"] == seed) & (summaries["space"] == space)])
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
    import pandas as pd

    turned = table.rename(columns={"type_a": "type_b", "type_b": "type_a"})
    both = pd.concat([table, turned[turned["relation"] == "between"]])
    return both.pivot(index="type_a", columns="type_b", values="median")


def order_by_similarity(matrix: pd.DataFrame, *, similarity: bool) -> pd.DataFrame:
    """Return the matrix with rows and columns in the order of an optimally turned average-linkage tree."""
    import numpy as np
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    if len(matrix) < 3:
        return matrix
    distances = matrix.to_numpy(copy=True)
    if similarity:
        distances = distances.max() - distances
    np.fill_diagonal(distances, 0.0)
    condensed = squareform(distances, checks=False)
    order = leaves_list(optimal_leaf_ordering(linkage(condensed, "average"), condensed))
    return matrix.iloc[order, order]


def _write_numbers(axes: Axes, values: np.ndarray) -> None:
    import numpy as np

    middle = (np.nanmin(values) + np.nanmax(values)) / 2
    for (i, j), value in np.ndenumerate(values):
        text = f"{value:.2f}" if abs(value) < 10 else f"{value:.0f}"
        axes.text(j, i, text, ha="center", va="center", fontsize=5.5, color="white" if value > middle else "black")
