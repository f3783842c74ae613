"""Which types are alike: the matrix of median rank correlations, ordered by similarity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rankstudy.measures.tables import PAIR_SUMMARIES
from rankstudy.report.figure import Figure
from rankstudy.report.figures.matrix import MatrixOf
from rankstudy.report.figures.style import figure
from rankstudy.spaces.tables import SPACES_TABLE, descriptions

if TYPE_CHECKING:
    import pandas as pd

    from rankstudy.report.figure import Outputs

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


def draw(summaries: pd.DataFrame, spaces: pd.DataFrame, *, space: str, seed: int, outputs: Outputs) -> None:
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
        shown.draw(drawing, matrix, f"median {about['measure']}", texts=_texts(matrix) if shown.is_large else None)


def finding(summaries: pd.DataFrame, spaces: pd.DataFrame, *, space: str, seed: int) -> str:
    """Return which two types are most alike, and which least."""
    about = descriptions(spaces)[space]
    pairs = summaries[
        (summaries["seed"] == seed) & (summaries["space"] == space) & (summaries["relation"] == "between")
    ].sort_values("median", ascending=about["metric"] == "euclidean", kind="stable")
    if pairs.empty:
        return "There are no two types to be compared."
    named = [f"{row['type_a']} and {row['type_b']} ({row['median']:.3f})" for row in (pairs.iloc[0], pairs.iloc[-1])]
    return f"Of different types most alike by median {about['measure']}: {named[0]}; least alike: {named[1]}."


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


def _texts(matrix: pd.DataFrame) -> pd.DataFrame:
    """Return the values with so many decimals that those which differ by a fiftieth of the range differ."""
    import numpy as np

    span = np.ptp(matrix.to_numpy()) or 1.0
    decimals = int(np.clip(np.ceil(-np.log10(span / 50)), 0, 6))
    return matrix.map(lambda value: f"{value:.{decimals}f}")
