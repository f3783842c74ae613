"""How well depth is predicted: answers that are known."""

import numpy as np
import pytest

from rankstudy.measures.audit.leakage import MOST_CELLS, depth_leakage, drawn
from tests.unit.embeddings_toy import toy_cells, toy_vectors


def leaked(vectors, cells, **changes):
    codes = [np.unique(cells[name], return_inverse=True)[1] for name in ("cell_type", "batch")]
    given = {"seed": 0, "level": 0.95, **changes}
    rows = depth_leakage(vectors, cells["n_counts"].to_numpy(), *codes, cells["cell_id"].tolist(), **given)
    return {row["scope"]: row for row in rows}


def test_the_depth_itself_is_predicted_wholly_and_noise_not_at_all():
    cells = toy_cells()
    itself = leaked(np.log(cells[["n_counts"]].to_numpy()), cells)
    noise = leaked(np.random.default_rng(0).normal(size=(len(cells), 10)), cells)
    for scope in ("all cells", "within types"):
        assert itself[scope]["r2"] > 0.9999 and itself[scope]["low"] > 0.9999
        assert noise[scope]["r2"] < 0.02 and noise[scope]["low"] < 0.0


def test_a_type_alone_tells_depth_between_types_and_none_within():
    cells = toy_cells()
    types = cells["cell_type"].str[-1].astype(int).to_numpy()
    deeper = cells.assign(n_counts=cells["n_counts"] * np.exp(types))
    found = leaked(np.eye(4)[types], deeper)
    explained = np.var(types) / np.var(np.log(deeper["n_counts"]))
    assert found["all cells"]["r2"] == pytest.approx(explained, abs=0.05)
    assert found["within types"]["r2"] < 0.01


def test_intervals_hold_the_share_that_is_known_in_a_simulation():
    # y = x + noise of half the variance of x: R2 is 2/3 on cells that are not of the sample, less what the fit costs
    held, truth = 0, 2 / 3
    for seed in range(60):
        random = np.random.default_rng(seed)
        cells = toy_cells(250, seed)
        x = random.normal(size=(250, 1))
        totals = np.exp(8 + x[:, 0] + random.normal(0, np.sqrt(0.5), 250))
        row = leaked(x, cells.assign(n_counts=totals))["all cells"]
        held += row["low"] <= truth <= row["high"]
    assert 53 <= held <= 60


def test_batches_are_resampled_where_there_are_five():
    cells = toy_cells()
    assert leaked(toy_vectors(cells), cells)["all cells"]["resampled"] == "cells"
    five = cells.assign(batch=[f"b{i % 5}" for i in range(len(cells))])
    assert leaked(toy_vectors(cells), five)["all cells"]["resampled"] == "batches"


def test_totals_that_are_alike_have_no_number_but_a_reason():
    cells = toy_cells().assign(n_counts=1000.0)
    row = leaked(toy_vectors(cells), cells)["all cells"]
    assert row["r2"] is None and "alike" in row["reason"]


def test_the_order_of_the_cells_changes_nothing():
    cells, order = toy_cells(), np.random.default_rng(2).permutation(600)
    vectors = toy_vectors(cells, depth=1.0)
    one = leaked(vectors, cells)["all cells"]["r2"]
    other = leaked(vectors[order], cells.iloc[order].reset_index(drop=True))["all cells"]["r2"]
    assert one == pytest.approx(other, abs=1e-9) and one > 0.5


def test_cells_are_drawn_by_seed_and_id():
    ids = [f"c{i}" for i in range(2 * MOST_CELLS)]
    assert len(drawn(ids, 0)) == MOST_CELLS
    assert (
        {ids[i] for i in drawn(ids, 0)}
        == {ids[::-1][i] for i in drawn(ids[::-1], 0)}
        != {ids[i] for i in drawn(ids, 1)}
    )
