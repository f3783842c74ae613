"""What is said of a difference: each word by hand, and how often it is said where the truth is known."""

import subprocess
import sys
from collections import Counter
from itertools import product

import numpy as np
import pytest

from rankstudy.measures.uncertainty.evaluation import differences
from rankstudy.measures.uncertainty.resampling import resample
from rankstudy.measures.uncertainty.statistics import statistics_of
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, BATCH_DRIVEN, OWN_TYPE
from rankstudy.measures.verdict import (
    BETTER,
    FEWER_OF_BOTH,
    MORE_OF_BOTH,
    NO_DIFFERENCE,
    NOT_IN_FAMILY,
    NOT_RESOLVED,
    VERDICTS,
    WORSE,
    verdict,
    verdict_beside_own_types,
)
from rankstudy.pairs.engine import SpaceData, compare
from tests.unit.helpers import ROOT
from tests.unit.reference import likeness
from tests.unit.test_uncertainty_influence import codes
from tests.unit.test_uncertainty_resampling import auroc_of_weights

CENTRES = 2.0 * np.eye(3)
NAMES = ("expression", "rank", "third", "fourth")
REPEATS = 400


@pytest.mark.parametrize(
    ("difference", "interval", "adjusted", "larger", "error", "words"),
    [
        (0.1, (0.05, 0.15), 0.01, True, 0, BETTER),
        (-0.1, (-0.15, -0.05), 0.01, True, 0, WORSE),
        (0.1, (0.05, 0.15), 0.01, False, 0, WORSE),
        (-0.1, (-0.15, -0.05), 0.01, False, 0, BETTER),
        (0.1, (0.01, 0.19), 0.09, True, 0, NOT_IN_FAMILY),
        (-0.1, (-0.3, 0.1), 0.9, True, 0, NO_DIFFERENCE),
        # an interval that holds 0 is not overruled by a p-value
        (0.1, (0.0, 0.2), 0.04, True, 0, NO_DIFFERENCE),
        # bins that can have made the difference resolve nothing, however sure it is
        (0.1, (0.05, 0.15), 0.01, True, 0.1, NOT_RESOLVED),
        (-0.1, (-0.15, -0.05), 0.01, False, 0.2, NOT_RESOLVED),
        (0.1, (0.01, 0.19), 0.09, True, 0.1, NOT_RESOLVED),
        # nor do bins that are wider than the interval
        (0.0, (-0.01, 0.01), 1.0, True, 0.24, NOT_RESOLVED),
        (0.01, (-0.03, 0.02), 1.0, True, 0.025, NOT_RESOLVED),
        # but where the interval holds all that they can have moved, it is the interval that says nothing more
        (0.01, (-0.03, 0.05), 1.0, True, 0.025, NO_DIFFERENCE),
        # and a difference beyond what they can have moved is as sure as its interval
        (0.1, (0.05, 0.15), 0.01, True, 0.09, BETTER),
        (0.1, (0.01, 0.19), 0.09, True, 0.09, NOT_IN_FAMILY),
        (0.03, (-0.01, 0.07), 0.9, True, 0.02, NO_DIFFERENCE),
    ],
)
def test_verdicts(difference, interval, adjusted, larger, error, words):
    given = {"level": 0.95, "larger_is_better": larger, "binning_error": error}
    assert verdict(difference, interval, adjusted, **given) == words


def test_bins_never_make_a_space_better_or_worse():
    """With an error of binning it is what it is without, or not resolved; more of it never resolves more."""
    ends = np.linspace(-0.1, 0.1, 9)
    for low, high, share, p, larger in product(ends, ends, (0.2, 0.5, 0.9), (0.001, 0.2), (True, False)):
        given = {"level": 0.95, "larger_is_better": larger}
        said = [
            verdict(low + share * (high - low), (low, high), p, **given, binning_error=error)
            for error in (0.0, 1e-6, 0.01, 0.05, 0.2)
            if low < high
        ]
        resolved = [words for words in said if words != NOT_RESOLVED]
        assert set(resolved) <= set(said[:1]) and said == resolved + [NOT_RESOLVED] * (len(said) - len(resolved))


@pytest.mark.parametrize(
    ("driven", "own", "words"),
    [
        (BETTER, WORSE, FEWER_OF_BOTH),
        (WORSE, BETTER, MORE_OF_BOTH),
        (BETTER, BETTER, BETTER),
        (BETTER, NO_DIFFERENCE, BETTER),
        (WORSE, WORSE, WORSE),
        (WORSE, NOT_IN_FAMILY, WORSE),
        (NO_DIFFERENCE, WORSE, NO_DIFFERENCE),
        (NOT_IN_FAMILY, BETTER, NOT_IN_FAMILY),
    ],
)
def test_batch_driven_neighbours_are_judged_beside_those_of_the_own_type(driven, own, words):
    assert verdict_beside_own_types(driven, own) == words


def test_whoever_names_a_verdict_loads_nothing_that_computes():
    modules = "rankstudy.measures.verdict, rankstudy.measures.uncertainty.references"
    code = f"import sys, {modules}; sys.exit('numpy' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def simulated(random, noises, n_batches=8, of_each=10, shared=0.5):
    """Return spaces of the same cells, in as many batches: centre of the type, its batch's shift, and noise.

    A part of the noise is the cell's, in all spaces; the rest is each space's own, of the size that is given.
    """
    types = np.repeat(np.arange(len(CENTRES)), n_batches * of_each)
    batches = np.tile(np.repeat(np.arange(n_batches), of_each), len(CENTRES))
    at = CENTRES[types] + 0.4 * random.normal(size=(n_batches, 3))[batches]
    at = at + shared * random.normal(size=at.shape)
    names = {"ids": [f"c:{i:05d}" for i in range(len(types))], "types": np.array(list("abc"))[types]}
    return [
        SpaceData.of(
            (at + noise * random.normal(size=at.shape)).astype(np.float32), name=name, batches=batches, **names
        )
        for name, noise in zip(NAMES, noises, strict=False)
    ]


def judged(of, random, references, resamples=1000):
    """Return the differences of spaces from their references."""
    types, batches = codes(of[0])
    found = statistics_of(compare(of, cutoffs=100, neighbours=15, across=15), of[0].cells, batches, (15,))
    found = [statistic for statistic in found if statistic.cell_type is None]
    resampled = resample(found, types, batches, unit="batches", resamples=resamples, random=random)
    return differences(resampled, references, {space.name: space.metric for space in of}, 0.95)


def frequencies(noises, seed, repeats=REPEATS):
    """Return how often each verdict falls on each space, by the reference and the statistic, over many samples."""
    random, said = np.random.default_rng(seed), Counter()
    names = NAMES[: len(noises)]
    references = {one: {other: one for other in names if other != one} for one in NAMES[:2]}
    families = Counter()
    for _ in range(repeats):
        table = judged(simulated(random, noises), random, references)
        said.update(zip(table["reference"], table["statistic"], table["space"], table["verdict"], strict=True))
        sure = table["verdict"].isin([BETTER, WORSE]).groupby([table["reference"], table["statistic"]]).any()
        families.update(sure[sure].index)
    return said, {family: n / repeats for family, n in families.items()}


@pytest.mark.slow
def test_where_all_are_equal_any_is_better_or_worse_as_seldom_as_the_level_says():
    said, families = frequencies((0.8, 0.8, 0.8, 0.8), seed=1)
    assert {words for *_, words in said} <= set(VERDICTS)
    for reference, statistic in product(NAMES[:2], (AUROC, OWN_TYPE, ACROSS, BATCH_DRIVEN)):
        # 5 % +- 2.6 standard errors of a share of 400
        assert families.get((reference, statistic), 0) <= 0.08, families
        total = sum(said[reference, statistic, space, NO_DIFFERENCE] for space in NAMES if space != reference)
        assert total >= 0.9 * 3 * REPEATS


@pytest.mark.slow
def test_where_one_is_better_it_is_said_and_never_the_reverse():
    said, _ = frequencies((0.8, 0.8, 0.2, 1.6), seed=2, repeats=100)
    for reference, statistic in product(NAMES[:2], (AUROC, OWN_TYPE, ACROSS)):
        better, worse = (
            [said[reference, statistic, space, words] for words in (BETTER, WORSE)] for space in ("third", "fourth")
        )
        assert better[0] >= 80 and better[1] == 0, said
        assert worse[1] >= 80 and worse[0] == 0, said
        # the other one of the two references is as good as this one
        assert said[reference, statistic, ({*NAMES[:2]} - {reference}).pop(), NO_DIFFERENCE] >= 90
    # less of it is better, and the same spaces are better and worse
    for reference in NAMES[:2]:
        third, fourth = (
            {words: said[reference, BATCH_DRIVEN, space, words] for words in VERDICTS} for space in ("third", "fourth")
        )
        assert third[BETTER] > 25 and third[WORSE] == 0
        assert fourth[WORSE] > 25 and fourth[BETTER] == 0


def test_differences_from_both_references_agree_with_a_bootstrap_of_the_pairs():
    """Batches are drawn and the AUROCs of all pairs computed anew, in each space on the same draw."""
    random = np.random.default_rng(5)
    of = simulated(random, (0.8, 1.1, 1.4), n_batches=16, of_each=1)
    references = {"expression": {"third": "expression"}, "rank": {"third": "rank"}}
    table = judged(of, random, references, resamples=20000).set_index(["reference", "statistic"])
    types, batches = codes(of[0])
    weighted = [auroc_of_weights(likeness(space), types) for space in of]
    same, n = batches[:, None] == batches[None, :], batches.max() + 1
    drawn = []
    for _ in range(2000):
        times = random.multinomial(n, np.full(n, 1 / n)).astype(float)[batches]
        weights = np.where(same, times[:, None], np.outer(times, times))
        drawn.append([auroc(weights) for auroc in weighted])
    for reference, by_pairs in zip(references, (np.array(drawn)[:, 2:] - np.array(drawn)[:, :2]).T, strict=True):
        row = table.loc[(reference, AUROC)]
        assert row["against"] == reference and by_pairs.std() > 0.005
        assert row["standard_error"] == pytest.approx(by_pairs.std(), rel=0.12)
        assert row["estimate"] == pytest.approx(by_pairs.mean(), abs=0.2 * by_pairs.std())
