"""What the article says of spaces is read from the row of its statistic, its neighbourhood, its space and its seed."""

import pytest

from rankstudy.core.errors import StudyError
from rankstudy.measures.uncertainty.tables import (
    AUROC,
    BATCH_DRIVEN,
    BETTER,
    DIFFERENCES,
    NO_DIFFERENCE,
    OWN_TYPE,
    WORSE,
)
from rankstudy.report.article.numbers import Numbers
from rankstudy.report.article.verdicts import VARIES, verdict_of, verdicts
from tests.chromium.article_inputs import Inputs, K

SEEDS = (4, 9)


def differing(tmp_path, verdict, **where):
    """Return the numbers of an article in which the rows of `rank` that meet conditions have another verdict."""
    inputs = Inputs(tmp_path, datasets=("only",), seeds=SEEDS, spaces=("rank", "expression", "expression-umap"))

    def changed(frame):
        here = frame["space"] == "rank"
        for column, value in where.items():
            here &= frame[column] == value
        assert here.any() and not here.all()
        return frame.assign(verdict=frame["verdict"].mask(here, verdict))

    inputs.change("only", DIFFERENCES, changed)
    return Numbers(inputs.tables)


def test_each_size_of_a_neighbourhood_has_its_own_verdict(tmp_path):
    numbers = differing(tmp_path, NO_DIFFERENCE, statistic=OWN_TYPE, k=K[1])
    found = [verdict_of(numbers, "only", OWN_TYPE, k, "rank", SEEDS) for k in K]
    assert found == [WORSE, NO_DIFFERENCE]
    assert verdicts(numbers, "only", OWN_TYPE, K[0], SEEDS) == {WORSE: ["rank"], BETTER: ["expression-umap"]}
    assert verdicts(numbers, "only", OWN_TYPE, K[1], SEEDS) == {NO_DIFFERENCE: ["rank"], BETTER: ["expression-umap"]}


def test_each_statistic_has_its_own_verdict(tmp_path):
    numbers = differing(tmp_path, BETTER, statistic=BATCH_DRIVEN)
    found = [verdict_of(numbers, "only", s, k, "rank", SEEDS) for s, k in ((AUROC, None), (BATCH_DRIVEN, K[0]))]
    assert found == [WORSE, BETTER]


@pytest.mark.parametrize("other", SEEDS)
def test_what_replicates_disagree_on_depends_on_them(tmp_path, other):
    numbers = differing(tmp_path, BETTER, seed=other)
    assert verdict_of(numbers, "only", AUROC, None, "rank", SEEDS) == VARIES
    assert verdict_of(numbers, "only", AUROC, None, "rank", [other]) == BETTER
    assert verdicts(numbers, "only", AUROC, None, iter(SEEDS)) == {VARIES: ["rank"], BETTER: ["expression-umap"]}


def test_a_replicate_that_says_nothing_is_an_error(tmp_path):
    numbers = differing(tmp_path, BETTER, seed=4)
    with pytest.raises(StudyError, match=r"differences\.parquet has no row for seed 5, space rank, AUROC"):
        verdict_of(numbers, "only", AUROC, None, "rank", [4, 5])
