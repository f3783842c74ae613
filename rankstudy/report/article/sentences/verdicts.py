"""Verdicts in words: what the table `differences` says of a space beside another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, OWN_TYPE
from rankstudy.measures.verdict import (
    BETTER,
    FEWER_OF_BOTH,
    MORE_OF_BOTH,
    NO_DIFFERENCE,
    NOT_IN_FAMILY,
    NOT_RESOLVED,
    WORSE,
)
from rankstudy.report.article.compared import verdicts
from rankstudy.report.article.study import Dataset
from rankstudy.report.article.text import Bullets, listed, text
from rankstudy.report.tables import ANSWERED, VARIES

# at the head of a list of spaces, and in a sentence before the one that they are compared with
VERDICTS = {
    BETTER: "better",
    WORSE: "worse",
    FEWER_OF_BOTH: "fewer, but fewer of the own type too, so neither better nor worse",
    MORE_OF_BOTH: "more, but more of the own type too, so neither better nor worse",
    NO_DIFFERENCE: "no difference beyond the interval",
    NOT_RESOLVED: "nearer than the bins can tell",
    NOT_IN_FAMILY: "perhaps different, but not once all comparisons are taken together",
    VARIES: "not the same in every replicate",
}
# in a column of a table
SHORT = {
    NOT_RESOLVED: "not resolved",
    NOT_IN_FAMILY: "not after adjusting",
    NO_DIFFERENCE: "no difference",
    VARIES: "varies",
}
_MARKS = {BETTER: "better", WORSE: "worse"}
# of two spaces, by the AUROC
_BESIDE = {
    BETTER: "{space} separates cell types better than {against}",
    WORSE: "{space} separates cell types worse than {against}",
    NO_DIFFERENCE: "{space} and {against} separate cell types equally well, within the interval",
    NOT_IN_FAMILY: (
        "{space} and {against} may separate cell types differently, but not surely once all comparisons are taken "
        "together"
    ),
    NOT_RESOLVED: "{space} and {against} separate cell types equally well, as far as the bins can tell",
    VARIES: "Whether {space} or {against} separates cell types better depends on the replicate",
}


def in_words(verdict: str) -> str:
    """Return a verdict as it stands at the head of a list; one that has no words of its own as the table has it."""
    return VERDICTS.get(verdict, verdict)


def badge(verdict: str, called: Mapping[str, str] = SHORT) -> Markup:
    """Return a verdict for a cell of a table, coloured where it is better or worse."""
    kind, words = _MARKS.get(verdict, "open"), called.get(verdict, verdict)
    return text('<span class="verdict {}" title="{}">{}</span>', kind, in_words(verdict), words)


def beside(verdict: str, space: Any, against: Any) -> Markup:
    """Return how two spaces separate cell types, without a full stop."""
    unknown = "{space} beside {against}: {verdict}"
    return text(_BESIDE.get(verdict, unknown), space=space, against=against, verdict=verdict)


def depends(space: Any, against: Any) -> Markup:
    """Return that data sets disagree on two spaces, without a full stop."""
    return text("Whether {} or {} separates cell types better depends on the data set", space, against)


def scope(n_datasets: int, n_seeds: int) -> str:
    """Return `, in every data set and replicate of this run` or what of it there is; nothing for one of each."""
    several = [word for word, n in (("data set", n_datasets), ("replicate", n_seeds)) if n > 1]
    return f", in every {' and '.join(several)} of this run" if several else ""


def by_verdict(dataset: Dataset, statistic: str, k: int | None, against: str) -> Bullets:
    """Return which spaces are better, worse or neither than the one that they are compared with."""
    title: Callable[[str], Markup] = dataset.study.title
    found = verdicts(dataset, statistic, k, against)
    return Bullets([text("{}: {}", in_words(verdict), listed(spaces, title)) for verdict, spaces in found.items()])


# what the statistics ask, for a reader who does not know their names
_ASKED = {
    AUROC: "difference in the probability that a pair of one type is more alike than a pair of two types (AUROC)",
    OWN_TYPE: "difference in the share of the {k} nearest cells that are of the cell’s own type",
    ACROSS: "difference in the share of a cell’s own type among its {k} nearest of other batches",
}


def asked(statistic: str, k: Any) -> tuple[str, Markup]:
    """Return what a statistic is called and what it asks; `k` is the looked-up number of neighbours."""
    return ANSWERED[statistic], text(_ASKED[statistic], k=k)
