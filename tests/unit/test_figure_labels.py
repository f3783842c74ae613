"""Every figure that prints cell types has room for them: for names of ontologies, for sixty types, for one."""

import ast
from itertools import combinations_with_replacement, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rankstudy.cells.ontology.relate import related
from rankstudy.cells.tables import CELL_TYPES, SELECTION_REPORT, TYPE_RELATIONS
from rankstudy.core.cell_types import slugs
from rankstudy.measures.tables import (
    ALIKE_ACROSS,
    EXAMPLE_CELL,
    OUTLIER_CELLS,
    OUTLIER_TYPES,
    PAIR_SUMMARIES,
    UNLIKE_WITHIN,
)
from rankstudy.report import figures
from rankstudy.report.figures.measured import text_width, wrapped
from tests.unit.drawing import draw
from tests.unit.drawn_text import recorded_figures

LONG = "CD4-positive, CD25-positive, alpha-beta regulatory T cell {:02}"
TYPES = {
    "long": [LONG.format(i) for i in range(7)],
    "sixty": [LONG.format(i) for i in range(60)],
    "one": [LONG.format(0)],
    "short": ["a", "b", "c"],
    "unbroken": ["CD4-positive_CD25-positive_alpha-beta_regulatory_T_cell_of_$x_0", "W" * 60],
}
SPACES = {"rank": {"measure": "Spearman correlation of the ranks", "metric": "correlation", "title": "Ranks"}}
OF_ALL = {"dataset": "toy", "seed": 0}


def write(folder, table, frame):
    path = folder / f"{table.name}.parquet"
    table.write(frame.assign(**{k: v for k, v in OF_ALL.items() if k in table.names})[table.names], path)
    return str(path)


def cells_per_type(folder, types, output):
    """Draw as many cells of each type, of which all, some or none are selected."""
    counts = pd.DataFrame({"cell_type": types, "slug": list(slugs(types).values()), "n_batches": 1})
    counts = counts.assign(n_cells=123_456, median_counts=1.0, median_genes=1.0)
    report = pd.DataFrame({"cell_type": types, "selected": True, "reason": "selected", "n_batches": 1})
    report = report.assign(n_cells=np.resize([500, 123_456, 0], len(types)))
    tables = write(folder, CELL_TYPES, counts), write(folder, SELECTION_REPORT, report)
    draw("cells_per_type", *tables, seed=0, outputs=[output])


def encoding(folder, types, output):
    """Draw a cell of the first type, whose genes have ids of Ensembl."""
    counts = np.repeat([0.0, 1.0, 2.0, 3.0, 5.0, 40.0, 700.0], [9, 4, 3, 1, 1, 1, 1])
    cell = pd.DataFrame({"gene": [f"ENSG{i:011}" for i in range(len(counts))], "count": counts})
    cell = cell.assign(rank=cell["count"].rank(), n_tied=cell.groupby("count")["gene"].transform("size"))
    cell = cell.assign(cell_id="toy:AAACCCAAGAAACACT-1_of_a_donor_with_a_long_name", cell_type=types[0], expression=0.0)
    draw("encoding", write(folder, EXAMPLE_CELL, cell), outputs=[output])


def outliers(folder, types, output):
    """Draw ten pairs of neighbouring types, and of cells of them in batches with long names."""
    between = [*pairwise(types)][:10]
    rows = [(ALIKE_ACROSS, *pair) for pair in between] + [(UNLIKE_WITHIN, t, t) for t in types[:10]]
    frame = pd.DataFrame(rows, columns=["kind", "type_a", "type_b"]).assign(space="rank", n=66, median=0.1234)
    frame["place"] = frame.groupby("kind").cumcount() + 1
    ids = {f"cell_{side}": f"toy:AAACCCAAGAAACACT-1_of_sample_{side}_00000001" for side in "ab"}
    cells = frame.assign(**ids, batch_a="a batch of a long name 1", batch_b="a batch of a long name 2", value=0.1234)
    tables = write(folder, OUTLIER_TYPES, frame), write(folder, OUTLIER_CELLS, cells)
    draw("outliers", *tables, spaces=SPACES, space="rank", seed=0, outputs=[output])


def type_matrix(folder, types, output):
    """Draw medians that have four characters each."""
    pairs = list(combinations_with_replacement(sorted(types), 2))
    frame = pd.DataFrame(pairs, columns=["type_a", "type_b"]).assign(space="rank", n=9)
    frame["relation"] = np.where(frame["type_a"] == frame["type_b"], "within", "between")
    frame = frame.assign(**dict.fromkeys(("q05", "q25", "median", "q75", "q95"), -0.25))
    table = write(folder, PAIR_SUMMARIES, frame)
    draw("type_matrix", table, spaces=SPACES, space="rank", seed=0, outputs=[output])


def type_relations(folder, types, output):
    """Draw types of which half are grouped by hand."""
    table = related(types, {}, [types[: len(types) // 4 + 1], types[len(types) // 4 + 1 : len(types) // 2 + 1]], None)
    draw("type_relations", write(folder, TYPE_RELATIONS, table), outputs=[output])


FIGURES = {each.__name__: each for each in (cells_per_type, encoding, outliers, type_matrix, type_relations)}
# the drawing of a cell has one type, however many there are
CASES = [(name, kind) for name in FIGURES for kind in TYPES if name != "encoding" or kind in ("long", "unbroken")]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_no_text_stands_on_another_or_leaves_the_figure(name, kind, tmp_path, monkeypatch):
    with recorded_figures(monkeypatch) as found:
        FIGURES[name](tmp_path, TYPES[kind], str(tmp_path / "a.png"))
    (drawn,) = found
    assert len(drawn.texts) > 1
    assert drawn.overlapping() == [] and drawn.cut_off() == []


def test_every_figure_that_prints_labels_is_among_these():
    """A figure prints labels of a data set through `plain_label`, or through what lays out text."""
    printing = {"plain_label", "MatrixOf", "TextTable"}
    shared = {"style", "matrix", "text_table"}
    found = set()
    for path in Path(figures.__file__).parent.glob("*.py"):
        names = {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.alias)}
        found |= {path.stem} if names & printing else set()
    assert found - shared == FIGURES.keys()


@pytest.mark.parametrize("width", [20.0, 60.0, 500.0])
@pytest.mark.parametrize("text", ["", "one", LONG, "W" * 60, "$a b$ c"])
def test_wrapped_lines_fit_and_hold_every_character(text, width):
    lines = wrapped(text, width, 6.2)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(text_width(line, 6.2) <= width for line in lines)
