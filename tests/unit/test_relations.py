"""Relations at cutoffs and operating points, against a slow count, shuffled labels, and cases by hand."""

import numpy as np
import pandas as pd
import pytest

from rankstudy.core.errors import StudyError
from rankstudy.core.tables import RELATIONS
from rankstudy.measures.compared import N_CLASSES, Compared
from rankstudy.measures.relations.counts import CountedRelations
from rankstudy.measures.relations.crossing import TARGETS
from rankstudy.measures.relations.curves import relation_curves, summarise_relations
from rankstudy.measures.relations.errors import Errors, relation_errors
from rankstudy.measures.relations.points import operating_points
from rankstudy.measures.relations.tables import (
    ANY_BATCH,
    NEVER,
    NO_PAIR,
    OPERATING_POINTS,
    REACHED,
    RELATIONS_AT_CUTOFFS,
)
from rankstudy.measures.tables import CLASSES
from rankstudy.measures.uncertainty.resampling import ResamplingUnit
from rankstudy.pairs.blocks import block_indices
from rankstudy.pairs.engine import compare, merge
from rankstudy.pairs.engine.result import OTHER, OWN
from tests.unit.helpers import analysed_cells, space, write_analysed
from tests.unit.related import CUTOFFS, METRICS, SIZES, classes, everything, make_spaces, relations, scopes, scores

every_space = pytest.mark.parametrize("s", range(3), ids=list(METRICS))


@pytest.fixture(scope="module")
def spaces():
    return make_spaces()


@pytest.fixture(scope="module")
def found(spaces):
    return everything(spaces, relations())


@pytest.fixture(scope="module")
def curves(found):
    return [curves_of(*found, s) for s in range(3)]


def counted_with_errors(result, compared, s):
    counted = CountedRelations.of(result, s, compared)
    return counted, compared, relation_errors(counted, compared, compared.batches, "batches"), 0.95


def curves_of(result, compared, s):
    return relation_curves(*counted_with_errors(result, compared, s))


def at_cutoff(of, cutoff):
    """Return which cells are relations of which, in float64.

    No value lies so near a cutoff that float32 could differ.
    """
    score = scores(of)
    limit = cutoff if of.metric != "euclidean" else -cutoff
    assert np.abs(score - limit).min() > 1e-6 or cutoff in (-1, 0)
    return score >= limit if of.metric != "euclidean" else score > limit


@every_space
def test_shares_and_numbers_are_those_of_a_slow_count(s, spaces, curves):
    of, table = spaces[s], curves[s]
    names, batches = classes(of.cells, relations())
    assert len(table) == 6 * CUTOFFS * (len(CLASSES) + len(RELATIONS))
    held = 0
    for label, members in scopes(of.cells):
        rows = table[table["cell_type"].isna() if label is None else table["cell_type"] == label]
        for cutoff, group in rows.groupby("cutoff"):
            related = at_cutoff(of, cutoff)[members]
            n = related.sum(axis=1)
            for row in group.itertuples():
                of_batch = (batches == row.batches)[members] | (row.batches == ANY_BATCH)
                in_class = (names == row.relation)[members] & of_batch & related
                assert row.n_relations == in_class.sum()
                assert (row.n_cells, row.n_without) == (members.sum(), (n == 0).sum())
                if (n > 0).any():
                    of_cells = (in_class.sum(axis=1)[n > 0] / n[n > 0]).mean()
                    np.testing.assert_allclose([row.share, row.share_of_cells], [in_class.sum() / n.sum(), of_cells])
                else:
                    assert np.isnan(row.share) and np.isnan(row.share_of_cells) and np.isnan(row.low)
                held += row.n_relations
    assert held > 1000


@every_space
def test_the_least_strict_cutoff_has_all_pairs_and_the_shares_of_chance(s, spaces, curves):
    similarity = spaces[s].metric != "euclidean"
    overall = curves[s][curves[s]["cell_type"].isna()]
    split = overall[overall["batches"] != ANY_BATCH]
    first = split[split["cutoff"] == (split["cutoff"].min() if similarity else split["cutoff"].max())]
    assert first["n_relations"].sum() == sum(SIZES) * (sum(SIZES) - 1)
    np.testing.assert_allclose(first["share"], first["expected"])
    for rows in (split, overall[overall["batches"] == ANY_BATCH]):
        known = rows[rows["share"].notna()]
        np.testing.assert_allclose(known.groupby("cutoff")[["share", "share_of_cells"]].sum(), 1)


def test_relations_that_no_two_types_have_are_left_out(spaces):
    result, compared = everything(spaces)
    table = curves_of(result, compared, 0)
    assert set(table["relation"]) == {"own", "other"}


def test_composition_is_a_count_of_all_other_cells(spaces, found):
    names, batches = classes(spaces[0].cells, relations())
    others = ~np.eye(len(names), dtype=bool)
    counts = found[1].composition()
    for number, (relation, batch) in enumerate(CLASSES):
        wanted = ((names == relation) & (batches == batch) & others).sum(axis=1)
        np.testing.assert_array_equal(counts[:, number], wanted)
    np.testing.assert_allclose(found[1].expected().sum(axis=1), 1)


def test_expected_shares_are_those_of_the_cells_of_the_scope(spaces, curves):
    cells, table = spaces[0].cells, curves[0]
    names, batches = classes(cells, relations())
    others = ~np.eye(len(names), dtype=bool)
    differ = set()
    for label, members in scopes(cells):
        rows = table[table["cell_type"].isna() if label is None else table["cell_type"] == label]
        for row in rows.itertuples():
            in_class = (names == row.relation) & ((batches == row.batches) | (row.batches == ANY_BATCH)) & others
            assert row.expected == pytest.approx(in_class[members].sum() / (members.sum() * (len(names) - 1)))
            differ.add((row.relation, row.batches, round(row.expected, 6)))
    assert len(differ) > 2 * (len(CLASSES) + len(RELATIONS))


def test_expected_shares_are_the_mean_over_shuffled_labels(spaces, curves):
    """Whoever is related by likeness: with shuffled labels, shares are on average those of the composition."""
    random = np.random.default_rng(0)
    of, matrix = spaces[0], relations()
    related = scores(of) >= np.quantile(scores(of)[scores(of) > -1], 0.7)
    n = related.sum(axis=1)
    codes = np.repeat(np.arange(len(SIZES)), SIZES)
    batch = of.cells["batch"].to_numpy()
    repeats = 2000
    found = np.zeros(N_CLASSES)
    for _ in range(repeats):
        order = random.permutation(len(codes))
        kinds = 2 * matrix[np.ix_(codes[order], codes[order])] + (batch[order][:, None] == batch[order])
        shares = np.array([((kinds == c) & related).sum(axis=1)[n > 0] / n[n > 0] for c in range(N_CLASSES)])
        found += shares.mean(axis=1) / repeats
    overall = curves[0][curves[0]["cell_type"].isna() & (curves[0]["cutoff"] == curves[0]["cutoff"].min())]
    wanted = {(r.relation, r.batches): r.expected for r in overall.itertuples()}
    np.testing.assert_allclose(found, [wanted[c] for c in CLASSES], atol=0.004)


@every_space
def test_operating_points_are_those_of_a_slow_search(s, spaces, found):
    of = spaces[s]
    counted, *given = counted_with_errors(*found, s)
    table = operating_points(counted, *given)
    assert len(table) == 6 * len(TARGETS)
    names, _ = classes(of.cells, relations())
    own = (names == "own") & ~np.eye(len(names), dtype=bool)
    reached = 0
    for label, members in scopes(of.cells):
        rows = table[table["cell_type"].isna() if label is None else table["cell_type"] == label]
        points = []
        for cutoff in counted.cutoffs:
            related = at_cutoff(of, cutoff)[members]
            points.append((cutoff, (related & own[members]).sum(), related.sum()))
        precisions = [own_ones / n for _, own_ones, n in points if n]
        for row in rows.itertuples():
            assert row.highest_precision == max(precisions)
            at = next((i for i, precision in enumerate(precisions) if precision >= row.target), None)
            assert row.reason == (NEVER if at is None else REACHED)
            if at is None:
                assert pd.isna(row.cutoff) and pd.isna(row.recall) and pd.isna(row.recall_low)
                continue
            # straight lines between two cutoffs, halved until the precision is the target
            near, far = np.array(points[max(at - 1, 0)], float), np.array(points[at], float)
            for _ in range(60 if at else 0):
                half = (near + far) / 2
                near, far = (near, half) if half[1] / half[2] >= row.target else (half, far)
            np.testing.assert_allclose(row.cutoff, far[0], atol=1e-9)
            np.testing.assert_allclose([row.precision, row.recall], [far[1] / far[2], far[1] / own[members].sum()])
            assert row.n_relations == round(far[2])
            reached += 1
    assert reached > 2


class TwoTypes:
    """Counts of two types at four cutoffs, given by hand."""

    def __init__(self, own, other):
        relations_of = np.zeros((2, N_CLASSES, len(own)), np.int64)
        relations_of[:, 2 * OWN], relations_of[:, 2 * OTHER + 1] = own, other
        having = np.ones((2, len(own)), np.int64)
        cutoffs = np.linspace(0, 1, len(own), endpoint=False)
        self.counted = CountedRelations("toy", cutoffs, [], np.zeros(relations_of.shape), relations_of, having)
        cells = np.array(["toy:1", "toy:2"], object)
        zeros = np.zeros(2, np.int64)
        self.compared = Compared(
            cells, np.array(["A"]), np.array([0, 2]), zeros, zeros, np.array(["x"]), np.zeros((1, 1))
        )

    def points(self):
        unknown = np.full(len(TARGETS), np.nan)
        errors = Errors(np.zeros(0), np.zeros(0), unknown, unknown, ResamplingUnit("cells", 9.0))
        table = operating_points(self.counted, self.compared, [errors] * 2, 0.95)
        return table.iloc[: len(TARGETS)].set_index("target")


def test_operating_points_by_hand():
    # precision 10/40, 8/16, 5/5 (then one relation of another type alone): the first cutoff that is precise enough
    # counts, and between 8/16 and 5/5 precision is x where (8 - 3 t) / (16 - 11 t) is
    points = TwoTypes([10, 8, 5, 0], [30, 8, 0, 1]).points()
    way = {target: (16 * target - 8) / (11 * target - 3) for target in TARGETS[1:]}
    np.testing.assert_allclose(points["cutoff"], [0.25, *(0.25 + 0.25 * t for t in way.values())])
    np.testing.assert_allclose(points["precision"], TARGETS)
    np.testing.assert_allclose(points["recall"], [0.8, *((8 - 3 * t) / 10 for t in way.values())])
    assert points["n_relations"].tolist() == [16, *(round(16 - 11 * t) for t in way.values())]
    assert set(points["reason"]) == {REACHED}


def test_a_precision_that_is_met_exactly_is_reached():
    # 1/2, 9/10 and 19/20, each of them at the last cutoff that has relations
    for own, other, target in ((2, 2, 0.5), (9, 1, 0.9), (19, 1, 0.95)):
        points = TwoTypes([own + 1, own], [3 * own, other]).points()
        assert points.loc[target, "reason"] == REACHED and points.loc[target, "highest_precision"] == target
        assert points.loc[target, ["cutoff", "recall"]].tolist() == [0.5, pytest.approx(own / (own + 1))]
        assert set(points.loc[points.index > target, "reason"]) <= {NEVER}


def test_a_precision_that_is_never_reached_says_so_with_the_highest_there_is():
    points = TwoTypes([10, 6, 0], [30, 4, 0]).points()
    assert points["reason"].tolist() == [REACHED, NEVER, NEVER]
    assert points["highest_precision"].tolist() == [0.6] * 3
    assert points.loc[[0.9, 0.95], ["cutoff", "precision", "recall", "n_relations"]].isna().all(axis=None)
    assert set(TwoTypes([0, 0], [3, 1]).points()["reason"]) == {NO_PAIR}


def test_blocks_and_tiles_change_nothing(spaces, curves):
    """Distances of whole numbers are exact: the tables of any blocks are the same to the last digit."""
    groups = [["a", "c"], ["b", "e"], ["d"]]
    options = {"neighbours": 7, "across": 7, "cutoffs": CUTOFFS}
    parts = [everything_of(spaces, groups[i], groups[j], options) for i, j in block_indices(3)]
    result = merge(parts)
    compared = Compared.of(result, analysed_cells(spaces[0].cells))
    found = curves_of(result, compared, 2)
    pd.testing.assert_frame_equal(found, curves[2])


def everything_of(spaces, rows, columns, options):
    return compare(spaces, rows, columns, relations=relations(), tile=5, **options)


def test_tables_of_all_seeds_are_written(spaces, found, tmp_path):
    found[0].save(tmp_path / "pairs.h5")
    cells = write_analysed(tmp_path / "cells.parquet", analysed_cells(spaces[0].cells))
    pairs = {seed: str(tmp_path / "pairs.h5") for seed in (3, 5)}
    outputs = {name: str(tmp_path / f"{name}.parquet") for name in ("relations", "operating_points")}
    outputs["operating_points_tsv"] = str(tmp_path / "operating_points.tsv")
    about = {"dataset": "toy", "unit": "batches", "level": 0.95}
    summarise_relations(pairs, dict.fromkeys(pairs, cells), **about, outputs=outputs)
    table = RELATIONS_AT_CUTOFFS.read(outputs["relations"])
    assert len(table) == 2 * 3 * 6 * CUTOFFS * (N_CLASSES + len(RELATIONS)) and set(table["relation"]) == set(RELATIONS)
    assert len(OPERATING_POINTS.read(outputs["operating_points"])) == 2 * 3 * 6 * len(TARGETS)
    assert (tmp_path / "operating_points.tsv").read_text().startswith("dataset\tseed\tspace\tcell_type\ttarget")


def test_a_table_of_other_cells_is_refused(found):
    with pytest.raises(StudyError, match="the table of cells holds others"):
        Compared.of(found[0], analysed_cells(space(np.eye(4), (2, 2)).cells))
