"""Methods: cells, genes, spaces, pairs, and what is counted on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from rankstudy.report.article.looked_at import has_causes
from rankstudy.report.article.sentences import cause_methods, ledgers, models, settings, states, statistics, texts
from rankstudy.report.article.study import Study
from rankstudy.report.article.text import Bullets, Section, code, joined, listed, text


def sections(study: Study) -> Iterator[Section]:
    """Yield the sections of the Methods in their order; what the run does not have is left out."""
    yield Section("methods-cells", "Cells", [cells(study), *asked_types(study)])
    yield Section("methods-genes", "Genes", [*genes(study), which_genes(study)])
    yield Section("methods-spaces", "Spaces", [_SPACES, spaces(study), *umap(study)])
    if study.about["tokens"]:
        yield Section("methods-tokens", "Tokens", models.tokens(study))
    if study.about["models"]:
        yield Section("methods-models", "Models", models.models(study))
    if of_texts := texts.methods(study):
        yield Section("methods-texts", "Text models", of_texts)
    yield Section("methods-pairs", "Pairs", [_PAIRS])
    yield Section("methods-separation", "Separation", [statistics.separation(study)])
    if study.spaces("control"):
        yield Section("methods-controls", "Controls", statistics.controls(study))
    yield Section("methods-neighbours", "Relations and neighbours", statistics.neighbours(study))
    yield Section("methods-intervals", "Intervals and verdicts", statistics.intervals(study))
    if settings.has_curves(study):
        yield Section("methods-settings", "Settings and specification curves", statistics.settings(study))
    if ledgers.has_ledgers(study):
        yield Section("methods-ledgers", "Corners, ledgers, whose order", statistics.ledgers(study))
    if has_causes(study):
        yield Section("methods-causes", "Depth, twins, ties", cause_methods.causes(study))
        yield Section("methods-changes", "Changes of one gene", cause_methods.changes(study))
    if of_states := states.methods(study):
        yield Section("methods-states", "States within a type", of_states)
    yield Section("methods-sparsity", "Sparsity and ties", [statistics.SPARSITY])
    yield Section("methods-outliers", "Outliers", [statistics.outliers(study)])
    if statistics.relates_types(study):
        yield Section("methods-types", "Similar types", [statistics.similar_types(study)])
    if any(dataset.about["joint"] for dataset in study.datasets):
        yield Section("methods-joint", "Joint distribution", [statistics.joint(study)])
    if statistics.has_metrics(study):
        yield Section("methods-metrics", "The field’s metrics", [statistics.metrics(study)])
    yield Section("methods-replicates", "Replicates", [replicates(study)])


def cells(study: Study) -> Markup:
    """Return which cells take part."""
    return text(
        "A cell is usable if it has a cell type and at least one count. Cell types with at least {} usable cells take "
        "part. Of each, at most {} cells are drawn without replacement, as evenly over its batches as these allow; a "
        "type with fewer gives all it has. Everything random is a function of the seed and of names, so that one "
        "type’s draw does not depend on another’s.",
        study.each("selection.min_cells"),
        study.each("selection.cells_per_type", unset="all"),
    )


def asked_types(study: Study) -> list[Markup]:
    """Return the types that were asked for, of each data set that names any."""
    keys = {dataset.name: f"{dataset.name}.selection.cell_types" for dataset in study.datasets}
    return [
        text("In {} only these types were asked for: {}.", code(name), study.run(key))
        for name, key in keys.items()
        if study.has_setting(key)
    ]


def genes(study: Study) -> list[Markup]:
    """Return how genes were selected, method by method."""
    methods: dict[str, list[str]] = {}
    for dataset in study.datasets:
        methods.setdefault(str(study.setting(f"{dataset.name}.genes.method")), []).append(dataset.name)
    return [
        text("{}: {}", listed(names, code), _genes(study, method, names)) for method, names in sorted(methods.items())
    ]


def _genes(study: Study, method: str, names: list[str]) -> Markup:
    if method == "highly_variable":
        return text(
            "the {} genes of highest normalised dispersion ({}; scanpy’s flavour <code>seurat</code>), computed on "
            "log1p CP10K over the selected cells of a replicate, without their labels. Genes without a count in these "
            "cells are left out before.",
            study.each("genes.number", among=names),
            study.cite("satija"),
        )
    if method == "flagged":
        column = study.each("genes.column", "text", among=names)
        return text("the genes that the data set itself marks, in the column {}.", column)
    if method == "listed":
        return text("the genes of the list {}.", study.each("genes.list", "text", among=names))
    return Markup("all genes.")


def _has_lists(study: Study) -> bool:
    return any(space["text"] == "list" for space in study.about["spaces"].values())


def which_genes(study: Study) -> Markup:
    """Return how many genes the spaces use."""
    counted = [
        text(
            "{} of {} in {}",
            dataset.derived("count", "example_cell", "gene"),
            dataset.derived("count", "source_genes", "gene"),
            code(dataset.name),
        )
        for dataset in study.datasets
    ]
    apart = ["those of the models, which read every gene that has a token"] if study.about["models"] else []
    brought = [name for name in study.spaces("model") if study.declared(name)["is_brought"]]
    apart += ["the embeddings that were brought"] if brought else []
    apart += ["lists for text models, which read every gene unless they say so"] if _has_lists(study) else []
    who = text("All spaces but {},", listed(apart)) if apart else "All spaces of a data set"
    return text("{} use the same genes: {}.", who, listed(counted))


_SPACES = Markup("A space is a representation of cells together with a measure of how alike two of them are.")


def spaces(study: Study) -> Bullets:
    """Return what each space is, as it is declared."""
    return Bullets([space(study, name) for name in study.spaces("encoding", "baseline", "model")])


def space(study: Study, name: str) -> Markup:
    """Return what a space is: its measure, and how it is made."""
    declared = study.declared(name)
    parts: list[Any] = [text("<b>{}</b>, {}.", study.title(name), declared["measure"])]
    if declared["parent"] is not None:
        parent = study.home(name).value("spaces", "parent", space=name, style="text")
        parts.append(text("It starts from the space {}.", code(parent)))
    elif declared["model"] is not None:
        parts.append(models.embedding(study, name))
    if declared["methods"]:
        parts.append(study.written(declared["methods"]))
    if _divides_by_the_total(study, name):
        parts.append(statistics.totals_of_files(study))
    return joined(parts)


def _divides_by_the_total(study: Study, name: str) -> bool:
    """Return whether a cell's total, which differs between files, is a part of how a space is made."""
    declared = study.declared(name)
    return declared["role"] == "baseline" and "{target_counts}" in (declared["methods"] or "")


def umap(study: Study) -> list[Markup]:
    """Return how UMAP is fitted; nothing where no space is one."""
    if not study.has_setting("umap.n_neighbors"):
        return []
    return [
        text(
            "UMAP ({}) is fitted with the defaults of umap-learn: {} neighbours, smallest distance {}, metric {}, "
            "initial layout {}; with the replicate’s seed, on one thread. It draws neighbours together and pushes the "
            "rest apart, so its distances are not those of the vectors that it starts from.",
            study.cite("umap-learn"),
            study.run("umap.n_neighbors", style="number"),
            study.run("umap.min_dist", style="number", digits=1),
            code(study.run("umap.metric")),
            code(study.run("umap.init")),
        )
    ]


_PAIRS = Markup(
    "Each unordered pair of compared cells is measured once in every space: no sampling, no neighbour search. "
    "Similarities are kept in single precision; means, norms and distances are computed in double precision. For each "
    "pair of cell types the median and other quantiles are exact."
)


def replicates(study: Study) -> Markup:
    """Return how often the study was repeated, and what ranges are."""
    if not study.several:
        return text("This run has one seed, {}; no ranges are given.", study.run("seeds"))
    dataset = study.datasets[0]
    return text(
        "The chain from the draw of the cells on is repeated with {} seeds ({}). A range is the least and the largest "
        "value over the replicates; figures, and values without a range, are of seed {}.",
        dataset.derived("distinct", "effect_sizes", "seed"),
        study.run("seeds"),
        dataset.of_first("effect_sizes", "seed", space=dataset.spaces[0], cell_type=None),
    )
