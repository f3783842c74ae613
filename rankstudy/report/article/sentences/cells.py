"""How the cells of a data set are encoded: one cell, zeros and ties, tokens."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from rankstudy.report.article.sentences.separation import over_seeds
from rankstudy.report.article.study import Dataset, Study
from rankstudy.report.article.text import Grid, Section, code, grid, label, text

_SHARES = ("zeros_all", "zeros_selected", "tied_selected", "tied_detected")


def encoding(dataset: Dataset) -> Section:
    """Return what the order of a cell's genes is made of."""
    details = [zeros_and_ties(dataset)]
    said: list[Any] = [sparsity(dataset), one_cell(dataset)]
    for release in dataset.about["tokens"]:
        said += tokens(dataset, release)
        details.append(reach_a_token(dataset, release))
    said += [left_out(dataset, tokens, titles) for tokens, titles in dataset.about["left_out"].items()]
    reading = [name for name in dataset.spaces if dataset.study.declared(name)["vocabulary"]]
    if reading:
        said.append(what_of_other_genes(dataset, reading))
        details.append(what_encodings_read(dataset, reading))
    return Section("encoding", "What the order is made of: zeros, ties, tokens", said, details, folded=True)


def left_out(dataset: Dataset, tokens: str, titles: list[str]) -> Markup:
    """Return which encodings are left out, and how much of the counts is among the genes of their vocabulary."""
    return text(
        "Left out, since {} of the counts are of genes in the vocabulary {}, and at least {} are asked for: {}.",
        dataset.derived("sum", "vocabularies", "share_counts", style="percent", tokens=tokens, outcome="token"),
        code(tokens),
        dataset.study.run("geneformer.least_share_of_counts", style="percent"),
        Markup(", ").join(map(label, titles)),
    )


def what_of_other_genes(dataset: Dataset, reading: list[str]) -> Markup:
    """Return how many cells an encoding has nothing of, of those that read other genes than the selected ones."""
    lost = {
        name: dataset.derived("count", "encoded_cells", "cell_id", space=name, seed=dataset.study.first, n_compared=0)
        for name in reading
    }
    parts = [text("{} cells in {}", number, dataset.study.title(name)) for name, number in lost.items() if number.raw]
    said = Markup(
        "Encodings of published models read genes of their own, and are compared over the selected ones among them. "
    )
    if not parts:
        return said + Markup("Each selected cell has some of these in every one.")
    return said + text("No selected gene is among those that are read of {}.", Markup("; ").join(parts))


def what_encodings_read(dataset: Dataset, reading: list[str]) -> Grid:
    """Return how many genes of a cell each encoding reads, lists and is compared by, in the median cell."""
    rows = []
    for name in reading:
        where = {"space": name, "seed": dataset.study.first}
        counted = [
            dataset.derived("median", "encoded_cells", column, **where)
            for column in ("n_genes", "n_listed", "n_compared")
        ]
        share = dataset.derived("median", "encoded_cells", "share_counts", style="percent", **where)
        rows.append([dataset.study.title(name), share, *counted])
    columns = ["Encoding", "Counts that it reads", "Genes that it reads", "In its list", "Of these, selected"]
    return grid(Markup("What each encoding has of the median selected cell."), columns, rows, words=[0])


def sparsity(dataset: Dataset) -> Markup:
    """Return the share of zeros and of ties in the median cell."""
    all_types = {"cell_type": None, "style": "percent"}
    return text(
        "In the median cell {} of all genes and {} of the selected genes are zero, and have no order among themselves. "
        "Counting zeros, {} of the selected genes share their value with another one; among those above zero it is {}.",
        *(dataset.span("sparsity_by_type", column, **all_types) for column in _SHARES),
    )


def one_cell(dataset: Dataset) -> Markup:
    """Return how many genes of the cell that is drawn have an order of their own."""
    cell = dataset.rows("example_cell", "cell_id", "cell_type")[0]
    return text(
        "The cell that is drawn, <code>{}</code> ({}), is the one of median sparsity in the type with the most "
        "compared cells: {} of its {} selected genes are zero, and {} have a value, and so a rank, of their own.",
        cell["cell_id"],
        label(cell["cell_type"]),
        dataset.derived("count", "example_cell", "gene", count=0.0),
        dataset.derived("count", "example_cell", "gene"),
        dataset.derived("count", "example_cell", "gene", n_tied=1),
    )


def zeros_and_ties(dataset: Dataset) -> Grid:
    """Return zeros and ties of each type, all types first."""
    rows = []
    for row in dataset.rows("sparsity_by_type", "cell_type", seed=dataset.study.first):
        kind = row["cell_type"]
        where = {"cell_type": kind, "style": "percent"}
        shares = (
            dataset.with_range("sparsity_by_type", column, **where)
            if kind is None
            else dataset.of_first("sparsity_by_type", column, **where)
            for column in _SHARES
        )
        rows.append(
            [
                Markup("<b>all types</b>") if kind is None else label(kind),
                dataset.of_first("sparsity_by_type", "n_cells", cell_type=kind),
                dataset.of_first("sparsity_by_type", "n_counts", cell_type=kind, digits=4),
                *shares,
            ]
        )
    caption = text("Zeros and ties: medians over the compared cells{}.", over_seeds(dataset))
    shares = ["Zeros, all genes", "Zeros, selected", "Tied, selected", "Tied, above zero"]
    return grid(caption, ["Cell type", "Cells", dataset.values.total, *shares], rows, note=dataset.values.short)


def tokens(dataset: Dataset, release: str) -> list[Markup]:
    """Return what a model reads of the cells, by the vocabulary of a release."""
    study = dataset.study
    of_release = {"tokens": release}
    reached = {**of_release, "outcome": "token"}
    said = [
        text(
            "{} of {} genes ({}) have a token of the vocabulary {} ({}), and with them {} of the counts of all cells.",
            dataset.derived("sum", "vocabularies", "n_genes", **reached),
            dataset.derived("sum", "vocabularies", "n_genes", **of_release),
            dataset.derived("sum", "vocabularies", "share_genes", style="percent", **reached),
            dataset.derived("max", "vocabularies", "vocabulary", style="text", **of_release),
            code(release),
            dataset.derived("sum", "vocabularies", "share_counts", style="percent", **reached),
        ),
        text(
            "A selected cell has {} genes with a token; {} of {} cells have more than an input{} holds and are cut "
            "there.",
            dataset.span("tokenised", "n_genes", seed=study.first, **of_release),
            dataset.derived("count", "tokenised", "cell_id", seed=study.first, truncated=True, **of_release),
            dataset.derived("count", "tokenised", "cell_id", seed=study.first, **of_release),
            longest_input(study, release),
        ),
        nothing_to_read(dataset, release),
    ]
    if study.has_setting("training.max_length"):
        said.append(text("The small model reads the first {}.", study.run("training.max_length", style="number")))
    if dataset.values.tokens:
        said.append(text("{}", dataset.values.tokens))
    return said


def longest_input(study: Study, release: str) -> Markup:
    """Return how many tokens an input holds, where that is known."""
    known = list(study.about["tokens"])
    if release not in known:
        return Markup("")
    key = "tokens.max_length" if release == known[0] else f"tokens.{release}.max_length"
    return text(" of {} tokens", study.run(key, style="number"))


def nothing_to_read(dataset: Dataset, release: str) -> Markup:
    """Return how many selected cells are without tokens, and why."""
    where = {"seed": dataset.study.first, "tokens": release, "n_tokens": 0}
    reasons = list(dict.fromkeys(row["reason"] for row in dataset.rows("tokenised", "reason", **where)))
    if not reasons:
        return Markup("No selected cell is without tokens.")
    parts = [
        text("{} cells ({})", dataset.derived("count", "tokenised", "cell_id", reason=reason, **where), label(reason))
        for reason in reasons
    ]
    return text("Not compared, since there is nothing to read: {}.", Markup("; ").join(parts))


def reach_a_token(dataset: Dataset, release: str) -> Grid:
    """Return which genes and counts reach a token, and why others do not."""
    rows = []
    found = dataset.rows("vocabularies", "tokens", "outcome", "found_by", tokens=release)
    for row in sorted(found, key=lambda row: row["outcome"], reverse=True):
        found_by = "not found" if row["found_by"] is None else label(row["found_by"])
        shares = (
            dataset.value("vocabularies", f"share_{what}", style="percent", **row) for what in ("genes", "counts")
        )
        rows.append([label(row["outcome"]), found_by, dataset.value("vocabularies", "n_genes", **row), *shares])
    columns = ["Outcome", "Found by", "Genes", "Share of the genes", "Share of the counts"]
    caption = text("Genes and counts that reach a token of {}, and why others do not.", code(release))
    return grid(caption, columns, rows, words=[1], note=dataset.values.short)
