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
from rankstudy.report.article.compared import Pair, verdict_of, verdicts
from rankstudy.report.tables import VARIES
from tests.chromium.article_inputs import Inputs
from tests.chromium.article_tables import K

SEEDS = (4, 9)
RANK = Pair("rank", "expression")


def differing(tmp_path, verdict, **where):
    """Return the data set of a study in which the rows of `rank` that meet conditions have another verdict."""
    inputs = Inputs(tmp_path, datasets=("only",), seeds=SEEDS, spaces=("rank", "expression", "expression-umap"))

    def changed(frame):
        here = frame["space"] == "rank"
        for column, value in where.items():
            here &= frame[column] == value
        assert here.any() and not here.all()
        return frame.assign(verdict=frame["verdict"].mask(here, verdict))

    inputs.change("only", DIFFERENCES, changed)
    return inputs.study().datasets[0]


def test_each_size_of_a_neighbourhood_has_its_own_verdict(tmp_path):
    dataset = differing(tmp_path, NO_DIFFERENCE, statistic=OWN_TYPE, k=K[1])
    found = [verdict_of(dataset, OWN_TYPE, k, RANK) for k in K]
    assert found == [WORSE, NO_DIFFERENCE]
    assert verdicts(dataset, OWN_TYPE, K[0], "expression") == {WORSE: ["rank"], BETTER: ["expression-umap"]}
    assert verdicts(dataset, OWN_TYPE, K[1], "expression") == {NO_DIFFERENCE: ["rank"], BETTER: ["expression-umap"]}


def test_each_statistic_has_its_own_verdict(tmp_path):
    dataset = differing(tmp_path, BETTER, statistic=BATCH_DRIVEN)
    found = [verdict_of(dataset, s, k, RANK) for s, k in ((AUROC, None), (BATCH_DRIVEN, K[0]))]
    assert found == [WORSE, BETTER]


@pytest.mark.parametrize("other", SEEDS)
def test_what_replicates_disagree_on_depends_on_them(tmp_path, other):
    dataset = differing(tmp_path, BETTER, seed=other)
    assert verdict_of(dataset, AUROC, None, RANK) == VARIES
    assert verdicts(dataset, AUROC, None, "expression") == {VARIES: ["rank"], BETTER: ["expression-umap"]}


def test_a_replicate_that_says_nothing_is_an_error(tmp_path):
    inputs = Inputs(tmp_path, datasets=("only",), seeds=SEEDS, spaces=("rank", "expression"))
    inputs.change("only", DIFFERENCES, lambda f: f[~((f["seed"] == SEEDS[1]) & (f["statistic"] == AUROC))])
    with pytest.raises(StudyError, match=r"no row for seed 9, space rank, reference expression, AUROC"):
        inputs.study()
