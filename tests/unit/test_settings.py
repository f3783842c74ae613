"""Specification curves of small data sets: every setting and statistic as a brute force in float64 has them."""

import numba
import numpy as np
import pandas as pd
import pytest

from rankstudy.core.seeds import generator
from rankstudy.measures.settings import scores, specify
from rankstudy.measures.settings.differences import differences_of
from rankstudy.measures.settings.draws import Drawn
from rankstudy.measures.settings.scores import Cells, Score, threads_for
from rankstudy.measures.settings.setting import Scored, Setting, claimed, shown
from rankstudy.measures.settings.tables import AS_MEASURED, ONE_TOTAL, SELECTED, SHARED
from rankstudy.measures.uncertainty.evaluation import differences
from rankstudy.measures.uncertainty.influence import Influence
from rankstudy.measures.uncertainty.resampling import resample
from rankstudy.measures.uncertainty.statistics import statistics_of
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, BATCH_DRIVEN, OWN_TYPE
from rankstudy.pairs.engine import SpaceData, compare
from rankstudy.pairs.space_files import write_space
from tests.unit.curve_toys import PAIRS, K, brute_force, encoded, kept_cells, specified, study
from tests.unit.helpers import write_shard_file

KEY = ["space", "reference", "statistic", "measure", "centred", "panel", "depth"]


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return study(tmp_path_factory.mktemp("curve"))


@pytest.fixture(scope="module")
def found(toy):
    return specified(toy)


def test_every_setting_and_statistic_equals_a_brute_force(toy, found):
    of = brute_force(toy, found, draws=3)
    for row in found.specifications.itertuples():
        for name, value in ((row.space, row.value), (row.reference, row.value_reference)):
            low, high = of(name, row.panel, row.depth, row.measure, row.centred)[row.statistic]
            assert low - row.binning_error - 1e-9 <= value <= high + row.binning_error + 1e-9, (name, row)
        assert row.estimate == row.value - row.value_reference
    of_many_values = found.specifications[found.specifications["space"] != "detection"]
    assert of_many_values["binning_error"].max() < 1e-3


def test_a_pair_has_every_combination_and_claims_only_what_its_measures_allow(found):
    table = found.specifications
    claims = table[table["claim"]]
    sizes = claims.groupby(["space", "reference"]).size()
    assert sizes["rank", "expression"] == sizes["genept-order", "rank"] == 8 * 3
    assert sizes["detection", "expression"] == 16 * 3
    assert set(claims["statistic"]) == {AUROC, OWN_TYPE, ACROSS}
    of_order = claims[claims["space"] != "detection"]
    assert set(of_order["measure"]) == {"correlation"}
    assert set(table["measure"]) == {"correlation", "cosine", "euclidean"}
    assert not table.duplicated(KEY).any()
    assert table["p_adjusted"].notna().equals(table["claim"])
    both = table.groupby(KEY[:5])[["panel", "depth"]].agg(["nunique"])
    assert (both == 2).all(axis=None)


@pytest.mark.parametrize("batches", [6, 2])
def test_differences_and_intervals_are_those_of_the_tables_of_spaces(tmp_path, batches):
    toy = study(tmp_path, sizes=(24, 20, 22), batches=batches)
    found = specified(toy)
    cells, _ = kept_cells(toy, found)
    counts = np.array([toy.counts[cell] for cell in cells["cell_id"]])
    vectors = {name: encoded(name, counts, SELECTED) for name in ("rank", "expression", "detection", "genept-order")}
    spaces = [
        SpaceData(f"{name} {metric}{centred}", metric, vectors[name], cells, centred)
        for name in vectors
        for metric, centred in (("correlation", False), ("correlation", True), ("cosine", True), ("euclidean", False))
    ]
    result = compare(spaces, neighbours=K, across=K, cutoffs=1000)
    types, units = (pd.factorize(cells[column], sort=True)[0] for column in ("slug", "batch"))
    statistics = statistics_of(result, cells, units, [K])
    random = generator(0, "uncertainty", "toy", "0")
    resampled = resample(statistics, types, units, unit="batches", resamples=1000, random=random)
    compared = 0
    for one, other in PAIRS:
        of_pair = {
            space.name: space.name.replace(one, other, 1) for space in spaces if space.name.startswith(f"{one} ")
        }
        metrics = {space.name: space.metric for space in spaces}
        for row in differences(resampled, {other: of_pair}, metrics, 0.95).itertuples():
            metric = metrics[row.space]
            centred = row.space.endswith("True")
            at = (one, other, row.statistic, metric, centred, SELECTED, AS_MEASURED)
            table = found.specifications.set_index(KEY)
            if at not in table.index:
                continue
            mine = table.loc[at]
            assert abs(mine["estimate"] - row.estimate) <= row.binning_error + 1e-6
            assert mine["levels"] == row.levels
            # the engine's counts per cell are on coarser bins
            close = 2e-3 if row.statistic == AUROC else 1e-9
            np.testing.assert_allclose([mine["low"], mine["high"]], [row.low, row.high], atol=close)
            compared += 1
    assert compared == (3 + 3 + 4) * 4


def test_one_total_is_a_mean_of_draws_with_their_variance_in_the_interval(toy, found):
    table = found.specifications
    measured, drawn = (table[table["depth"] == depth] for depth in (AS_MEASURED, ONE_TOTAL))
    assert set(measured["draws"]) == {1} and (measured["draws_error"] == 0).all()
    assert set(drawn["draws"]) == {3} and (drawn["draws_error"] > 0).mean() > 0.9
    assert (drawn["standard_error"] >= 0.9 * drawn["draws_error"]).all()
    # draws alone: the same cells, every cell's influence equal
    more = specified(toy, "more", draws=12).specifications
    shrunk = more["draws_error"].sum() / table["draws_error"].sum()
    assert 0.3 < shrunk < 0.8  # the root of 3 / 12


def test_the_cells_are_the_same_in_every_setting_and_counted(toy, found):
    (about,) = found.curve_cells.itertuples()
    cells, _ = kept_cells(toy, found)
    assert about.compared == about.drawn == len(toy.cells)
    assert about.below_total == len(toy.cells) - len(cells) > 0
    assert about.undefined == 0 and about.cells == len(cells)
    assert set(found.specifications["n_cells"]) == {len(cells)}
    assert dict(found.specifications.groupby("panel")["n_genes"].first()) == {SELECTED: 60, SHARED: 130}


def test_a_cell_without_a_vector_in_one_setting_leaves_all(tmp_path):
    toy = study(tmp_path)
    only = toy.cells["cell_id"][3]
    counts = toy.counts[only]
    counts[:] = 0
    counts[155:] = 40  # genes of neither panel
    rewrite(toy)
    found = specified(toy)
    assert found.curve_cells["undefined"].item() == 1
    assert found.specifications["n_cells"].iloc[0] == found.curve_cells["cells"].item()


def rewrite(toy):
    """Write the shards again, with the counts as they are now."""
    for path, (kind, of) in zip(toy.shards, toy.cells.groupby("slug"), strict=True):
        ids = of["cell_id"].tolist()
        rows = np.array([toy.counts[cell] for cell in ids])
        write_shard_file(
            path, rows, kind, names=ids, genes=[f"g{i}" for i in range(rows.shape[1])], batch=of["batch"].tolist()
        )


def test_at_most_so_many_cells_are_taken_by_seed_and_id_alone(tmp_path):
    toy = study(tmp_path, sizes=(30, 30))
    some = specified(toy, cells=50)
    assert some.curve_cells["drawn"].item() == 50
    toy.shards.reverse()
    again = specified(toy, "again", cells=50)
    pd.testing.assert_frame_equal(some.specifications, again.specifications)
    other = specified(toy, "other", cells=50, seed=1)
    assert not np.allclose(other.specifications["value"], some.specifications["value"])


def test_what_a_data_set_cannot_have_is_left_out_and_named(tmp_path):
    toy = study(tmp_path, batches=1)
    with open(toy.shared, "w") as listed:
        listed.write("ensembl_id\nENSG1\n")
    found = specified(toy, counts=False)
    left = set(found.curve_omissions[["part", "what"]].itertuples(index=False, name=None))
    assert left == {
        ("depth", ONE_TOTAL),
        ("panel", SHARED),
        ("statistic", ACROSS),
        ("statistic", BATCH_DRIVEN),
    }
    assert set(found.specifications["depth"]) == {AS_MEASURED} and set(found.specifications["panel"]) == {SELECTED}
    assert set(found.specifications["statistic"]) == {AUROC, OWN_TYPE}
    assert found.curve_cells["total"].isna().all()
    assert set(found.deciders["part"]) == {"centred", "measure"}


def test_too_few_cells_of_other_batches_leave_their_statistic_out(tmp_path):
    found = specified(study(tmp_path, sizes=(3, 3), batches=2), neighbours=4, counts=False)
    assert "2 cells in other batches" in found.curve_omissions.set_index("what")["reason"][ACROSS]
    assert BATCH_DRIVEN in set(found.specifications["statistic"])


def test_vectors_of_spaces_of_the_study_come_from_their_files(toy, found, tmp_path):
    counts = np.array([toy.counts[cell] for cell in toy.cells["cell_id"]])
    turned = encoded("rank", counts, SELECTED)[:, ::-1].copy()
    turned[::2] *= -1  # what the file has is what is compared
    path = str(tmp_path / "rank.h5ad")
    names = [f"g{i}" for i in range(60)]
    write_space(SpaceData("rank", "correlation", turned, toy.cells), path, dimensions=names, seed=0)
    other = specified(toy, "stored", spaces_in={"rank": path}).specifications
    same = found.specifications
    moved = (other["value"] - same["value"]).abs() > 1e-9
    of_file = (same["space"] == "rank") & (same["panel"] == SELECTED) & (same["depth"] == AS_MEASURED)
    assert moved[of_file].mean() > 0.9 and not moved[~of_file].any()


def test_counts_of_a_curve_are_those_of_its_rows(found):
    for row in found.curves.itertuples():
        rows = found.specifications[found.specifications["claim"]]
        rows = rows[(rows["space"] == row.space) & (rows["reference"] == row.reference)]
        if row.statistic is not None:
            rows = rows[rows["statistic"] == row.statistic]
        verdicts = rows["verdict"].value_counts()
        assert (row.settings, row.better, row.worse) == (
            len(rows),
            verdicts.get("better", 0),
            verdicts.get("worse", 0),
        )
        assert row.open == row.settings - row.better - row.worse
        assert (row.least, row.most) == (row.better, row.settings - row.worse)
        assert (row.lowest, row.highest) == (rows["estimate"].min(), rows["estimate"].max())
    assert len(found.curves) == 3 * 4


def test_without_a_pair_the_tables_are_empty(toy):
    found = specified(toy, "none", pairs=[], encodings={}, genes_in={})
    assert not any(len(table) for table in vars(found).values())


def test_draws_alone_move_a_mean_over_them_by_their_standard_error_and_both_encodings_alike():
    random = np.random.default_rng(0)
    table = pd.DataFrame({"cell_id": list("abcdef"), "cell_type": "t", "slug": list("xxxyyy"), "batch": "all"})
    cells = Cells(table, np.zeros(6, int))
    still = {"of_cells": np.zeros(6), "without": np.full(1, np.nan)}
    draws = {"one": random.normal(0.6, 0.02, 5), "other": random.normal(0.5, 0.02, 5)}
    draws["like"] = draws["one"] - 0.1
    scored = {
        Scored(name, Setting(measure, SELECTED, ONE_TOTAL), AUROC): Drawn([Score(Influence(x, **still)) for x in of])
        for name, of in draws.items()
        for measure in (*claimed(order=False), *shown(order=False))
    }
    # of differences that move together entirely, rounding must not make more
    with np.errstate(invalid="raise"):
        rows, _ = differences_of(
            scored,
            [("one", "other"), ("one", "like")],
            dict.fromkeys(draws, False),
            cells,
            k=K,
            unit="batches",
            resamples=20000,
            random=random,
            level=0.95,
        )
    of_other = rows[rows["reference"] == "other"]
    wanted = np.std(draws["one"] - draws["other"], ddof=1) / np.sqrt(5)
    np.testing.assert_allclose(of_other["draws_error"], wanted)
    np.testing.assert_allclose(of_other["standard_error"], wanted, rtol=0.03)
    np.testing.assert_allclose(rows[rows["reference"] == "like"]["standard_error"], 0, atol=1e-12)


def test_of_no_more_cells_than_a_neighbourhood_has_the_separation_alone_is_compared(tmp_path):
    found = specified(study(tmp_path, sizes=(5, 4, 4)), neighbours=15)
    assert set(found.specifications["statistic"]) == {AUROC}
    omitted = found.curve_omissions.query("part == 'statistic'")
    assert set(omitted["what"]) == {OWN_TYPE, ACROSS, BATCH_DRIVEN}
    assert omitted["reason"].str.contains("the 15 of a neighbourhood").all()


def test_few_cells_take_one_thread_that_waits_for_no_other(toy, monkeypatch):
    taken = set()
    real = specify.scores
    monkeypatch.setattr(specify, "scores", lambda *given: taken.add(numba.get_num_threads()) or real(*given))
    specified(toy, "few", threads=2)
    monkeypatch.setattr(scores, "FEW_CELLS", 10)
    specified(toy, "many", threads=2)
    assert taken == {1, min(2, numba.config.NUMBA_NUM_THREADS)}
    assert threads_for(10, None) == 1 and threads_for(11, None) is None
