"""Every mistake that is made with embeddings is caught by name, and nothing else is."""

import numpy as np
import pytest

from rankstudy.measures.audit.brought_rows import MOST_ROWS, rows_to_audit
from rankstudy.measures.audit.row_order import structure
from rankstudy.measures.audit.thresholds import Thresholds
from tests.unit.embeddings_toy import audited, brought, failed, toy_cells, toy_vectors

CELLS = toy_cells()
VECTORS = toy_vectors(CELLS, depth=1.0)
IDS = CELLS["cell_id"].to_numpy(object)
ORDER, ROW = "order of the rows", "row number"
LONGEST_FIRST = np.argsort(-CELLS["n_genes"].to_numpy(), kind="stable")


def with_column(values, vectors=VECTORS):
    return np.column_stack([values, vectors]).astype(np.float32)


def test_an_embedding_without_a_mistake_passes():
    found = audited(VECTORS, CELLS)
    assert set(found["outcome"]) <= {"passed", "reported"}
    assert found.loc[(ORDER, ""), "value"] > 0.5


def test_rows_sorted_by_length_with_the_index_column_kept_are_found_unaided():
    # the entry of a public benchmark: sorted by the tokens of a cell, which are not all of its genes
    random = np.random.default_rng(3)
    tokens = np.minimum(CELLS["n_genes"] * random.uniform(0.75, 0.85, len(CELLS)), 2048)
    by_tokens = np.argsort(-tokens.to_numpy(), kind="stable")
    found = failed(with_column(np.arange(len(CELLS)), VECTORS[by_tokens]), CELLS)
    assert ("a column is the row number", "c-1") in found
    assert {subject for check, subject in found if check == ORDER} <= {ROW, "n_genes, descending"} != set()
    assert [check for check, _ in failed(VECTORS[by_tokens], CELLS)] == [ORDER]


@pytest.mark.parametrize(
    ("key", "order"),
    [
        ("n_genes, descending", LONGEST_FIRST),
        ("n_counts, ascending", np.argsort(CELLS["n_counts"].to_numpy(), kind="stable")),
        ("sorted names", np.argsort(IDS.astype(str), kind="stable")),
        ("the file, from its end", np.arange(len(CELLS))[::-1]),
    ],
)
def test_another_order_of_the_rows_is_named(key, order):
    assert failed(VECTORS[order], CELLS) == [(ORDER, key)]


def test_the_order_of_a_column_of_the_cells_is_named():
    score = np.random.default_rng(5).random(len(CELLS))
    order = np.argsort(score, kind="stable")
    assert failed(VECTORS[order], CELLS, keys={"score": score}) == [(ORDER, "score, ascending")]


def test_the_order_of_the_data_set_is_named_where_the_file_has_the_ids_in_another_one():
    ids = IDS[np.random.default_rng(6).permutation(len(IDS))]
    assert failed(VECTORS, CELLS, ids=ids) == [(ORDER, "the data set’s own file")]


def test_vectors_that_know_no_labels_are_reported_and_do_not_fail():
    noise = np.random.default_rng(7).normal(size=VECTORS.shape).astype(np.float32)
    found = audited(noise, CELLS)
    assert found.loc[(ORDER, ""), "outcome"] == "reported" and not (found["outcome"] == "failed").any()


def test_vectors_that_know_the_batch_alone_are_in_order_though_the_file_is_sorted_by_batch():
    cells = toy_cells(order="batch")
    random = np.random.default_rng(8)
    known = cells["batch"].str[-1].astype(float).to_numpy()[:, None] * random.normal(size=(1, 8))
    vectors = (known + random.normal(size=(len(cells), 8))).astype(np.float32)
    assert failed(vectors, cells) == []


@pytest.mark.parametrize("what", ["row number", "total counts", "detected genes"])
def test_a_column_that_is_a_number_of_the_cells_is_named(what):
    numbers = {
        "row number": np.arange(len(CELLS)),
        "total counts": CELLS["n_counts"],
        "detected genes": CELLS["n_genes"],
    }
    values = np.asarray(numbers[what], float)
    # any increasing function of it, and the reverse, is the number too
    for column in (values, -np.log1p(values)):
        spread = column * VECTORS.std() / column.std()
        assert failed(with_column(spread), CELLS) == [(f"a column is the {what}", "c-1")]


@pytest.mark.parametrize("codes", [(0, 1, 2), (7, -3, 0.5)])
def test_a_column_that_is_the_batch_is_named_in_whatever_coding(codes):
    coded = np.array(codes)[CELLS["batch"].str[-1].astype(int)]
    assert failed(with_column(coded), CELLS) == [("a column is the batch", "c-1")]


def test_a_column_that_comes_near_to_the_depth_is_reported_with_its_name():
    near = np.log(CELLS["n_counts"]) + np.random.default_rng(9).normal(0, 0.1, len(CELLS))
    row = audited(with_column(near), CELLS).loc[("a column is the total counts", "")]
    assert row["outcome"] == "reported" and "c-1" in row["note"] and 0.9 < row["value"] < 0.999


def test_ids_that_are_missing_doubled_or_unknown_are_counted():
    few, many = IDS[:-3], IDS[:-100]
    assert audited(VECTORS[:-3], CELLS, ids=few).loc[("missing ids", ""), "outcome"] == "reported"
    assert failed(VECTORS[:-100], CELLS, ids=many) == [("missing ids", "")]
    twice = np.r_[IDS, IDS[:2]]
    assert failed(np.r_[VECTORS, VECTORS[5:7]], CELLS, ids=twice) == [("doubled ids", "")]
    strange = np.r_[IDS, ["stranger"]]
    found = audited(np.r_[VECTORS, VECTORS[:1] + 1], CELLS, ids=strange).loc[("unknown ids", "")]
    assert found["outcome"] == "reported" and found["value"] == pytest.approx(1 / len(strange))


def test_ids_that_are_numbers_of_rows_are_called_so():
    found = audited(VECTORS, CELLS, ids=[str(i) for i in range(len(CELLS))]).loc[("missing ids", "")]
    assert found["outcome"] == "failed" and "numbers of rows" in found["note"]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite_fail(value):
    spoilt = VECTORS.copy()
    spoilt[3, 2] = value
    assert failed(spoilt, CELLS) == [("finite values", "")]


def test_constant_rows_and_columns_doubled_vectors_and_collapse_fail():
    rows, columns, twice = VECTORS.copy(), VECTORS.copy(), VECTORS.copy()
    rows[:10] = np.arange(10)[:, None]
    assert failed(rows, CELLS) == [("constant rows", "")]
    columns[:, :12] = 1.0
    assert failed(columns, CELLS) == [("constant columns", "")]
    twice[:40] = twice[40:80]
    assert failed(twice, CELLS) == [("doubled vectors", "")]
    line = np.outer(VECTORS[:, 0], np.arange(1, 21)).astype(np.float32)
    assert ("collapse", "") in failed(line + 1e-4 * VECTORS, CELLS)
    assert {check for check, _ in failed(np.ones_like(VECTORS), CELLS)} >= {"collapse", "constant columns"}


def test_thresholds_decide():
    strict = Thresholds(leaks=0.0, few_directions=0.0)
    found = audited(VECTORS, CELLS, thresholds=strict)
    assert (found.loc["collapse", "outcome"] == "reported").all()
    assert failed(VECTORS[:-100], CELLS, ids=IDS[:-100], thresholds=Thresholds(missing_ids=0.5)) == []


def test_few_cells_or_one_label_are_beside_the_point():
    assert audited(VECTORS[:30], CELLS[:30]).loc[(ORDER, ""), "outcome"] == "not applicable"
    alone = CELLS.assign(cell_type="one")
    assert audited(VECTORS, alone).loc[(ORDER, ""), "outcome"] == "not applicable"


def test_structure_is_0_by_chance_and_1_at_best():
    random = np.random.default_rng(0)
    labels = random.integers(3, size=2000).astype(str)
    by_chance = structure(random.integers(2000, size=(2000, 15)), labels)
    own = np.stack([random.choice(np.flatnonzero(labels == label), 15) for label in labels])
    assert abs(by_chance) < 0.02 and structure(own, labels) == pytest.approx(1.0)


def test_rows_are_drawn_by_id_and_those_that_are_wanted_come_first():
    ids = np.array([f"c{i}" for i in range(3 * MOST_ROWS)], object)
    wanted = ids[::7]
    rows = rows_to_audit(ids, wanted, 0)
    assert len(rows) == MOST_ROWS and set(wanted) <= set(ids[rows]) and (np.diff(rows) > 0).all()
    turned = rows_to_audit(ids[::-1], wanted, 0)
    assert set(ids[rows]) == set(ids[::-1][turned])


def test_what_is_brought_knows_whose_its_rows_are():
    of = brought(VECTORS, CELLS, ids=np.r_[["stranger"], IDS[1:]])
    assert of.cell_of[0] == -1 and of.of_rows("cell_type")[0] is None and np.isnan(of.depths["n_counts"][0])
    assert of.of_rows("cell_type")[1] == CELLS["cell_type"][1]


def test_rows_sorted_by_length_are_found_where_the_file_is_sorted_by_type():
    # labels of neighbours in a sorted file are alike whatever the rows are
    cells = toy_cells(order="cell_type")
    cells["n_counts"] *= np.exp(cells["cell_type"].str[-1].astype(float))
    cells["n_genes"] = np.round(3 * cells["n_counts"] ** 0.7)
    vectors = toy_vectors(cells, depth=1.0)
    order = np.argsort(-cells["n_counts"].to_numpy(), kind="stable")
    assert failed(vectors, cells) == []
    ((check, subject),) = failed(vectors[order], cells)
    assert check == ORDER and subject.endswith("descending")


@pytest.mark.parametrize(("n", "rare"), [(60, 2), (600, 3), (600, 10), (2000, 10)])
def test_vectors_that_know_nothing_do_not_fail_where_labels_are_skewed(n, rare):
    for seed in range(15):
        cells = toy_cells(n, seed=seed)
        cells["cell_type"] = np.where(np.arange(n) < rare, "rare", "common")
        noise = np.random.default_rng(seed).normal(size=(n, 10)).astype(np.float32)
        assert failed(noise, cells) == []


def test_every_row_of_a_large_file_is_looked_at_for_values_and_doubles():
    cells = toy_cells(3 * MOST_ROWS)
    vectors = toy_vectors(cells)
    wanted = cells["cell_id"].to_numpy(object)[:100]
    spoilt, twice = vectors.copy(), vectors.copy()
    spoilt[-1, 3] = np.nan
    assert failed(spoilt, cells, wanted=wanted) == [("finite values", "")]
    twice[: len(cells) // 10] = twice[len(cells) // 10 : 2 * (len(cells) // 10)]
    found = audited(twice, cells, wanted=wanted).loc[("doubled vectors", "")]
    assert found["outcome"] == "failed" and found["value"] == pytest.approx(0.2)


def test_some_column_of_many_is_like_any_number_of_a_few_rows_and_nothing_is_made_of_it():
    cells = toy_cells(8)
    noise = np.random.default_rng(0).normal(size=(8, 512)).astype(np.float32)
    found = audited(noise, cells)
    assert (found.loc["a column is the row number", "outcome"] == "not applicable").all()
    assert (found.loc["a column is the batch", "outcome"] == "not applicable").all()


def test_batches_in_one_column_each_or_with_a_little_noise_are_named_and_what_comes_near_is_reported():
    batch = CELLS["batch"].str[-1].astype(int).to_numpy()
    one_hot = np.eye(3, dtype=np.float32)[batch]
    assert [subject for _, subject in failed(np.column_stack([one_hot, VECTORS]), CELLS)] == ["c-1", "c-2", "c-3"]
    random = np.random.default_rng(1)
    jittered = batch + 1e-6 * random.random(len(CELLS))
    assert failed(with_column(jittered), CELLS) == [("a column is the batch", "c-1")]
    near = audited(with_column(batch + 0.1 * random.normal(size=len(CELLS))), CELLS).loc[("a column is the batch", "")]
    assert near["outcome"] == "reported" and "c-1" in near["note"] and near["value"] > 0.95


def test_few_directions_in_effect_are_reported():
    wide = VECTORS.copy()
    wide[:, :2] *= 1000
    found = audited(wide, CELLS).loc[("collapse", "")]
    assert found["outcome"] == "reported" and "directions in effect" in found["note"]
