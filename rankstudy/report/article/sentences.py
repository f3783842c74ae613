"""Sentences of the article whose grammar follows the run: text without numbers, which stand in the template."""

from __future__ import annotations

from rankstudy.measures.verdict import (
    BETTER,
    FEWER_OF_BOTH,
    MORE_OF_BOTH,
    NO_DIFFERENCE,
    NOT_IN_FAMILY,
    NOT_RESOLVED,
    WORSE,
)
from rankstudy.report.article.verdicts import DIFFERS, VARIES

# a verdict at the head of a list of spaces
VERDICTS = {
    BETTER: "better",
    WORSE: "worse",
    FEWER_OF_BOTH: "fewer, but fewer of the own type too, so neither better nor worse",
    MORE_OF_BOTH: "more, but more of the own type too, so neither better nor worse",
    NO_DIFFERENCE: "no difference beyond the interval",
    NOT_IN_FAMILY: "perhaps different, but not once all comparisons are taken together",
    NOT_RESOLVED: "nearer than the bins can tell",
    VARIES: "one thing or another, depending on the replicate",
}
# a verdict on the separation of types, between a space and a reference
SHARPNESS = {
    BETTER: "more sharply than",
    WORSE: "less sharply than",
    NO_DIFFERENCE: "as sharply, within the interval, as",
    NOT_IN_FAMILY: "perhaps more or less sharply, but not surely once all comparisons are taken together, than",
    NOT_RESOLVED: "as sharply, as far as the bins can tell, as",
    VARIES: "more or less sharply, depending on the replicate, than",
    DIFFERS: "more or less sharply, depending on the data set, than",
}
# the verdict on batch-driven neighbours of ranks, in a sentence
BATCH_DRIVEN_VERDICTS = {
    BETTER: "fewer are of another type and the same batch than by expression",
    WORSE: "more are of another type and the same batch than by expression",
    FEWER_OF_BOTH: (
        "fewer are of another type and the same batch than by expression, but fewer are of the own type as well, and "
        "more of another one"
    ),
    MORE_OF_BOTH: (
        "more are of another type and the same batch than by expression, but more are of the own type as well, and "
        "fewer of another one"
    ),
    NO_DIFFERENCE: "as many are of another type and the same batch as by expression, within the interval",
    NOT_IN_FAMILY: "the share of another type and the same batch may differ from that of expression, but not surely",
    NOT_RESOLVED: "nothing can be said of the share of another type and the same batch beside that of expression",
    VARIES: (
        "the share of another type and the same batch is above or below that of expression from one replicate to the "
        "next"
    ),
}


def scope(n_datasets: int, n_seeds: int) -> str:
    """Return `, in every data set and replicate of this run` or what of it there is; nothing for one of each."""
    several = [word for word, n in (("data set", n_datasets), ("replicate", n_seeds)) if n > 1]
    return f", in every {' and '.join(several)} of this run" if several else ""


def headline(verdict: str, n_datasets: int, n_seeds: int) -> str:
    """Return whether ranks separate cell types more sharply than expression by the same measure.

    Parameters
    ----------
    verdict
        What `overall` says of ranks beside expression: a key of SHARPNESS.
    n_datasets, n_seeds
        Data sets that have both, and replicates.
    """
    everywhere = "" if verdict in (VARIES, DIFFERS) else scope(n_datasets, n_seeds)
    return f"The order of a cell’s genes separates cell types {SHARPNESS[verdict]} their expression does{everywhere}."


def models_beside_others(n_datasets: int, n_seeds: int) -> str:
    """Return what the list of models stands under; they are in so many data sets and replicates."""
    everywhere = scope(n_datasets, n_seeds)
    return f"The models beside the others{everywhere}{', where nothing else is said' if everywhere else ''}:"
