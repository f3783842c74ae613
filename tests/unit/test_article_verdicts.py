"""What the article says of spaces is read from the row of its statistic, reference, neighbourhood, space and seed."""

import pytest

from rankstudy.core.errors import StudyError
from rankstudy.measures.uncertainty.tables import AUROC, BATCH_DRIVEN, DIFFERENCES, OWN_TYPE
from rankstudy.measures.verdict import BETTER, NO_DIFFERENCE, WORSE
from rankstudy.report.article.numbers import Numbers
from rankstudy.report.article.verdicts import DIFFERS, VARIES, judged, overall, standing, verdict_of, verdicts
from tests.chromium.article_inputs import Inputs, K

SEEDS = (4, 9)
SPACES = ("rank", "expression", "expression-umap")
DATASETS = ("one", "two")


def differing(tmp_path, verdict, datasets=("one",), **where):
    """Return the numbers of an article in which the rows of `rank` that meet conditions have another verdict."""
    inputs = Inputs(tmp_path, datasets=DATASETS, seeds=SEEDS, spaces=SPACES)

    def changed(frame):
        here = frame["space"] == "rank"
        for column, value in where.items():
            here &= frame[column] == value
        assert here.any() and not here.all()
        return frame.assign(verdict=frame["verdict"].mask(here, verdict))

    for name in datasets:
        inputs.change(name, DIFFERENCES, changed)
    return Numbers(inputs.tables)


def of_rank(numbers, statistic=AUROC, k=None, seeds=SEEDS):
    return verdict_of(numbers, "one", "expression", "rank", seeds, statistic, k)


def of_expression(numbers, seeds=SEEDS, statistic=AUROC, k=None):
    return verdicts(numbers, "one", "expression", seeds, statistic, k)


def test_each_size_of_a_neighbourhood_has_its_own_verdict(tmp_path):
    numbers = differing(tmp_path, NO_DIFFERENCE, statistic=OWN_TYPE, k=K[1])
    assert [of_rank(numbers, OWN_TYPE, k) for k in K] == [WORSE, NO_DIFFERENCE]
    for k, said in zip(K, (WORSE, NO_DIFFERENCE), strict=True):
        assert of_expression(numbers, SEEDS, OWN_TYPE, k) == {said: ["rank"], BETTER: ["expression-umap"]}


def test_each_statistic_has_its_own_verdict(tmp_path):
    numbers = differing(tmp_path, BETTER, statistic=BATCH_DRIVEN)
    assert [of_rank(numbers, s, k) for s, k in ((AUROC, None), (BATCH_DRIVEN, K[0]))] == [WORSE, BETTER]


def test_each_reference_has_its_own_verdicts(tmp_path):
    numbers = differing(tmp_path, BETTER)
    assert verdicts(numbers, "one", "rank", SEEDS) == {NO_DIFFERENCE: ["expression"], BETTER: ["expression-umap"]}
    assert standing(numbers, DATASETS, ["expression", "rank"], "expression-umap", SEEDS) == {
        BETTER: ["expression", "rank"]
    }
    assert standing(numbers, DATASETS, ["expression", "rank"], "expression", iter(SEEDS)) == {NO_DIFFERENCE: ["rank"]}


@pytest.mark.parametrize("other", SEEDS)
def test_what_replicates_disagree_on_depends_on_them(tmp_path, other):
    numbers = differing(tmp_path, BETTER, seed=other)
    assert of_rank(numbers) == VARIES and of_rank(numbers, seeds=[other]) == BETTER
    assert of_expression(numbers, iter(SEEDS)) == {VARIES: ["rank"], BETTER: ["expression-umap"]}


def test_what_data_sets_disagree_on_depends_on_them(tmp_path):
    numbers = differing(tmp_path, BETTER)
    for datasets, said in ((DATASETS, DIFFERS), (["one"], BETTER), (["two"], WORSE), ([], None)):
        assert overall(numbers, datasets, "expression", "rank", iter(SEEDS)) == said
    assert judged(numbers, DATASETS, "expression", "rank") == list(DATASETS)
    assert judged(numbers, DATASETS, "rank", "rank") == []


def test_a_replicate_that_says_nothing_is_an_error(tmp_path):
    numbers = differing(tmp_path, BETTER, seed=4)
    message = r"differences\.parquet has no row for seed 5, space rank, reference expression, AUROC"
    with pytest.raises(StudyError, match=message):
        of_rank(numbers, seeds=[4, 5])
