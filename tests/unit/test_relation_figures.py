"""The figures of relations and neighbours: from tables alone, the same bytes again, and a reason where none."""

import matplotlib as mpl
import numpy as np
import pytest

from rankstudy.measures.neighbours.neighbourhoods import summarise_neighbours
from rankstudy.measures.neighbours.tables import BATCH_DRIVEN_NEIGHBOURS, LABEL_TRANSFER
from rankstudy.measures.relations.curves import summarise_relations
from rankstudy.measures.relations.tables import RELATIONS_AT_CUTOFFS
from rankstudy.measures.uncertainty.evaluation import evaluate_uncertainty
from rankstudy.measures.uncertainty.tables import INTERVALS
from tests.unit.drawing import draw
from tests.unit.helpers import analysed_cells, write_analysed
from tests.unit.related import TABLES, K, batched, everything, make_spaces, relations

READS = {
    "relation_curves": ["relations"],
    "neighbour_composition": ["neighbourhoods"],
    "batch_driven": ["batch_driven", "intervals"],
    "label_transfer": ["label_transfer"],
}
every_figure = pytest.mark.parametrize("figure", READS)


def write_tables(folder, spaces, matrix):
    """Write the tables of two seeds with the same cells; return their paths by name."""
    result, _ = everything(spaces, matrix)
    result.save(folder / "pairs.h5")
    cells = write_analysed(folder / "cells.parquet", analysed_cells(spaces[0].cells))
    pairs = dict.fromkeys((3, 5), str(folder / "pairs.h5"))
    outputs = {name: str(folder / f"{name}.parquet") for name in TABLES}
    of_all = {"dataset": "toy", "unit": "batches", "level": 0.95}
    summarise_relations(pairs, dict.fromkeys(pairs, cells), **of_all, outputs=outputs)
    summarise_neighbours(pairs, dict.fromkeys(pairs, cells), **of_all, sizes=K, seed=0, outputs=outputs)
    estimated = {name: str(folder / f"{name}.parquet") for name in ("intervals", "differences")}
    settings = {"neighbours": K, "resamples": 200, "seed": 0, "level": 0.95, "references": {}}
    evaluate_uncertainty(pairs, dict.fromkeys(pairs, cells), dataset="toy", **settings, outputs=estimated)
    return outputs | estimated


def about(spaces):
    return {
        of.name: {"title": f"Space {of.name} $x", "measure": of.metric, "metric": of.metric, "role": "encoding"}
        for of in spaces
    }


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    spaces = make_spaces()
    return spaces, write_tables(tmp_path_factory.mktemp("several"), spaces, relations())


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    """Return one space of cells of one batch, with no similar types."""
    spaces = [batched(of, "all") for of in make_spaces()[:1]]
    return spaces, write_tables(tmp_path_factory.mktemp("single"), spaces, None)


def drawn(figure, given, path):
    spaces, tables = given
    settings = {"seed": 3} if figure != "neighbour_composition" else {}
    draw(figure, *(tables[name] for name in READS[figure]), spaces=about(spaces), outputs=[path], **settings)
    return path.read_bytes()


@every_figure
def test_a_figure_is_drawn_from_its_table_and_the_same_again(figure, several, tmp_path):
    first = drawn(figure, several, tmp_path / "a.svg")
    assert first.startswith(b"<?xml") and len(first) > 10_000
    assert drawn(figure, several, tmp_path / "b.svg") == first


@every_figure
def test_one_space_and_one_batch_can_be_drawn(figure, single, tmp_path, monkeypatch):
    monkeypatch.setitem(mpl.rcParams, "svg.fonttype", "none")
    monkeypatch.setattr("rankstudy.report.figures.style.RC", {"svg.fonttype": "none"})
    text = drawn(figure, single, tmp_path / "a.svg").decode()
    said = {"batch_driven": "All cells are of one batch", "label_transfer": "No label can be transferred"}
    assert ("of one batch" in text) == (figure in said)
    if figure in said:
        assert said[figure] in text


def test_relations_that_do_not_occur_are_not_in_the_legend(several, single, tmp_path, monkeypatch):
    monkeypatch.setattr("rankstudy.report.figures.style.RC", {"svg.fonttype": "none"})
    for given, shown in ((several, True), (single, False)):
        text = drawn("relation_curves", given, tmp_path / "a.svg").decode()
        assert ("similar type" in text) == ("relation unknown" in text) == shown
        assert "own type" in text and "other type" in text
    text = drawn("neighbour_composition", single, tmp_path / "a.svg").decode()
    assert "own type, same batch" in text and "other batch" not in text


@pytest.mark.filterwarnings("error")
def test_one_cutoff_that_tells_something_has_an_axis(single, tmp_path):
    spaces, tables = single
    table = RELATIONS_AT_CUTOFFS.read(tables["relations"])
    half = table["cutoff"].drop_duplicates().sort_values().iloc[10]
    # all relations pass the other cutoffs
    passed = table.assign(n_relations=table["n_relations"].where(table["cutoff"] == half, 10**9), n_without=0)
    RELATIONS_AT_CUTOFFS.write(passed, tmp_path / "relations.parquet")
    drawn("relation_curves", (spaces, {**tables, "relations": str(tmp_path / "relations.parquet")}), tmp_path / "a.png")


def test_a_panel_of_one_value_has_an_axis(single, tmp_path):
    """Vectors that are all equally far apart pass every cutoff or none."""
    spaces = make_spaces()[2:]
    same = [
        batched(type(of)(of.name, of.metric, np.eye(len(of.cells), dtype=np.float32), of.cells), of.cells["batch"])
        for of in spaces
    ]
    tables = write_tables(tmp_path, same, None)
    drawn("relation_curves", (same, tables), tmp_path / "a.png")


@pytest.mark.parametrize(
    ("figure", "table", "column"),
    [("relation_curves", RELATIONS_AT_CUTOFFS, "low"), ("label_transfer", LABEL_TRANSFER, "macro_f1_high")],
)
def test_intervals_of_one_seed_are_drawn_and_follow_their_table(several, tmp_path, figure, table, column):
    spaces, tables = several
    before = drawn(figure, several, tmp_path / "a.svg")
    for seed, changes in ((3, True), (5, False)):
        wider = table.read(tables[table.name])
        wider.loc[wider["seed"] == seed, column] -= 0.01
        table.write(wider, tmp_path / "moved.parquet")
        moved = {**tables, table.name: str(tmp_path / "moved.parquet")}
        assert (drawn(figure, (spaces, moved), tmp_path / "b.svg") != before) == changes


def test_batch_driven_neighbours_have_the_intervals_of_one_seed(several, tmp_path):
    spaces, tables = several
    before = drawn("batch_driven", several, tmp_path / "a.svg")
    for seed, changes in ((3, True), (5, False)):
        wider = INTERVALS.read(tables["intervals"])
        wider.loc[wider["seed"] == seed, "low"] -= 0.01
        INTERVALS.write(wider, tmp_path / "intervals.parquet")
        moved = {**tables, "intervals": str(tmp_path / "intervals.parquet")}
        assert (drawn("batch_driven", (spaces, moved), tmp_path / "b.svg") != before) == changes


def test_batch_driven_neighbours_stand_beside_all_of_another_type(several, tmp_path):
    """The bars are of one seed, and as long as the table says."""
    spaces, tables = several
    before = drawn("batch_driven", several, tmp_path / "a.svg")
    for seed, changes in ((3, True), (5, False)):
        fewer = BATCH_DRIVEN_NEIGHBOURS.read(tables["batch_driven"])
        fewer.loc[fewer["seed"] == seed, "other_types"] *= 0.9
        BATCH_DRIVEN_NEIGHBOURS.write(fewer, tmp_path / "batch_driven.parquet")
        moved = {**tables, "batch_driven": str(tmp_path / "batch_driven.parquet")}
        assert (drawn("batch_driven", (spaces, moved), tmp_path / "b.svg") != before) == changes
