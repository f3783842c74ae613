"""What each step costs on the way to an encoding, and whose order it is: ledgers in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from rankstudy.measures.uncertainty.tables import AUROC
from rankstudy.measures.verdict import BETTER, WORSE
from rankstudy.report.article.compared import Pair, declared_of_ledger, ledgers
from rankstudy.report.article.numbers import Number
from rankstudy.report.article.sentences.settings import called
from rankstudy.report.article.sentences.verdicts import SHORT, badge
from rankstudy.report.article.study import Dataset, Study
from rankstudy.report.article.text import NONE, Grid, Rows, Section, joined, label, listed, text
from rankstudy.report.ledgers import step_in_words, told
from rankstudy.report.tables import ANSWERED

HEADING = "What each step costs, and whose order it is"
_KEY = "ledger"
_CALLED = {**SHORT, BETTER: "gains", WORSE: "costs"}
_FEWEST = 100  # genes of an order among which it is said whose it is, beside all


class Step(NamedTuple):
    """A step of a ledger in the declared setting: which row of the table it is, and what that says."""

    where: dict[str, Any]
    row: dict[str, Any]


def has_ledgers(study: Study) -> bool:
    """Return whether any encoding has a ledger."""
    return any(map(ledgers, study.datasets))


def steps(dataset: Dataset, pair: Pair, statistic: str = AUROC) -> list[Step]:
    """Return the steps of a ledger in the declared setting, in their order."""
    where = {**pair._asdict(), "statistic": statistic, **declared_of_ledger(dataset, pair)}
    columns = ("step", "place", "after", "estimate", "verdict")
    rows = dataset.rows("ledger", *columns, seed=dataset.study.first, **where)
    return [Step({**where, "step": row["step"]}, row) for row in sorted(rows, key=lambda row: row["place"])]


def _all_steps(dataset: Dataset) -> list[Step]:
    return [step for pair in ledgers(dataset) for step in steps(dataset, pair)]


def _in_words(step: Step) -> Markup:
    return text("“{}”", label(step_in_words(step.row["step"], step.row["after"])))


def _number(dataset: Dataset, step: Step, column: str) -> Number:
    return dataset.of_first("ledger", column, style="probability", **step.where)


def _points(dataset: Dataset, step: Step) -> Markup:
    """Return what a step adds, with its interval."""
    return text("{} [{}, {}]", *(_number(dataset, step, column) for column in ("estimate", "low", "high")))


def section(dataset: Dataset) -> Section | None:
    """Return what the steps to the encodings cost, and whose order it is; None where no encoding has a ledger."""
    if not ledgers(dataset):
        return None
    first, *others = [whose_order(dataset, space) for space in divided(dataset)] or [""]
    details = [nowhere(dataset), *others, table(dataset)]
    return Section(_KEY, HEADING, [over_ledgers(dataset), first], details, figures=2)


def over_ledgers(dataset: Dataset) -> Markup:
    """Return which step of all ledgers costs most, and which gains most."""
    found = told(_all_steps(dataset), of=lambda step: step.row)
    pairs = ledgers(dataset)
    to = called(dataset, pairs[0].space) if len(pairs) == 1 else "what models read"
    return joined(
        [
            text("From {} to {}, step by step:", called(dataset, pairs[0].reference), to),
            _most(dataset, found.costs, "costs most AUROC", "no step costs AUROC beyond its interval."),
            _most(dataset, found.gains, "gains most", "No step gains any."),
            "Costs are by this statistic, in the declared setting, on these cells.",
        ]
    )


def _most(dataset: Dataset, found: Sequence[Step], does: str, otherwise: str) -> Markup:
    """Return what the first of some steps does, with the range of its points over all settings."""
    if not found:
        return Markup(otherwise)
    step = found[0]
    of = "" if len(ledgers(dataset)) == 1 else text(" ({})", called(dataset, step.where["space"]))
    return text(
        "{}{} {}: {}, over all settings {} to {}.",
        _in_words(step),
        of,
        does,
        _points(dataset, step),
        _number(dataset, step, "lowest"),
        _number(dataset, step, "highest"),
    )


def nowhere(dataset: Dataset) -> Markup:
    """Return the steps that make no difference beyond their intervals in any ledger; nothing without any."""
    found = told(_all_steps(dataset), of=lambda step: step.row)
    words = {kind: list(dict.fromkeys(map(_in_words, of))) for kind, of in found._asdict().items()}
    shown = [of for of in words["neither"] if of not in words["costs"] + words["gains"]]
    one = len(ledgers(dataset)) == 1
    if not shown:
        return text("Every step makes a difference{}.", "" if one else " in some ledger")
    return text("Not shown to make a difference{}: {}.", "" if one else ", in any ledger", listed(shown))


def divided(dataset: Dataset) -> list[str]:
    """Return the orders of counts over a corpus's medians of which it is known whose they are."""
    spaces = dataset.about["orders_by_medians"]
    return [space for space in spaces if dataset.has("order_origin", seed=dataset.study.first, space=space)]


def _share(dataset: Dataset, function: str, share: str, **where: Any) -> Number:
    """Return a function of a share over the cells of the first seed."""
    how = {"seed": dataset.study.first, "style": "percent", "digits": 2}
    return dataset.derived(function, "order_origin", share, **how, **where)


def whose_order(dataset: Dataset, space: str) -> Markup:
    """Return what puts the genes of the median cell in the order of an encoding: all of them, and the first ones."""
    among_all, first = ({"space": space, "among": among} for among in (None, _FEWEST))
    return text(
        "Whose order is {}? In the median cell {} of the pairs of detected genes ({} to {} in nine of ten cells) have "
        "equal counts, and only the corpus’s medians put them in order; {} stand as the counts say, and {} are turned "
        "round. Among the first {} genes it is {}, {} and {}.",
        called(dataset, space),
        *(_share(dataset, function, "by_medians", **among_all) for function in ("median", "low", "high")),
        *(_share(dataset, "median", share, **among_all) for share in ("by_counts", "turned")),
        dataset.derived("max", "order_origin", "among", seed=dataset.study.first, **first),
        *(_share(dataset, "median", share, **first) for share in ("by_medians", "by_counts", "turned")),
    )


def table(dataset: Dataset) -> Grid:
    """Return every ledger, step by step: what it adds to each statistic, and its range over all settings."""
    groups = [
        Rows([_row(dataset, step) for step in steps(dataset, pair)], _ends(dataset, pair)) for pair in ledgers(dataset)
    ]
    caption = (
        "What each step adds in the declared setting, with intervals; the steps of a ledger add up to the difference "
        "of its ends. Last: the range of the first number over all settings."
    )
    columns = ["Step", *ANSWERED.values(), "All pairs, range"]
    return Grid(Markup(caption), columns, groups, frozenset(), dataset.values.short)


def _ends(dataset: Dataset, pair: Pair) -> Markup:
    """Return between which values of the AUROC a ledger leads."""
    first = steps(dataset, pair)[0]
    return text(
        "{} (AUROC {}) to {} ({})",
        called(dataset, pair.reference),
        _number(dataset, first, "value_reference"),
        called(dataset, pair.space),
        _number(dataset, first, "value"),
    )


def _row(dataset: Dataset, step: Step) -> list[Any]:
    added = [_added(dataset, {**step.where, "statistic": statistic}) for statistic in ANSWERED]
    over = text("{} to {}", _number(dataset, step, "lowest"), _number(dataset, step, "highest"))
    return [label(step_in_words(step.row["step"], step.row["after"])), *added, over]


def _added(dataset: Dataset, where: dict[str, Any]) -> Markup:
    rows = dataset.rows("ledger", "verdict", seed=dataset.study.first, **where)
    return text("{} {}", badge(rows[0]["verdict"], _CALLED), dataset.interval("ledger", **where)) if rows else NONE


def everywhere(study: Study) -> Section | None:
    """Return for the first page which step costs most, and whose order it is; None where nothing has a ledger."""
    shown = [dataset for dataset in study.datasets if ledgers(dataset)]
    if not shown:
        return None
    return Section(_KEY, HEADING, [joined([costliest(shown), *equal_counts(study)])])


def costliest(datasets: Sequence[Dataset]) -> Markup:
    """Return the step that costs most AUROC in each of few data sets, or in any of many."""
    worst = {dataset: told(_all_steps(dataset), of=lambda step: step.row).costs[:1] for dataset in datasets}
    costly = [dataset for dataset in datasets if worst[dataset]]
    if not costly:
        return Markup("No step to what models read costs AUROC beyond its interval.")
    if not datasets[0].study.few:
        costly = [min(costly, key=lambda dataset: worst[dataset][0].row["estimate"])]
    said = [
        text(
            "{}, to {}: {} ({})",
            _in_words(step),
            called(dataset, step.where["space"]),
            _points(dataset, step),
            link(dataset),
        )
        for dataset in costly
        for step in worst[dataset]
    ]
    return text("The step to what models read that costs most AUROC is {}.", joined(said, "; "))


def link(dataset: Dataset) -> Markup:
    """Return what a data set is called, as a link to its ledgers."""
    return text('<a href="{}#{}">{}</a>', dataset.page, _KEY, dataset.study.called(dataset.name))


def equal_counts(study: Study) -> list[Markup]:
    """Return how many pairs of genes only medians put in order, in each of few data sets, or at both ends of many."""
    of = {dataset: divided(dataset) for dataset in study.datasets}
    space = next((space for found in of.values() for space in found), None)
    if space is None:
        return []
    shares = {
        dataset: _share(dataset, "median", "by_medians", space=space, among=None)
        for dataset, found in of.items()
        if space in found
    }
    said = [text("{} ({})", share, link(dataset)) for dataset, share in shares.items()]
    if not study.few:
        ends = sorted(shares, key=lambda dataset: shares[dataset].raw)
        said = [text("{} ({}) to {} ({})", *(of for d in (ends[0], ends[-1]) for of in (shares[d], link(d))))]
    return [
        text(
            "In the median cell {} of the pairs of detected genes have equal counts: only the corpus’s medians put "
            "them in the order of {}.",
            listed(said),
            called(next(iter(shares)), space),
        )
    ]
