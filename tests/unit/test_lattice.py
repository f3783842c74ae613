"""The lattice of small data sets: every corner as a brute force has it, and ledgers that add up."""

import gc
import weakref
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.core.errors import StudyError
from rankstudy.core.progress import Progress
from rankstudy.measures.lattice import walk
from rankstudy.measures.lattice.corner import Corner, Cube
from rankstudy.measures.lattice.vectors import ReadGenes
from rankstudy.measures.settings.tables import AS_MEASURED, ONE_TOTAL
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, OWN_TYPE
from rankstudy.measures.verdict import NO_DIFFERENCE
from rankstudy.spaces.encodings.cell_counts import CellCounts
from rankstudy.spaces.steps import Steps
from tests.unit.curve_toys import NAMES, bounds, counts_at, kept_cells, likeness, specified, study
from tests.unit.lattice_toys import ENCODINGS, LEDGERS, encoding, slow_vectors, walked

SETTING = ["measure", "centred", "panel", "depth"]
DRAWS = 3


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return study(tmp_path_factory.mktemp("lattice"))


@pytest.fixture(scope="module")
def found(toy):
    return walked(toy)


@pytest.fixture(scope="module")
def curves(toy):
    encodings = {name: ENCODINGS[name] for name in ("rank", "expression")}
    genes = {name: {"genes": toy.genes} for name in encodings}
    return specified(toy, "curves", encodings=encodings, genes_in=genes, pairs=[["rank", "expression"]])


def test_every_corner_setting_and_statistic_equals_a_brute_force(toy, found, curves):
    cells, total = kept_cells(toy, curves)
    ids = cells["cell_id"].tolist()
    corners = found.lattice.drop_duplicates("corner").set_index("corner")
    assert len(corners) == 5 + 2 * 3 + 2 + 3  # values and levels, orders of the file, of the panel, other forms
    compared = 0
    for (name, panel, depth, metric, centred), rows in found.lattice.groupby(
        ["corner", "panel", "depth", *SETTING[:2]]
    ):
        corner = corners.loc[name]
        drawn = counts_at(toy, cells, total, DRAWS)[depth]
        if depth == AS_MEASURED and corner.ties == "chance":
            drawn = drawn * DRAWS
        each = [
            bounds(likeness(slow_vectors(counts, ids, corner, panel, draw), metric, centred), cells)
            for draw, counts in enumerate(drawn)
        ]
        for row in rows.itertuples():
            low, high = np.mean([one[row.statistic] for one in each], axis=0)
            assert low - row.binning_error - 1e-9 <= row.value <= high + row.binning_error + 1e-9, row
            assert row.draws == len(drawn)
            compared += 1
    assert compared == len(found.lattice)


def test_what_is_looked_at_in_which_settings(found):
    table = found.lattice
    assert set(table["statistic"]) == {AUROC, OWN_TYPE, ACROSS}
    of_corner = table.groupby("corner")[SETTING].agg(lambda of: len(set(of)))
    of_values = table["kept"].isin(["value", "3 levels"]) & (table["vocabulary"] == "file")
    values = table.loc[of_values, "corner"].unique()
    # between values, cosine too; orders by correlation alone; what stands beside the ledgers as it is measured
    assert (of_corner.loc[values, "measure"] == 2).all() and (of_corner.loc[values, "depth"] == 2).all()
    assert (of_corner.drop(values)["measure"] == 1).all()
    beside = table.loc[table["form"] == "logarithm", "corner"].unique()
    assert (of_corner.loc[beside, "depth"] == 1).all() and (of_corner.drop(beside)["depth"] == 2).all()
    assert table.loc[table["space"].notna()].groupby("space")["corner"].nunique().to_dict() == dict.fromkeys(
        ENCODINGS, 1
    )


@pytest.mark.parametrize("space, reference", LEDGERS)
def test_a_ledger_is_the_mean_over_the_orders_of_its_steps_and_adds_up(found, space, reference):
    cube = Cube.between(
        *(Corner.of(ENCODINGS[name]["vocabulary"], ENCODINGS[name]["steps"]) for name in (reference, space))
    )
    orders = [
        order
        for order in permutations(cube.steps)
        if all(order.index(first) < order.index(then) for first, then in cube.precedence)
    ]
    rows = found.ledger[found.ledger["space"] == space]
    assert rows["step"].unique().tolist() == cube.steps
    for (statistic, *setting), of_setting in rows.groupby(["statistic", *SETTING]):
        at = (found.lattice[SETTING] == setting).all(axis=1) & (found.lattice["statistic"] == statistic)
        values = found.lattice[at].set_index("corner")["value"]
        for row in of_setting.itertuples():
            gains = [
                values[cube.corner(order[: order.index(row.step) + 1]).name]
                - values[cube.corner(order[: order.index(row.step)]).name]
                for order in orders
            ]
            assert row.estimate == pytest.approx(np.mean(gains), abs=1e-12)
            assert row.low <= row.estimate <= row.high
        assert abs(of_setting["estimate"].sum() - (row.value - row.value_reference)) < 1e-12


def test_a_step_that_changes_nothing_costs_exactly_nothing(found):
    # the vocabulary `same` has all genes of the file
    same = found.ledger[(found.ledger["space"] == "cut") & (found.ledger["step"] == "vocabulary")]
    assert (same[["estimate", "low", "high", "standard_error", "binning_error"]] == 0).all(axis=None)
    assert set(same["verdict"]) == {NO_DIFFERENCE} and (same["p_adjusted"] == 1).all()
    # nor does a factor change a correlation: without levels, ln and log2 are the same
    logs = found.lattice_steps[(found.lattice_steps["step"] == "logarithm")]
    assert len(logs) and logs.loc[~logs["after"].str.contains("levels"), "estimate"].abs().max() < 2e-4


def test_a_ledger_has_the_difference_of_the_curve_on_the_same_cells(found, curves):
    whole = found.ledger[found.ledger["space"] == "rank"].groupby(["statistic", *SETTING])
    table = curves.specifications[curves.specifications["claim"]].set_index(["statistic", *SETTING])
    assert len(table) == len(whole)
    for key, rows in whole:
        assert rows["estimate"].sum() == pytest.approx(table.loc[key, "estimate"], abs=1e-9)


def test_neighbouring_corners_have_the_difference_of_their_values(found):
    key = ["statistic", *SETTING]
    of = found.lattice.set_index(["corner", *key])["value"]
    for row in found.lattice_steps.itertuples():
        at = tuple(getattr(row, name) for name in key)
        assert row.estimate == pytest.approx(of[(row.after, *at)] - of[(row.before, *at)], abs=1e-11)
        assert row.low <= row.estimate <= row.high and 0 < row.p <= 1


def test_the_order_of_the_files_changes_nothing(toy, found):
    again = walked(toy, "again", shards=toy.shards[::-1])
    pd.testing.assert_frame_equal(again.ledger, found.ledger)
    pd.testing.assert_frame_equal(again.lattice, found.lattice)


def test_steps_that_do_not_make_the_vectors_are_refused(toy):
    wrong = encoding("tests.unit.lattice_toys:cut", Steps(kept="order", first=11, ties="chance"), "same")
    with pytest.raises(
        StudyError, match=r"cut: its declared steps \(.*first: 11.*\) do not make its vectors, as of .*toy:"
    ):
        walked(toy, "wrong", encodings=ENCODINGS | {"cut": wrong})


def test_without_a_ledger_the_tables_are_empty(toy):
    nothing = walked(toy, "nothing", ledgers=[])
    assert all(len(table) == 0 for table in vars(nothing).values())


def test_the_range_of_a_step_is_that_over_all_settings_of_a_statistic(found):
    for _, rows in found.ledger.groupby(["space", "step", "statistic"]):
        assert len(rows) in (8, 16)  # two measures where both ends are values
        assert set(rows["lowest"]) == {rows["estimate"].min()} and set(rows["highest"]) == {rows["estimate"].max()}


def test_an_encoding_that_does_what_the_reference_does_has_no_step(toy):
    encodings = dict.fromkeys(("expression", "again"), ENCODINGS["expression"])
    found = walked(toy, "none", encodings=encodings, ledgers=[["again", "expression"]])
    assert not len(found.ledger) and not len(found.lattice_steps)
    assert set(found.lattice["space"]) == {"expression, again"}


def test_depths_are_those_of_the_curve(found):
    assert set(found.lattice["depth"]) == {AS_MEASURED, ONE_TOTAL}


def test_the_progress_ends_where_the_walk_does(toy, monkeypatch):
    seen = []

    class Counted(Progress):
        def __init__(self, total, unit):
            super().__init__(total=total, unit=unit)
            seen.append([total, 0])

        def update(self, n):
            seen[-1][1] += n
            super().update(n)

    monkeypatch.setattr(walk, "Progress", Counted)
    walked(toy, "counted")
    walked(toy, "of values that are no counts", counts=False)
    assert len(seen) == 2 and all(total == reached > 0 for total, reached in seen)


def test_counts_of_a_vocabulary_are_given_back_as_soon_as_another_one_is_read(toy):
    counts = np.array([toy.counts[cell] for cell in toy.cells["cell_id"]])
    nothing = np.full(len(NAMES), np.nan)
    cells = CellCounts(sp.csr_matrix(counts), counts.sum(axis=1), toy.cells["cell_id"].tolist(), NAMES, nothing, 0)
    read = ReadGenes(cells, lambda of: nothing)
    read.values(Corner(kept="order", ties="chance"))
    left = weakref.ref(read)
    # without waiting for the collector, which knows nothing of their size
    gc.disable()
    try:
        del read
        assert left() is None
    finally:
        gc.enable()
