"""The tables of intervals and differences, from the files of each replicate, and their figure."""

import numpy as np
import pandas as pd
import pytest

from rankstudy.cells.tables import CELLS
from rankstudy.core.errors import StudyError
from rankstudy.measures.neighbours.neighbourhoods import summarise_neighbours
from rankstudy.measures.relations.curves import summarise_relations
from rankstudy.measures.separation import effect_sizes
from rankstudy.measures.uncertainty.evaluation import differences, evaluate_uncertainty, intervals
from rankstudy.measures.uncertainty.influence import Influence
from rankstudy.measures.uncertainty.intervals import holm, interval
from rankstudy.measures.uncertainty.resampling import Resampled, resample
from rankstudy.measures.uncertainty.statistics import Statistic, statistics_of
from rankstudy.measures.uncertainty.tables import (
    AUROC,
    BATCH_DRIVEN,
    DIFFERENCES,
    INTERVALS,
    OWN_TYPE,
)
from rankstudy.measures.verdict import BETTER, FEWER_OF_BOTH, NO_DIFFERENCE, NOT_RESOLVED, WORSE, verdict
from rankstudy.pairs.engine import SpaceData, compare
from rankstudy.spaces.tables import ANALYSED_CELLS
from tests.unit import drawing
from tests.unit.helpers import analysed_cells
from tests.unit.related import TABLES

SIZES = (40, 50, 30)
SPACES = ("rank", "expression", "random", "type")
# what each space is compared with, by the reference
REFERENCES = {
    "expression": dict.fromkeys(("rank", "random", "type"), "expression"),
    "rank": {"expression": "rank", "random": "expression", "type": "rank"},
}


def spaces(seed, n_batches, batch_effect=0.3):
    """Return four spaces of the same cells: one like expression, a useless one, and one that is the type itself."""
    random = np.random.default_rng(seed)
    types = np.repeat(np.arange(3), SIZES)
    batches = np.arange(len(types)) % n_batches
    at = random.normal(size=(3, 8))[types] + batch_effect * random.normal(size=(n_batches, 8))[batches]
    expression = at + random.normal(size=at.shape)
    vectors = {
        "rank": expression + 0.1 * random.normal(size=at.shape),
        "expression": expression,
        "random": random.normal(size=at.shape),
        "type": np.eye(3)[types] + 1,
    }
    labels = {
        "ids": [f"toy:{i:04d}" for i in range(len(types))],
        "types": np.array(list("abc"))[types],
        "batches": batches,
    }
    return [SpaceData.of(vectors[name].astype(np.float32), name=name, **labels) for name in SPACES]


def written(folder, seeds=(0, 1), n_batches=8, batch_effect=0.3, **settings):
    """Write the files of some replicates and return where, and how they were compared."""
    pairs, cells = {}, {}
    for seed in seeds:
        of = spaces(seed, n_batches, batch_effect)
        pairs[seed], cells[seed] = str(folder / f"{seed}.h5"), str(folder / f"{seed}.parquet")
        compare(of, **{"cutoffs": 100, "neighbours": 8, "across": 8, **settings}).save(pairs[seed])
        ANALYSED_CELLS.write(analysed_cells(of[0].cells).assign(seed=seed), cells[seed])
    return pairs, cells


def run(folder, files, **changes):
    settings = {"dataset": "toy", "neighbours": (4, 8), "resamples": 2000, "seed": 0, "level": 0.95, **changes}
    settings.setdefault("references", REFERENCES)
    outputs = {name: str(folder / f"{name}.parquet") for name in ("intervals", "differences")}
    outputs["intervals_tsv"] = str(folder / "intervals.tsv")
    evaluate_uncertainty(*files, **settings, outputs=outputs)
    return INTERVALS.read(outputs["intervals"]), DIFFERENCES.read(outputs["differences"])


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    return run(folder, written(folder)), folder


def test_every_number_has_its_interval(tables):
    (intervals, _), folder = tables
    assert len(intervals) == 2 * 4 * (1 + 3 + 3 * 2)
    assert ((intervals["low"] <= intervals["estimate"]) & (intervals["estimate"] <= intervals["high"])).all()
    assert (intervals["low"] >= 0).all() and (intervals["high"] <= 1).all()
    result = compare(spaces(0, 8))
    wanted = effect_sizes(result, spaces(0, 8)[0].cells)
    found = intervals[(intervals["seed"] == 0) & (intervals["statistic"] == "AUROC")]
    np.testing.assert_array_equal(found["estimate"], wanted["auroc"])
    assert set(intervals["levels"]) == {"batches"} and set(intervals["n_batches"]) == {8}
    assert found["n_cells"].tolist() == [120, *SIZES] * 4
    assert pd.read_csv(folder / "intervals.tsv", sep="\t").shape == intervals.shape


def test_the_range_over_seeds_is_that_of_the_estimates(tables):
    (intervals, differences), _ = tables
    for table, keys in (
        (intervals, ["space", "cell_type", "statistic", "k"]),
        (differences, ["reference", "space", "statistic", "k"]),
    ):
        for _, group in table.groupby(keys, dropna=False):
            assert len(group) == 2
            assert set(group["lowest_of_seeds"]) == {group["estimate"].min()}
            assert set(group["highest_of_seeds"]) == {group["estimate"].max()}


def test_differences_are_of_the_same_cells_and_adjusted_in_their_family(tables):
    (intervals, differences), _ = tables
    assert len(differences) == 2 * 2 * 3 * (1 + 3 * 2)
    key = ["seed", "space", "statistic", "k"]
    overall = intervals[intervals["cell_type"].isna()].set_index(key)["estimate"]
    for row in differences.itertuples():
        assert row.against == REFERENCES[row.reference][row.space]
        at = (row.seed, row.space, row.statistic, row.k)
        assert row.estimate == pytest.approx(overall[at] - overall[(row.seed, row.against, row.statistic, row.k)])
    assert differences.groupby("family")["reference"].nunique().eq(1).all()
    for (_, reference, _), group in differences.groupby(["seed", "reference", "family"]):
        assert set(group["space"]) == set(REFERENCES[reference]) and len(group) == 3
        np.testing.assert_allclose(group["p_holm"], holm(group["p"].to_numpy()))
    of = from_expression(differences, AUROC).set_index("space")
    assert of.loc["random", "verdict"] == WORSE and of.loc["type", "verdict"] == BETTER
    errors = intervals[(intervals["statistic"] == "AUROC") & (intervals["seed"] == 0) & intervals["cell_type"].isna()]
    alone = errors.set_index("space")["standard_error"]
    # the same cells in both: their difference is far surer than two samples of cells would make it
    assert of.loc["rank", "standard_error"] < 0.5 * np.hypot(alone["rank"], alone["expression"])


def from_expression(differences, statistic, seed=0):
    """Return the differences of one statistic from `expression`, of one replicate."""
    rows = (differences["statistic"] == statistic) & (differences["reference"] == "expression")
    return differences[rows & (differences["seed"] == seed)]


def test_the_other_way_round_a_difference_is_the_same(tables):
    """Both references are in the same resamples: rank from expression is expression from rank, turned round."""
    (_, differences), _ = tables
    there, back = (
        differences[(differences["reference"] == one) & (differences["space"] == other)]
        for one, other in (("expression", "rank"), ("rank", "expression"))
    )
    assert len(there) == len(back) == 2 * 7
    for column, sign, turned in (("estimate", -1, "estimate"), ("low", -1, "high"), ("standard_error", 1, None)):
        np.testing.assert_allclose(there[column], sign * back[turned or column].to_numpy(), atol=1e-12)
    np.testing.assert_array_equal(there["p"], back["p"])


def test_differences_from_each_reference_are_those_of_the_resamples_themselves():
    """By hand: subtract the columns of two statistics, and take their spread, ends and share beyond 0."""
    of = spaces(0, 8)
    types, batches = pd.factorize(of[0].cells["slug"])[0], pd.factorize(of[0].cells["batch"])[0]
    found = statistics_of(compare(of, cutoffs=100, neighbours=8, across=8), of[0].cells, batches, (4,))
    resampled = resample(found, types, batches, unit="batches", resamples=999, random=np.random.default_rng(3))
    metrics = {"expression": "cosine", "rank": "correlation"}
    table = differences(resampled, REFERENCES, metrics, 0.9)
    of_all = [i for i, s in enumerate(found) if s.cell_type is None]
    column = {(found[i].space, found[i].name, found[i].k): resampled.values[:, i] for i in of_all}
    assert len(table) == 2 * 3 * 4 and table["metric"].tolist() == [metrics[name] for name in table["against"]]
    for row in table.itertuples():
        at = row.statistic, None if np.isnan(row.k) else row.k
        by_hand = column[row.space, *at] - column[row.against, *at]
        assert row.standard_error == pytest.approx(np.sqrt(((by_hand - by_hand.mean()) ** 2).sum() / 998))
        assert (row.low, row.high) == interval(by_hand, 7, 0.9)
        assert (row.p < 0.1) == (row.low > 0 or row.high < 0) or 0.09 < row.p < 0.11


def test_the_error_of_binning_is_that_of_both_spaces_and_decides_nothing_but_that_nothing_is_resolved(tables):
    (_, differences), _ = tables
    error = {
        (seed, row.space): row.auroc_error
        for seed in (0, 1)
        for row in effect_sizes(compare(spaces(seed, 8)), spaces(seed, 8)[0].cells).itertuples()
        if row.cell_type is None
    }
    for row in differences.itertuples():
        binned = row.statistic == AUROC
        wanted = error[row.seed, row.space] + error[row.seed, row.against] if binned else 0
        assert row.binning_error == pytest.approx(wanted) and (row.binning_error > 0) == binned
        if row.statistic != BATCH_DRIVEN:
            given = {"level": row.level, "larger_is_better": True, "binning_error": row.binning_error}
            assert row.verdict == verdict(row.estimate, (row.low, row.high), row.p_holm, **given)


def test_what_the_bins_cannot_tell_apart_is_not_resolved():
    """Two spaces whose numbers surely differ, by less than their bins can have moved them."""
    random = np.random.default_rng(0)
    found = [
        Statistic(AUROC, name, None, None, np.arange(9), Influence(at, np.zeros(9), np.zeros(5)), False, error)
        for name, at, error in (("a", 0.7, 0.01), ("b", 0.715, 0.01), ("c", 0.73, 0.01), ("d", 0.701, 0.01))
    ]
    spread = np.c_[np.full((999, 3), 0.001), np.full(999, 0.05)]
    values = np.array([s.influence.estimate for s in found]) + spread * random.normal(size=(999, 4))
    resampled = Resampled(found, values, np.array(["batches"] * 4), np.full(4, 7.0))
    table = differences(resampled, {"a": dict.fromkeys("bcd", "a")}, {"a": "cosine"}, 0.95)
    assert table["verdict"].tolist() == [NOT_RESOLVED, BETTER, NO_DIFFERENCE]
    assert (table["binning_error"] == 0.02).all() and table["p_holm"].tolist()[0] < 0.05


def test_fewer_batch_driven_neighbours_are_better(tables):
    (_, differences), _ = tables
    of = from_expression(differences, BATCH_DRIVEN)
    fewer = of[of["space"] == "type"]
    assert len(fewer) == 2 and (fewer["estimate"] < 0).all() and (fewer["verdict"] == "better").all()


def test_a_space_that_mixes_types_is_not_better_for_its_few_batch_driven_neighbours(tmp_path):
    """Beside expression with strong batches, random vectors have fewer of them, and half as many of the own type."""
    _, differences = run(tmp_path, written(tmp_path, (0,), 15, batch_effect=1.5))
    of = differences[differences["reference"] == "expression"].set_index(["space", "statistic", "k"])
    for k in (4, 8):
        driven, own = (of.loc[("random", statistic, k)] for statistic in (BATCH_DRIVEN, OWN_TYPE))
        assert driven["estimate"] < 0 and driven["p_holm"] < 0.05 and own["verdict"] == WORSE
        assert driven["verdict"] == FEWER_OF_BOTH
        assert of.loc[("type", BATCH_DRIVEN, k), "verdict"] == BETTER


def test_votes_are_shares_of_the_nearest_cells_of_other_batches(tables):
    (intervals, _), _ = tables
    of = spaces(0, 8)
    result, cells = compare(of, across=8), of[0].cells
    found = intervals[(intervals["seed"] == 0) & (intervals["statistic"] == "own-type neighbours in other batches")]
    for row in found.itertuples():
        s = [space.name for space in of].index(row.space)
        listed = result.across[s][:, : int(row.k)]
        types, batches = cells["slug"].to_numpy(), cells["batch"].to_numpy()
        assert (batches[listed] != batches[:, None]).all()
        assert row.estimate == pytest.approx((types[listed] == types[:, None]).mean())
    assert len(found) == 8 and found["standard_error"].gt(0).sum() >= 6


def test_notes_say_what_an_interval_leaves_out(tables, tmp_path):
    (intervals, _), _ = tables
    plain = intervals[(intervals["space"] == "rank") & intervals["cell_type"].isna()]
    assert plain["note"].isna().all()
    assert (intervals.loc[intervals["cell_type"].notna(), "note"].str.contains("other types are not resampled")).all()
    perfect = intervals[(intervals["space"] == "type") & (intervals["statistic"] == "AUROC")]
    assert perfect["note"].str.contains("every resample is the same").all()
    few, _ = run(tmp_path, written(tmp_path, (0,), 3))
    assert set(few["levels"]) == {"cells within batches"} and few["note"].str.contains("3 batches are too few").all()
    assert few["lowest_without_one"].notna().all()
    one, differences = run(tmp_path, written(tmp_path, (0,), 1))
    assert set(one["levels"]) == {"cells"} and one["note"].str.contains("one batch").all()
    assert one["lowest_without_one"].isna().all()
    assert "batch-driven neighbours" not in set(one["statistic"]) | set(differences["statistic"])


def test_what_an_interval_tells_of_batches_left_out():
    without = ([0.2, np.nan, 0.7, 0.4], [-0.01, 0.3, 1.02], [np.nan])
    cells = (np.arange(7), np.arange(2, 5), np.arange(1))
    random = np.random.default_rng(0)
    values = 0.5 + 0.1 * random.normal(size=(500, 3)) * [1, 2, 3]
    found = [
        Statistic(AUROC, "rank", label, None, of, Influence(0.5, np.zeros(len(of)), np.array(left)))
        for label, of, left in zip((None, "b", "c"), cells, without, strict=True)
    ]
    resampled = Resampled(found, values, np.array(["batches"] * 3), np.array([6.0, 3.0, 2.0]))
    table = intervals(resampled, np.array([0, 0, 1, 1, 2, 4, 4]), 0.95)
    assert table["lowest_without_one"].tolist()[:2] == [0.2, 0.0] and np.isnan(table["lowest_without_one"][2])
    assert table["highest_without_one"].tolist()[:2] == [0.7, 1.0] and np.isnan(table["highest_without_one"][2])
    assert table["n_cells"].tolist() == [7, 3, 1] and table["n_batches"].tolist() == [4, 2, 1]
    np.testing.assert_allclose(table["standard_error"], [np.sqrt(((v - v.mean()) ** 2).sum() / 499) for v in values.T])
    for row, (of_one, freedom) in enumerate(zip(values.T, (6.0, 3.0, 2.0), strict=True)):
        assert tuple(table.loc[row, ["low", "high"]]) == interval(of_one, freedom, 0.95)


def test_coarse_cutoffs_are_noted(tmp_path):
    intervals, _ = run(tmp_path, written(tmp_path, (0,), cutoffs=2))
    assert intervals.loc[intervals["statistic"] == "AUROC", "note"].str.contains("too narrow").any()


def test_donors_are_drawn_where_they_are_not_the_batches(tmp_path):
    files = written(tmp_path, (0,), 12)
    cells = ANALYSED_CELLS.read(files[1][0])
    names = [f"donor{int(batch) // 2}" for batch in cells["batch"]]
    table = cells[["dataset", "cell_id", "cell_type", "slug", "batch"]].assign(
        donor=names, cell_name="x", left_out=None, n_counts=1.0, n_genes=1, part="0", row=0
    )
    table.loc[0, "donor"] = None
    CELLS.write(table.sample(frac=1, random_state=0)[CELLS.names], tmp_path / "cells.parquet")
    donors = {"unit": "donors", "donors_in": str(tmp_path / "cells.parquet")}
    intervals, _ = run(tmp_path, files, **donors)
    assert set(intervals["levels"]) == {"donors"} and set(intervals["n_batches"]) <= {6, 7}
    # the same donors in the tables of relations and of label transfer
    outputs = {name: str(tmp_path / f"{name}.parquet") for name in TABLES}
    about = {"dataset": "toy", "level": 0.95, "outputs": outputs}
    summarise_relations(*files, **about, **donors)
    summarise_neighbours(*files, **about, **donors, sizes=[5], seed=0)
    for name in ("relations", "operating_points", "label_transfer"):
        assert set(pd.read_parquet(outputs[name])["levels"]) == {"donors"}, name
    of_donors = pd.read_parquet(outputs["relations"])
    summarise_relations(*files, **about, unit="batches")
    assert (pd.read_parquet(outputs["relations"])["low"] != of_donors["low"]).any()
    CELLS.write(table.iloc[1:][CELLS.names], tmp_path / "cells.parquet")
    with pytest.raises(StudyError, match="1 of 120 ids are missing"):
        run(tmp_path, files, unit="donors", donors_in=str(tmp_path / "cells.parquet"))


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    files = written(tmp_path, (0,))
    made = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        folder = tmp_path / name
        folder.mkdir()
        run(folder, files, seed=seed)
        made.append((folder / "intervals.parquet").read_bytes())
    assert made[0] == made[1] != made[2]


def test_without_expression_there_is_nothing_to_differ_from(tmp_path):
    of = spaces(0, 8)[:1]
    compare(of, cutoffs=100).save(tmp_path / "pairs.h5")
    ANALYSED_CELLS.write(analysed_cells(of[0].cells), tmp_path / "cells.parquet")
    files = {0: str(tmp_path / "pairs.h5")}, {0: str(tmp_path / "cells.parquet")}
    intervals, differences = run(tmp_path, files, neighbours=(), references={"rank": {}})
    assert len(intervals) == 4 and not len(differences)
    draw(tmp_path, ("rank",), reference=None)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"cutoffs": 0}, "no counts per cell"), ({"neighbours": 5}, "hold 5 neighbours per cell, not 8")],
)
def test_pairs_that_hold_too_little_are_refused(tmp_path, settings, message):
    files = written(tmp_path, (0,), **settings)
    with pytest.raises(StudyError, match=message):
        run(tmp_path, files)
    assert not (tmp_path / "intervals.parquet").exists()


def test_pairs_of_other_cells_are_refused(tmp_path):
    pairs, cells = written(tmp_path, (0,))
    ANALYSED_CELLS.write(ANALYSED_CELLS.read(cells[0]).iloc[1:], cells[0])
    with pytest.raises(StudyError, match="the pairs are of 120 cells"):
        run(tmp_path, (pairs, cells))


def draw(folder, names=SPACES, reference="expression"):
    about = {name: {"title": name.title(), "measure": "distance", "metric": "euclidean"} for name in names}
    outputs = [folder / f"figure.{end}" for end in ("svg", "png")]
    paths = [folder / f"{name}.parquet" for name in ("intervals", "differences")]
    drawing.draw("intervals", *paths, spaces=about, seed=0, reference=reference, curved=(), outputs=outputs)
    return [path.read_bytes() for path in outputs]


def test_the_figure_is_drawn_twice_alike(tables):
    _, folder = tables
    assert draw(folder) == draw(folder)
