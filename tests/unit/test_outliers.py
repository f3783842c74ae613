"""Outliers and joint distributions, as tables."""

import numpy as np
import pytest

from rankstudy.measures.separation import evaluate, joint_distributions, outlier_cells, outlier_types
from rankstudy.measures.tables import (
    ALIKE_ACROSS,
    EFFECT_SIZES,
    JOINT,
    OUTLIER_CELLS,
    OUTLIER_TYPES,
    PAIR_SUMMARIES,
    UNLIKE_WITHIN,
)
from rankstudy.pairs.engine import compare
from rankstudy.pairs.engine.grids import HexGrid
from tests.unit.helpers import analysed_cells, hexagon_counts, space, write_analysed
from tests.unit.reference import likeness

SIZES = (10, 8, 12, 7)


def make(metric, seed=0):
    random = np.random.default_rng(seed)
    centres = np.repeat(random.normal(size=(len(SIZES), 6)), SIZES, axis=0)
    return space((centres + random.normal(size=(sum(SIZES), 6))).astype(np.float32), SIZES, metric, metric)


SPACES = [make("correlation"), make("euclidean")]
RESULT = compare(SPACES, joint=[("euclidean", "correlation")], hexagons=15)
CELLS = analysed_cells(SPACES[0].cells).assign(batch=[f"batch{i % 3}" for i in range(sum(SIZES))])


@pytest.mark.parametrize("of", SPACES, ids=lambda s: s.name)
@pytest.mark.parametrize(("kind", "within"), [(ALIKE_ACROSS, False), (UNLIKE_WITHIN, True)])
@pytest.mark.parametrize("number", [1, 5, 1000])
def test_outlier_cells_are_the_most_extreme_pairs_and_each_cell_stands_in_one(of, kind, within, number):
    table = outlier_cells(RESULT, CELLS, number)
    rows = table[(table["space"] == of.name) & (table["kind"] == kind)]
    values, slugs = likeness(of), of.cells["slug"].to_numpy()
    similarity = of.metric != "euclidean"
    place = {cell: i for i, cell in enumerate(CELLS["cell_id"])}
    a, b = (rows[c].map(place).to_numpy() for c in ("cell_a", "cell_b"))
    assert 1 <= len(rows) <= number and rows["place"].tolist() == list(range(1, len(rows) + 1))
    assert len({*a, *b}) == 2 * len(rows)
    assert ((slugs[a] == slugs[b]) == within).all()
    np.testing.assert_allclose(rows["value"], values[a, b], atol=2e-6)
    for side, rows_of in (("a", a), ("b", b)):
        assert rows[f"type_{side}"].tolist() == CELLS["cell_type"].iloc[rows_of].tolist()
        assert rows[f"batch_{side}"].tolist() == CELLS["batch"].iloc[rows_of].tolist()
    high_is_extreme = similarity != within
    assert (np.diff(rows["value"]) <= 0).all() if high_is_extreme else (np.diff(rows["value"]) >= 0).all()
    i, j = np.triu_indices(len(slugs), 1)
    candidates = values[i, j][(slugs[i] == slugs[j]) == within]
    assert rows["value"].iloc[0] == pytest.approx(candidates.max() if high_is_extreme else candidates.min(), abs=2e-6)


@pytest.mark.parametrize(("name", "highest_across"), [("correlation", True), ("euclidean", False)])
def test_outlier_types_are_ordered_by_their_median(name, highest_across):
    table = outlier_types(RESULT, CELLS, 2)
    medians = RESULT.quantiles[[s.name for s in SPACES].index(name), :, 2]
    same = RESULT.type_pairs[:, 0] == RESULT.type_pairs[:, 1]
    for kind, chosen, highest in ((ALIKE_ACROSS, ~same, highest_across), (UNLIKE_WITHIN, same, not highest_across)):
        rows = table[(table["space"] == name) & (table["kind"] == kind)]
        wanted = np.sort(medians[chosen])[::-1] if highest else np.sort(medians[chosen])
        np.testing.assert_array_equal(rows["median"], wanted[:2])
        assert (
            rows["place"].tolist() == [1, 2] and ((rows["type_a"] == rows["type_b"]) == (kind == UNLIKE_WITHIN)).all()
        )


def test_the_joint_table_holds_every_pair_once():
    table = joint_distributions(RESULT)
    same = RESULT.type_pairs[:, 0] == RESULT.type_pairs[:, 1]
    sums = table.groupby("relation")["n"].sum()
    assert sums["within"] == RESULT.n[same].sum() and sums["between"] == RESULT.n[~same].sum()
    assert sums.sum() == sum(SIZES) * (sum(SIZES) - 1) // 2
    assert (table["n"] > 0).all()
    assert set(zip(table["space_x"], table["space_y"], strict=True)) == {("euclidean", "correlation")}


def test_the_joint_table_gives_centres_and_steps_of_the_grid():
    about = RESULT.about["joint"][0]
    grid = HexGrid(tuple(about["x"]), tuple(about["y"]), about["nx"], about["ny"])
    table = joint_distributions(RESULT)
    np.testing.assert_allclose(table[["width", "height"]].drop_duplicates(), [grid.step])
    for relation, name in ((0, "within"), (1, "between")):
        rows = table[table["relation"] == name]
        np.testing.assert_array_equal(
            hexagon_counts(grid, rows["x"].to_numpy(), rows["y"].to_numpy()) > 0, RESULT.joint[0, relation] > 0
        )


def test_without_joint_spaces_the_table_is_empty_but_has_its_columns():
    table = joint_distributions(compare(SPACES))
    assert len(table) == 0 and set(table.columns) == set(JOINT.names) - {"dataset", "seed"}


def test_tables_of_all_replicates_in_one_file_each(tmp_path):
    pairs, cells, names = {}, {}, [t.name for t in (PAIR_SUMMARIES, EFFECT_SIZES, OUTLIER_TYPES, OUTLIER_CELLS, JOINT)]
    for seed in (0, 7):
        spaces = [make("correlation", seed), make("euclidean", seed)]
        pairs[seed], cells[seed] = str(tmp_path / f"{seed}.h5"), str(tmp_path / f"{seed}.parquet")
        compare(spaces, joint=[("euclidean", "correlation")], hexagons=15).save(pairs[seed])
        # in another order, and with a cell that was dropped
        table = analysed_cells(spaces[0].cells).assign(seed=seed)
        dropped = table.iloc[:1].assign(cell_id="toy:dropped", used=False, reason="gone")
        write_analysed(
            cells[seed], type(table)(np.vstack([dropped, table.iloc[::-1]]), columns=table.columns).astype(table.dtypes)
        )
    outputs = {name: str(tmp_path / f"{name}.parquet") for name in names} | {
        "effect_sizes_tsv": str(tmp_path / "e.tsv")
    }
    evaluate(pairs, cells, dataset="toy", outliers=3, outputs=outputs)
    for table in (PAIR_SUMMARIES, EFFECT_SIZES, OUTLIER_TYPES, OUTLIER_CELLS, JOINT):
        frame = table.read(outputs[table.name])
        assert sorted(frame["seed"].unique()) == [0, 7] and (frame["dataset"] == "toy").all()
    assert len(PAIR_SUMMARIES.read(outputs["pair_summaries"])) == 2 * 2 * 10
    assert (tmp_path / "e.tsv").read_text().startswith("dataset\tseed\tspace\tcell_type")
    shown = OUTLIER_CELLS.read(outputs["outlier_cells"])
    wanted = outlier_cells(RESULT, analysed_cells(SPACES[0].cells), 3)
    assert shown[shown["seed"] == 0]["cell_a"].tolist() == wanted["cell_a"].tolist()
