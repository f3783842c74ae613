"""How well a state is told: brute force, known answers, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from rankstudy.cells.tables import CELLS, DONORS, PART_CELLS
from rankstudy.core.errors import StudyError
from rankstudy.measures.states.cells import cells_with_states, design_of, drawn, require_states_within_batches
from rankstudy.measures.states.clusters import clusters_of
from rankstudy.measures.states.estimates import difference, error_of
from rankstudy.measures.states.groups import groups_of
from rankstudy.measures.states.statistics import Means, Pairs, Votes
from rankstudy.measures.states.tables import BETWEEN, FEW_DONORS, MIXED, ONE_STATE, STATISTICS, TABLES, WITHIN
from rankstudy.measures.states.tell import tell_states
from rankstudy.measures.uncertainty.tables import AUROC
from rankstudy.pairs.space import SpaceData
from rankstudy.pairs.space_files import write_space
from tests.unit.helpers import analysed_cells
from tests.unit.state_toys import coverage, likeness_of, told_of, toy, truth

DESIGNS = {"between": False, "within": True}


def looked_at(donors=6, within=False, effect=0.5, seed=0, cells=5):
    table, vectors = toy(donors, effect=effect, within=within, seed=seed, cells=cells)
    groups, held, reason = groups_of(table)
    assert reason == "" and len(held) == len(table)
    return table, vectors, groups


def auroc_by_hand(likeness, groups, states):
    """Mean over pairs of groups of one state and of two, each pair of groups counting the same."""
    kinds = {True: [], False: []}
    for a in range(len(groups.donors)):
        for b in range(a + 1, len(groups.donors)):
            if groups.donors[a] != groups.donors[b]:
                kinds[states[a] == states[b]].append(likeness[np.ix_(groups.cells == a, groups.cells == b)].ravel())
    above = [((one[:, None] > two) + (one[:, None] == two) / 2).mean() for one in kinds[True] for two in kinds[False]]
    return np.mean(above)


@pytest.mark.parametrize("design", sorted(DESIGNS))
def test_the_auroc_is_that_of_pairs_of_different_donors(design):
    _, vectors, groups = looked_at(within=DESIGNS[design])
    likeness = likeness_of(vectors)
    found = Pairs.of(likeness, groups).auroc(groups.states[None])[0]
    assert found == pytest.approx(auroc_by_hand(likeness, groups, groups.states), abs=1e-3)


def test_relabelling_and_leaving_out_count_the_same_pairs_anew():
    _, vectors, groups = looked_at()
    likeness, random = likeness_of(vectors), np.random.default_rng(1)
    pairs, votes, means = Pairs.of(likeness, groups), Votes.of(likeness, groups, 5), Means.of(vectors, groups)
    labels = random.permutation(groups.states)
    assert pairs.auroc(labels[None])[0] == pytest.approx(auroc_by_hand(likeness, groups, labels), abs=1e-3)
    # without a donor: as if its cells had never been there
    kept = groups.without(3)
    cells = kept[groups.cells]
    table = pd.DataFrame({"donor": groups.donors[groups.cells][cells], "state": groups.states[groups.cells][cells]})
    fewer, *_ = groups_of(table.astype(str).assign(donor=lambda frame: frame["donor"].str.zfill(3)))
    there = likeness[np.ix_(cells, cells)]
    assert pairs.auroc(groups.states[None], kept[None])[0] == pytest.approx(
        auroc_by_hand(there, fewer, fewer.states), abs=1e-3
    )
    without = Means.of(vectors[cells], fewer).explained(fewer.states[None])[0]
    assert means.explained(groups.states[None], kept[None])[0] == pytest.approx(without, abs=1e-9)
    near = Votes.of(there, fewer, 5).beyond_chance(fewer.states[None])[0]
    assert votes.beyond_chance(groups.states[None], kept[None])[0] == pytest.approx(near, abs=0.08)


def test_votes_are_those_of_the_nearest_cells_of_other_donors():
    _, vectors, groups = looked_at(effect=1.0)
    likeness, donors = likeness_of(vectors), groups.donors[groups.cells]
    states, beyond = groups.states[groups.cells], []
    for group in range(len(groups.donors)):
        of_group = []
        for cell in np.flatnonzero(groups.cells == group):
            others = np.flatnonzero(donors != donors[cell])
            near = others[np.argsort(-likeness[cell, others])[:5]]
            of_group.append((states[near] == states[cell]).mean() - (states[others] == states[cell]).mean())
        beyond.append(np.mean(of_group))
    assert Votes.of(likeness, groups, 5).beyond_chance(groups.states[None])[0] == pytest.approx(np.mean(beyond))


def test_explained_variance_is_the_adjusted_r2_of_donors_means():
    _, vectors, groups = looked_at()
    means = np.array([vectors[groups.cells == group].mean(axis=0) for group in range(len(groups.donors))])
    total = ((means - means.mean(axis=0)) ** 2).sum()
    within = sum(((means[groups.states == s] - means[groups.states == s].mean(axis=0)) ** 2).sum() for s in (0, 1))
    n = len(means)
    adjusted = 1 - within / total * (n - 1) / (n - 2)
    assert Means.of(vectors, groups).explained(groups.states[None])[0] == pytest.approx(adjusted)


@pytest.mark.parametrize("design", sorted(DESIGNS))
def test_many_labellings_at_once_are_each_by_itself(design):
    _, vectors, groups = looked_at(within=DESIGNS[design])
    labels = groups.relabelled(30, np.random.default_rng(0))
    votes, everyone = Votes.of(likeness_of(vectors), groups, 5), np.ones(labels.shape, bool)
    for function in (Means.of(vectors, groups).explained, votes.beyond_chance):
        np.testing.assert_allclose(function(labels), function(labels, everyone), atol=1e-12)


def test_within_donors_what_their_states_have_in_common_is_taken_off():
    _, vectors, groups = looked_at(within=True, effect=3.0, cells=40)
    moved = vectors + 100 * groups.donors[groups.cells][:, None]
    one, other = (Means.of(v, groups).explained(groups.states[None])[0] for v in (vectors, moved))
    assert one == pytest.approx(other, abs=1e-9) and one > 0.8


@pytest.mark.parametrize("design", sorted(DESIGNS))
def test_relabelled_states_are_at_chance(design):
    found = told_of(*toy(8, effect=1.5, within=DESIGNS[design], seed=2), relabellings=1000)
    assert abs(found[AUROC].null.mean() - 0.5) < 0.01
    assert all(abs(found[name].null.mean()) < 0.02 for name in STATISTICS if name != AUROC)
    assert all(each.p < 0.02 for each in found.values())


def test_relabellings_are_all_there_are_where_they_are_few_and_keep_to_the_design():
    _, _, between = looked_at(5)
    _, _, within = looked_at(6, within=True)
    random = np.random.default_rng(0)
    every = between.relabelled(1000, random)
    assert len(every) == 252 == len(np.unique(every, axis=0)) and (every.sum(axis=1) == 5).all()
    assert any((row == between.states).all() for row in every)
    flips = within.relabelled(1000, random)
    assert len(flips) == 32 and all(set(row[within.donors == 2]) == {0, 1} for row in flips)
    assert len(between.relabelled(100, random)) == 100


def test_p_values_of_all_relabellings_are_their_share():
    # of six donors with both states there are 32, and the observed one is the best of them
    found = told_of(*toy(6, effect=3.0, within=True, seed=4), relabellings=200)
    assert {each.p for each in found.values()} == {1 / 32} and all(each.exact for each in found.values())
    drawn_ones = told_of(*toy(12, effect=3.0, seed=4), relabellings=200)
    assert {each.p for each in drawn_ones.values()} == {1 / 201}


def test_donors_that_differ_and_states_that_do_not_are_found_at_chance():
    # 500 runs: docs/states.md
    found = coverage(6, effect=0.0, within=False, repeats=80, true=dict.fromkeys(STATISTICS, 0.0))
    assert all(share <= 0.13 for _, share in found.values())


@pytest.mark.parametrize("design", sorted(DESIGNS))
def test_intervals_hold_the_truth(design):
    within = DESIGNS[design]
    found = coverage(8, effect=0.6, within=within, repeats=40, true=truth(0.6, within, repeats=4))
    assert all(held >= 0.84 for held, _ in found.values())


def test_a_state_that_is_there_is_found_and_more_of_it_is_told_better():
    weak, strong = (told_of(*toy(10, effect=effect, seed=3)) for effect in (0.3, 1.5))
    assert all(weak[name].estimate < strong[name].estimate for name in STATISTICS)
    apart = difference(strong[AUROC], weak[AUROC], 0.95)
    assert apart["low"] > 0 and apart["p"] < 0.05


def test_errors_are_those_of_the_jackknife_within_strata():
    without = np.array([1.0, 2.0, 3.0, 10.0, 14.0])
    strata = np.array([0, 0, 0, 1, 1])
    assert error_of(without, strata) == pytest.approx(np.sqrt(2 / 3 * 2 + 1 / 2 * 8))


def cells(rows):
    return pd.DataFrame([(d, s) for d, s, n in rows for _ in range(n)], columns=["donor", "state"])


@pytest.mark.parametrize(
    ("rows", "design"),
    [
        ([(f"d{i}", "ab"[i % 2], 4) for i in range(10)], BETWEEN),
        ([(f"d{i}", "ab"[i % 2], 4) for i in range(9)], FEW_DONORS),
        ([(f"d{i}", "ab"[i % 2], 1) for i in range(10)], BETWEEN),
        ([(f"d{i}", s, 4) for i in range(6) for s in "ab"], WITHIN),
        ([(f"d{i}", s, 4) for i in range(5) for s in "ab"], FEW_DONORS),
        ([*((f"d{i}", s, 4) for i in range(6) for s in "ab"), ("d9", "a", 4)], WITHIN),
        ([*((f"d{i}", s, 4) for i in range(3) for s in "ab"), *((f"e{i}", "a", 4) for i in range(9))], MIXED),
        ([(f"d{i}", "a", 4) for i in range(20)], ONE_STATE),
        ([(f"d{i}", None, 4) for i in range(20)], ONE_STATE),
    ],
)
def test_designs_are_told_apart_and_what_is_too_little_has_a_reason(rows, design):
    groups, held, reason = groups_of(cells(rows))
    assert (groups.design if groups else reason) == design and (len(held) > 0) == (groups is not None)


def batches(rows):
    return pd.DataFrame(rows, columns=["batch", "donor", "state"])


def test_a_batch_of_several_donors_with_one_state_is_refused_with_its_donors():
    apart = batches([("x", "d1", "ill"), ("x", "d2", "ill"), ("y", "d3", "well"), ("y", "d4", "ill")])
    with pytest.raises(StudyError, match="1 of 2 batches hold several donors of one state.*x: 2 donors, all ill"):
        require_states_within_batches(apart)
    for fine in (
        [("d1", "d1", "ill"), ("d2", "d2", "well")],
        [("x", "d1", "ill"), ("x", "d2", "well")],
        [("x", "d1", "ill"), ("x", "d2", "well"), ("y", "d3", "well"), ("z", "d4", "well"), ("y", "d5", "ill")],
    ):
        require_states_within_batches(batches(fine))


@pytest.fixture
def written(tmp_path):
    """Files of a simulated data set of two types; only the first has the state."""
    tables, spaces = [], []
    for label, effect in (("a", 2.0), ("b", 0.0)):
        table, vectors = toy(6, effect=effect, seed=5, cells=6)
        tables.append(table.assign(cell_type=label.upper(), slug=label))
        spaces.append(vectors)
    table = pd.concat(tables, ignore_index=True)
    table["cell_id"] = [f"toy:{i:04d}" for i in range(len(table))]
    table["batch"] = table["donor"]
    vectors = np.concatenate(spaces).astype(np.float32)
    noise = np.random.default_rng(1).normal(size=vectors.shape).astype(np.float32)
    for name, values in (("told", vectors), ("noise", noise)):
        space = SpaceData(name, "euclidean", values, table[["cell_id", "cell_type", "slug", "batch"]])
        write_space(space, str(tmp_path / f"{name}.h5ad"), dimensions=[f"x{i}" for i in range(values.shape[1])], seed=0)
    analysed = analysed_cells(table)
    from rankstudy.spaces.tables import ANALYSED_CELLS

    ANALYSED_CELLS.write(analysed, tmp_path / "analysed.parquet")
    index = table.assign(
        dataset="toy", cell_name=table["cell_id"], left_out=None, n_counts=1.0, n_genes=1, part="0", row=0, term=None,
        n_fractional=0,
    )  # fmt: skip
    CELLS.write(index[CELLS.names], tmp_path / "cells.parquet")
    PART_CELLS.write(index[PART_CELLS.names], tmp_path / "part.parquet")
    donors = table.drop_duplicates("donor").assign(dataset="toy", property="ill", value=lambda f: f["state"], n_cells=1)
    DONORS.write(donors[DONORS.names], tmp_path / "donors.parquet")
    return tmp_path


HOW = {"within": "cell_type", "unit": "donor", "neighbours": 5, "cells": 1000, "relabellings": 200, "property": None}


def tell(folder, **changes):
    outputs = {table.name: str(folder / f"{table.name}.parquet") for table in TABLES}
    tell_states(
        {name: str(folder / f"{name}.h5ad") for name in ("told", "noise")},
        str(folder / "analysed.parquet"), str(folder / "cells.parquet"), [str(folder / "part.parquet")],
        str(folder / "donors.parquet"), references={"noise": {"told": "noise"}}, states={**HOW, **changes},
        dataset="toy", seed=0, level=0.95, outputs=outputs,
    )  # fmt: skip
    return {table.name: table.read(outputs[table.name]) for table in TABLES}


def test_the_job_finds_the_state_where_it_is_and_nowhere_else(written):
    found = tell(written)
    p = found["states"].set_index(["space", "cell_type", "statistic"])["p_holm"]
    assert all(p["told", "A", name] < 0.05 < min(p["told", "B", name], p["noise", "A", name]) for name in STATISTICS)
    verdicts = found["state_differences"].set_index(["cell_type", "statistic"])["verdict"]
    assert verdicts["A", AUROC] == "better" and verdicts["B", AUROC] != "better"
    assert found["state_design"]["n_cells"].sum() == 144
    clusters = found["state_clusters"].query("space == 'told' and labels == 'state'").set_index("cell_type")["ari"]
    assert clusters["A"] > 0.3 > abs(clusters["B"])


def test_a_property_of_the_donors_is_the_same_state(written):
    one, other = tell(written), tell(written, property="ill")
    for name in ("states", "state_design"):
        pd.testing.assert_frame_equal(one[name], other[name])
    with pytest.raises(StudyError, match="donors have no column 'age'; name one of ill"):
        tell(written, property="age")


def test_all_cells_together_have_no_type(written):
    assert tell(written, within="nothing")["states"]["cell_type"].isna().all()


def test_few_donors_have_a_reason_and_no_number(written):
    table = PART_CELLS.read(written / "part.parquet")
    few = table.assign(state=table["state"].where(table["donor"] < "donor 006", None))
    PART_CELLS.write(few, written / "part.parquet")
    found = tell(written)["states"]
    assert set(found["reason"]) == {FEW_DONORS} and found["estimate"].isna().all() and found["p_holm"].isna().all()


def test_cells_are_drawn_by_id_and_states_are_joined_by_id(written):
    table = pd.DataFrame({"cell_id": [f"c{i}" for i in range(50)]})
    assert set(table["cell_id"][drawn(table, 10, 0)]) == set(
        table[::-1].reset_index(drop=True)["cell_id"][drawn(table[::-1].reset_index(drop=True), 10, 0)]
    )
    part = PART_CELLS.read(written / "part.parquet")
    PART_CELLS.write(part.sample(frac=1, random_state=0), written / "part.parquet")
    how = {"unit": "donor", "property_": None}
    cells = cells_with_states(
        str(written / "analysed.parquet"), str(written / "cells.parquet"), [str(written / "part.parquet")], None, **how
    )
    assert (cells["state"].to_numpy() == part["state"].to_numpy()).all()
    assert design_of(cells)["n_cells"].sum() == len(cells)


def test_clusters_agree_with_what_they_are_made_of():
    labels = np.repeat(["x", "y", "z"], 30)
    vectors = np.eye(3)[np.repeat(np.arange(3), 30)] + 0.01 * np.random.default_rng(0).normal(size=(90, 3))
    table = pd.DataFrame({"cell_type": labels, "state": None})
    (row,) = clusters_of(vectors, table, [], 0)
    assert row["k"] == 3 and row["ari"] == row["ami"] == 1.0
