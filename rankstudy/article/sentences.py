"""Sentences of the article whose grammar follows the run: text without numbers, which stand in the template."""

from __future__ import annotations


def scope(n_datasets: int, n_seeds: int) -> str:
    """Return `, in every data set and replicate of this run` or what of it there is; nothing for one of each."""
    several = [word for word, n in (("data set", n_datasets), ("replicate", n_seeds)) if n > 1]
    return f", in every {' and '.join(several)} of this run" if several else ""


def headline(verdict: str, n_datasets: int, n_seeds: int) -> str:
    """Return which of expression and ranks separates cell types more sharply.

    Parameters
    ----------
    verdict
        What `overall` says of expression beside ranks: `more`, `less`, `open` or `mixed`.
    n_datasets, n_seeds
        Data sets that have both, and replicates.
    """
    everywhere = scope(n_datasets, n_seeds)
    if verdict == "more":
        return f"Expression separates cell types more sharply than the order of a cell’s genes does{everywhere}."
    if verdict == "less":
        return f"The order of a cell’s genes separates cell types more sharply than their expression does{everywhere}."
    if verdict == "mixed":
        return "Whether expression or the order of a cell’s genes separates cell types more sharply depends on the data set."
    if n_seeds == 1:
        return (
            "Expression and the order of a cell’s genes separate cell types equally sharply, within the error of "
            f"binning{everywhere}."
        )
    return "Neither expression nor the order of a cell’s genes separates cell types consistently more sharply than the other."


def models_beside_others(n_datasets: int, n_seeds: int) -> str:
    """Return what the list of models stands under; they are in so many data sets and replicates."""
    everywhere = scope(n_datasets, n_seeds)
    return f"The models beside the others{everywhere}{', where nothing else is said' if everywhere else ''}:"
