"""Methods: what is counted on the pairs of cells, how sure it is, and what controls must score."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from rankstudy.measures.settings.tables import PANEL
from rankstudy.report.article.compared import ledgers as ledgers_of
from rankstudy.report.article.sentences import metrics as of_datasets
from rankstudy.report.article.sentences import settings as curves
from rankstudy.report.article.study import Study
from rankstudy.report.article.text import Bullets, code, label, listed, text


def totals_of_files(study: Study) -> Markup:
    """Return what the total of a cell is in data sets of several files; nothing where there are none."""
    merged = [dataset.name for dataset in study.datasets if len(dataset.about["files"]) > 1]
    if not merged:
        return Markup("")
    return text(
        "Where several files are one data set ({}), the total is that of the cell in its own file, over the genes that "
        "other files lack too.",
        listed(merged, code),
    )


def separation(study: Study) -> Markup:
    """Return what the AUROC of a space is."""
    return text(
        "The AUROC of a space is the probability that a pair within a type is more alike than a pair between types, "
        "ties counted half ({}: U over the number of pairs of pairs). One half is chance, one is perfect. It does not "
        "depend on the scale of a measure, so that correlations and distances compare. Types weigh by their number of "
        "pairs. It is computed from distributions counted on {} equal bins over the observed range of the measure "
        "(that of the pairs of at most {} of the cells; values beyond count in the outer bins); the tables give, for "
        "each value, the most that binning can have moved it, half the share of pairs of pairs that fall into one bin. "
        "The difference of the medians within and between types is in the unit of the measure and does not compare "
        "across spaces. For one cell type, its own pairs are set against its pairs with all others.",
        study.cite("mann"),
        study.run("bins", style="number"),
        study.run("cells_of_range", style="number"),
    )


def controls(study: Study) -> list[Any]:
    """Return what the controls are, and what at chance means."""
    return [
        Markup(
            "Some spaces go through the same code although it is known beforehand what they must score. The article is "
            "not written unless they do."
        ),
        Bullets([control(study, name) for name in study.spaces("control")]),
        text(
            "At chance means: within {} standard errors of one half, the standard error being the largest that any "
            "space can have if its labels mean nothing. It follows from the sizes of the types alone: every "
            "permutation of the cells under the vectors is equally likely, pairs that share a cell are not taken to "
            "be independent, and whether a few cells are close to all others is left open ({}).",
            study.run("gates.standard_errors", style="number"),
            study.cite("mantel"),
        ),
    ]


def control(study: Study, name: str) -> Markup:
    """Return what a control is."""
    declared, home = study.declared(name), study.home(name)
    title, methods = study.title(name), study.written(declared["methods"] or "")
    if declared["parent"] is not None:
        parent = home.value("spaces", "parent", space=name, style="text")
        return text("<b>{}</b>, of the space {}: {}", title, code(parent), methods)
    return text("<b>{}</b>, {} dimensions: {}", title, home.value("spaces", "dimensions", space=name), methods)


def neighbours(study: Study) -> list[Any]:
    """Return how relations, neighbours and label transfer are counted."""
    return [
        text(
            "A relation of a cell is another cell at or beyond a cutoff of similarity; {} cutoffs lie evenly over the "
            "observed range of the measure. Relations are of the own type, of a similar type, of another type "
            "or, where nobody can say whether two types are similar, of unknown relation; each is of the same or of "
            "another batch. The nearest cells of a cell (so many: {}) come from all pairs, not from an approximate "
            "search. Chance is what drawing evenly from all other cells would give, by the composition of the data "
            "set.",
            study.run("pairs.cutoffs", style="number"),
            study.run("pairs.neighbours"),
        ),
        Markup(
            "Neighbours of another type and of the same batch are called batch-driven: the batch, and not the type, "
            "may have put them there. A space that keeps types less apart has more neighbours of other types, and so "
            "fewer or more of these; their share is given beside that of all other types, and a space is called "
            "better or worse by it only where its neighbours of the own type do not say the opposite."
        ),
        Markup(
            "Label transfer holds out each batch in turn: the nearest cells of the other batches vote on the type of "
            "its cells, and of equal votes the nearer cell’s counts. Types that occur in one batch only cannot be "
            "transferred; they are left out and counted. Macro F1 is the mean over types of the harmonic mean of "
            "precision and recall."
        ),
    ]


def intervals(study: Study) -> list[Any]:
    """Return where intervals come from, and what better and worse mean."""
    known = " Controls are not among them: what they score is known." if study.spaces("control") else ""
    return [
        text(
            "Two pairs share a cell and two cells share a batch, so neither pairs nor cells count as independent: "
            "batches do, or donors where a data set names them. Intervals of {} come from {} resamples (seed {}) that "
            "draw whole batches anew with replacement ({}), and never a pair: what each cell and each batch changes of "
            "a number, both as a cell and as a partner of others, follows from the counts of its pairs and from the "
            "neighbourhoods that it stands in. Where batches are too few or too unequal to say anything of others, "
            "cells are drawn within types and batches, and the interval is about these batches alone; the table says "
            "which was done. Ends of intervals are expanded percentiles ({}), on the scale of the logit for "
            "probabilities. Genes, fitted spaces and trained models are taken as they are.",
            study.run("uncertainty.level", style="percent", digits=2),
            study.run("uncertainty.resamples", style="number"),
            study.run("uncertainty.seed", style="number"),
            study.cite("davison"),
            study.cite("hesterberg"),
        ),
        text(
            "Differences of two spaces come from the same resamples of the same cells. Their p-values are adjusted "
            "over all spaces that are compared with the same reference in the same number ({}), and a space is called "
            "better or worse by the adjusted value, in every replicate; a difference is always given with its size.{}",
            study.cite("holm"),
            known,
        ),
    ]


def settings(study: Study) -> list[Markup]:
    """Return what settings are, how a curve is judged, and what deciding means."""
    return [
        text(
            "A setting is how one looks, not what is encoded: the measure, whether the mean cell is subtracted, the "
            "panel of genes ({}), and the depth of the cells: as measured, or at one total, the mean of {} "
            "draws without replacement, whose variance is in the intervals. Each pair of encodings is compared in "
            "every setting, on the same cells (at most {}), by three statistics (neighbourhoods: {} cells): its "
            "specification curve ({}; {}). An order has no zero, so pairs with an order are judged by correlation "
            "alone; cosine similarity and distances are then shown without a claim, as batch-driven neighbours always "
            "are. Spaces that have no genes have no curve.",
            ", ".join(curves.PART_VALUES[PANEL].values()),
            study.run("settings.draws", style="number"),
            study.run("settings.cells", style="number"),
            study.run("settings.neighbours", style="number"),
            study.cite("simonsohn"),
            study.cite("steegen"),
        ),
        text(
            "All settings and statistics of a pair that carry a claim are one family: p-values are adjusted by the "
            "largest |t| of resamples that they share ({}). All verdicts of a curve then hold together, so that the "
            "space is truly better in no fewer settings than it is found better in, and in no more than those in which "
            "it is not found worse: the bracket of a count, of {}. {}",
            study.cite("westfall"),
            study.run("uncertainty.level", style="percent", digits=2),
            curves.NO_TEST,
        ),
        text(
            "Settings are a full factorial. The variance of the true differences over it, sampling variance "
            "subtracted, is split into what each part makes alone and with others ({}; {}). A part decides if flipping "
            "it alone somewhere changes the verdict and the two differences differ beyond chance, adjusted for all "
            "flips of the pair and statistic.",
            study.cite("sobol"),
            study.cite("saltelli"),
        ),
        text(
            "The declared setting, written down before any result: {}, because {}. Text and overviews are of it.",
            curves.declared_by(study),
            label(study.run("settings.declared.reason")),
        ),
    ]


def ledgers(study: Study) -> list[Markup]:
    """Return what corners, ledgers and shares of an order are."""
    corners = [
        text("{} in {}", dataset.derived("distinct", "lattice", "corner"), code(dataset.name))
        for dataset in study.datasets
        if ledgers_of(dataset)
    ]
    return [
        text(
            "A corner is one combination of steps from counts to an encoding: the total that counts are divided by, "
            "the genes that are read, a division by the medians of a corpus, a logarithm, what is kept of the values "
            "(all of them, bins, levels, the order, what was detected), and, of an order, how many genes, what breaks "
            "ties, and whether places stand as ranks or as logarithms. Published encodings are corners. Levels that "
            "make no difference are one corner: no order depends on the total or on a logarithm. Every corner ({}) is "
            "scored in the settings of the specification curves, on those of their cells that have a vector at every "
            "corner (replicates: {}).",
            listed(corners),
            study.run("lattice.replicates", style="number"),
        ),
        text(
            "A ledger shares the difference between expression and an encoding out among the steps in which they "
            "differ. A step gets the mean of what it changes over all orders in which the steps can be taken: its "
            "Shapley value ({}) under precedence ({}), since a cut, ties and the form of places are nothing before an "
            "order is kept, nor is a total of a model’s genes before these are chosen. Shares add up to the whole "
            "difference. They are linear in the scores of the corners, so that their intervals come from the same "
            "resamples; draws of chance are averaged first, and their variance is in the intervals. All steps of a "
            "ledger and all three statistics of a setting are one family, adjusted by the largest |t| ({}). The range "
            "of a step is that over all settings that carry a claim; a ledger to an order has only correlation.",
            study.cite("shapley"),
            study.cite("faigle"),
            study.cite("westfall"),
        ),
        Markup(
            "Whose order, of all compared cells: each pair of genes that a cell has, of those that an encoding reads, "
            "is in the order of count over median by the counts, if these differ and stand as their order says; by the "
            "medians alone, if the counts are equal; turned round, if the counts say the opposite; or undecided, if "
            "count over median is equal too. So among all, and among the first genes of the order."
        ),
    ]


SPARSITY = Markup(
    "Per compared cell: the share of all genes, and of the selected genes, that are zero; the share of the selected "
    "genes whose value another one has, zeros included; and the same share among the selected genes above zero. Tied "
    "genes have no order among themselves."
)


def outliers(study: Study) -> Markup:
    """Return how outliers are found."""
    return text(
        "For each space, the {} pairs of types (or all, if fewer) that are most alike although different, and the "
        "types whose own cells are least alike, by median; and as many pairs of cells. No cell stands in two pairs of "
        "a list.",
        study.run("pairs.outliers", style="number"),
    )


def relates_types(study: Study) -> bool:
    """Return whether anybody states which types are similar."""
    return study.has_setting("ontology.title") or any(
        study.has_setting(f"{dataset.name}.similar") for dataset in study.datasets
    )


def similar_types(study: Study) -> Markup:
    """Return how types are called similar."""
    by_hand = Markup(
        "Groups that a data set’s file gives by hand go before everything else. A type without a term is of unknown "
        "relation to all others, which is never counted as another type."
    )
    if not study.has_setting("ontology.title"):
        return by_hand
    return text(
        "The files of the data sets name the term of each cell type in the {} ({}; licence: {}). Of the ancestors that "
        "two terms share, the most informative one counts ({}): the fewer terms are at or below it, the more it says, "
        "as the logarithm of their number, from nothing for the root to <em>one</em> for a term with none below it "
        "({}). Types are similar from {} on. Ancestors that name function, form or stage do not count. {}",
        study.cite("cell-ontology"),
        study.run("ontology.title"),
        study.run("ontology.licence"),
        study.cite("resnik"),
        study.cite("seco"),
        study.run("ontology.least_similarity", style="number", digits=2),
        by_hand,
    )


def joint(study: Study) -> Markup:
    """Return how two measures are counted at once."""
    return text(
        "All pairs of cells are counted by two measures at once, on hexagons of one size ({}), {} along the "
        "observed range of the measure on the x axis.",
        study.cite("carr"),
        study.run("pairs.hexagons", style="number"),
    )


def has_metrics(study: Study) -> bool:
    """Return whether the metrics that others publish were measured anywhere."""
    return any(map(of_datasets.has_published, study.datasets))


def metrics(study: Study) -> Markup:
    """Return how the field's metrics are computed."""
    return text(
        "The metrics that benchmarks of integration publish are computed by {} on the same exact neighbours, so that "
        "rows can be set beside theirs. AvgBIO is the mean of NMI, ARI and the silhouette of the types ({}; they "
        "clustered by Louvain, here it is Leiden).",
        study.cite("scib"),
        study.cite("kedzierska"),
    )
