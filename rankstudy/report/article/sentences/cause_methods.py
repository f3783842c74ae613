"""Methods of causes: depth, twins, ties, changes of one gene, reconstruction."""

from __future__ import annotations

from markupsafe import Markup

from rankstudy.report.article.study import Study
from rankstudy.report.article.text import text


def causes(study: Study) -> list[Markup]:
    """Return how encodings are looked at by depth, in twins, and under other rules for ties."""
    return [_depth(study), _twins(study), _ties(study)]


def _depth(study: Study) -> Markup:
    return text(
        "Depth, twins, ties and changes of one gene are looked at on at most {} cells of a data set, drawn by seed and "
        "cell, in every encoding over genes, by the vectors of the selected genes (replicates: {}). A cell is thinned "
        "by keeping each of its molecules with one probability ({}); one uniform number per molecule makes that "
        "nested, so that a quarter is a part of the half, and a cell that lacks a vector at any depth leaves all. "
        "Beside these depths ({} of the molecules) all cells are brought to one total, without replacement, and "
        "thinned to the mean of that, with totals as unequal as they were: what differs between the two is what depth "
        "alone does. At each depth each encoding is compared with the reference on the same molecules; a pair’s "
        "depths and its three statistics are one family, adjusted by the largest |t| of shared resamples ({}). "
        "Library size alone, and one-hot types, are controls.",
        study.run("settings.cells", style="number"),
        study.run("causes.replicates", style="number"),
        study.cite("gerard"),
        study.run("causes.depths"),
        study.cite("westfall"),
    )


def _twins(study: Study) -> Markup:
    return text(
        "Twins are the two halves into which the molecules of a cell fall at random ({}), two measurements of it. "
        "They are compared only with cells at half depth. Reliability is the correlation of "
        "twins over all cells and genes, each less the mean of its type. At full depth it is the one that {} and {} "
        "give for a test of double length, and is stated only where quarters predict halves within a tolerance. Twins "
        "repeat the counting and nothing else, and bound nothing: no part of a difference is called the encoding’s.",
        study.cite("neufeld"),
        study.cite("spearman-brown"),
        study.cite("brown"),
    )


def _ties(study: Study) -> Markup:
    return text(
        "Ties: the same cell encoded under {} random rules, its likeness with itself beside that with cells of its "
        "type and of others; and each encoding with ties that share a place or bin, that follow the list of genes, or "
        "that are random. "
        "Reconstruction: log expression read back from the place in the order alone, by isotonic regression that is "
        "learnt on other cells, beside the mean of each gene in these.",
        study.run("causes.tie_rules", style="number"),
    )


def changes(study: Study) -> list[Markup]:
    """Return how single genes are changed, and what seeing a change is."""
    return [
        text(
            "In {} cells each detected gene is removed, halved (counts of two or more, rounded down), or multiplied, "
            "and {} genes that the cell lacks are given molecules; the total of the cell follows. An encoding sees a "
            "change if anything in it changes, by rule and not by search: closed forms for orders, bins, levels and "
            "values, checked against encoding again. What is random keeps its number through the change, so that a "
            "rule that is merely drawn again is not taken for sight. An entry of another gene moves if its place, bin "
            "or level changes, or its "
            "value by more than one part in a hundred.",
            study.run("causes.changed_cells", style="number"),
            study.run("causes.undetected", style="number"),
        ),
        Markup(
            "How far a change moves a cell, as one less the correlation over the selected genes, is divided by the "
            "distance between the twins of that cell. The atlas of visibility holds, per gene, type and encoding, the "
            "chance that the gene is read, how far its place spreads between twins, the fewest molecules that are "
            "seen, and how often its count is that of another gene."
        ),
    ]
