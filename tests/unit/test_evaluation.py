"""Effect sizes and summaries from the reductions, against the raw pairs."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.stats import mannwhitneyu
from sklearn.metrics import roc_auc_score

from rankstudy.core.errors import StudyError
from rankstudy.measures.separation import effect_sizes, merge_blocks, pair_summaries, separation
from rankstudy.pairs.engine import BlockResult, compare
from rankstudy.pairs.engine.grids import BINS
from rankstudy.spaces.encodings.rank import fractional_ranks
from tests.unit.helpers import analysed_cells, bin_counts, raw_pairs, space, toy_counts
from tests.unit.reference import likeness, type_distribution

SIZES = (12, 9, 15)


def make(metric, signal=1.0):
    random = np.random.default_rng(0)
    centres = np.repeat(random.normal(size=(len(SIZES), 8)), SIZES, axis=0)
    return space((signal * centres + random.normal(size=(sum(SIZES), 8))).astype(np.float32), SIZES, metric)


def auroc(within, between, similarity):
    """Return scikit-learn's AUROC of within-type pairs as the positive class, more alike meaning a higher score."""
    sign = 1 if similarity else -1
    labels = np.r_[np.ones(len(within)), np.zeros(len(between))]
    return roc_auc_score(labels, sign * np.r_[within, between])


@pytest.mark.parametrize("metric", ["correlation", "cosine", "euclidean"])
def test_auroc_is_that_of_the_raw_pairs_within_its_stated_error(metric):
    of = make(metric)
    within, between = raw_pairs(of)
    row = effect_sizes(compare([of]), analysed_cells(of.cells)).iloc[0]
    assert (row["n_within"], row["n_between"]) == (len(within), len(between))
    exact = auroc(within, between, metric != "euclidean")
    assert exact > 0.6 and 0 <= row["auroc_error"] < 1e-3
    assert abs(row["auroc"] - exact) <= row["auroc_error"] + 1e-9
    u = mannwhitneyu(within, between).statistic / (len(within) * len(between))
    assert abs((u if metric != "euclidean" else 1 - u) - row["auroc"]) <= row["auroc_error"] + 1e-9


@pytest.mark.parametrize("metric", ["correlation", "euclidean"])
def test_each_type_is_scored_by_its_own_pairs_against_its_pairs_with_others(metric):
    of = make(metric)
    rows = effect_sizes(compare([of]), analysed_cells(of.cells)).iloc[1:].set_index("cell_type")
    assert rows.index.tolist() == ["A", "B", "C"]
    values, slugs = likeness(of), of.cells["slug"].to_numpy()
    for slug, label in zip("abc", "ABC", strict=True):
        within, between = (type_distribution(values, slugs, slug, w) for w in (True, False))
        row = rows.loc[label]
        assert (row["n_within"], row["n_between"]) == (len(within), len(between))
        assert abs(row["auroc"] - auroc(within, between, metric != "euclidean")) <= row["auroc_error"] + 1e-4


@pytest.mark.parametrize("metric", ["correlation", "euclidean"])
def test_medians_are_those_of_numpy_to_the_width_of_a_bin(metric):
    of = make(metric)
    result = compare([of])
    within, between = raw_pairs(of)
    low, high = result.about["spaces"][0]["range"]
    row = effect_sizes(result, analysed_cells(of.cells)).iloc[0]
    assert abs(row["median_within"] - np.median(within)) <= (high - low) / BINS
    assert abs(row["median_between"] - np.median(between)) <= (high - low) / BINS
    wanted = (np.median(within) - np.median(between)) * (1 if metric == "correlation" else -1)
    assert abs(row["difference"] - wanted) <= 2 * (high - low) / BINS and row["difference"] > 0


@pytest.mark.parametrize(
    "values",
    [[0.3], [0.1, 0.9], [-1.0, 1.0], [-0.5, -0.5, 0.5, 0.5], [0.0] * 5, [-0.9, 0.2, 0.2001, 0.8], [0.1, 0.2, 0.9]],
)
def test_medians_of_few_values_far_apart_are_those_of_numpy(values):
    about = {"metric": "correlation", "range": [-1.0, 1.0]}
    counts = bin_counts(np.array(values), -1.0, 1.0)
    found = separation(counts, counts, about)
    assert abs(found["median_within"] - np.median(values)) <= 2 / BINS
    assert found["difference"] == 0 and found["auroc"] == pytest.approx(0.5)


@pytest.mark.parametrize(("metric", "better"), [("cosine", 0.9), ("euclidean", 0.1)])
def test_orientation_and_ties_of_separation(metric, better):
    about = {"metric": metric, "range": [0.0, 1.0]}
    good, bad = (bin_counts(np.full(4, v), 0.0, 1.0) for v in (better, 1 - better))
    assert separation(good, bad, about)["auroc"] == 1 and separation(good, bad, about)["auroc_error"] == 0
    assert separation(bad, good, about)["auroc"] == 0
    assert separation(good, bad, about)["difference"] == pytest.approx(0.8, abs=1e-3)
    assert separation(bad, good, about)["difference"] == pytest.approx(-0.8, abs=1e-3)
    tied = separation(good, good, about)
    assert (tied["auroc"], tied["auroc_error"]) == (0.5, 0.5)


def test_summaries_are_the_quantiles_of_each_type_pair_under_its_labels():
    of = make("euclidean")
    of.cells["cell_type"] = of.cells["slug"].map({"a": "T cell", "b": "B cell", "c": "NK"})
    result = compare([of])
    table = pair_summaries(result, analysed_cells(of.cells))
    assert len(table) == 6 and (table["space"] == "space").all()
    np.testing.assert_array_equal(table[["q05", "q25", "median", "q75", "q95"]].to_numpy(), result.quantiles[0])
    assert table[["type_a", "type_b"]].iloc[1].tolist() == ["T cell", "B cell"]
    assert ((table["relation"] == "within") == (table["type_a"] == table["type_b"])).all()


def test_type_pairs_without_a_pair_of_cells_are_left_out():
    of = space(np.eye(4, dtype=np.float32), (3, 1), "cosine")
    table = pair_summaries(compare([of]), analysed_cells(of.cells))
    assert list(zip(table["type_a"], table["type_b"], strict=True)) == [("A", "A"), ("A", "B")]
    assert table.notna().all(axis=None)


def test_a_table_of_other_cells_is_refused():
    of = make("cosine")
    cells = analysed_cells(of.cells)
    for wrong in (cells.iloc[1:], cells.assign(slug=cells["slug"].replace("a", "z"))):
        with pytest.raises(StudyError, match="the pairs are of 36 cells and 3 types"):
            pair_summaries(compare([of]), wrong)


def test_merged_blocks_must_be_all_of_them(tmp_path):
    of = space(fractional_ranks(sp.csr_matrix(toy_counts(36, 30))), SIZES)
    paths = [str(tmp_path / f"{i}.h5") for i in range(3)]
    for path, (rows, columns) in zip(paths, [("ab", "ab"), ("c", "ab"), ("c", "c")], strict=True):
        compare([of], list(rows), list(columns)).save(path)
    merge_blocks(paths[::-1], str(tmp_path / "merged.h5"))
    merged, whole = BlockResult.load(tmp_path / "merged.h5"), compare([of])
    # a tile of other types is another product to BLAS: what is promised is 1e-5
    np.testing.assert_allclose(merged.quantiles, whole.quantiles, rtol=0, atol=1e-5)
    np.testing.assert_array_equal(merged.type_pairs, whole.type_pairs)
    with pytest.raises(StudyError, match="hold 4 pairs of types, 3 types have 6"):
        merge_blocks([paths[0], paths[2]], str(tmp_path / "short.h5"))
    assert not (tmp_path / "short.h5").exists()
