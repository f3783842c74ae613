"""What a data set is: where it comes from, its cells and batches, what was dropped."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from rankstudy.report.article.anchors import doi_address
from rankstudy.report.article.study import Dataset, Study
from rankstudy.report.article.text import NONE, Facts, Grid, Section, code, grid, joined, label, text


def data(dataset: Dataset) -> Section:
    """Return where a data set comes from, and its cells."""
    said: list[Any] = [facts(dataset)]
    if len(dataset.about["files"]) > 1:
        said.append(files(dataset))
    return Section(
        "data", "The data: source, cells, what was dropped", [*said, cells(dataset), dropped(dataset)], folded=True
    )


def short(dataset: Dataset) -> Markup:
    """Return in a line what was compared."""
    return text(
        "{} cells of {} types in {} batches, {} genes; {}, {}.",
        dataset.of_first("sparsity_by_type", "n_cells", cell_type=None),
        dataset.derived("distinct", "sparsity_by_type", "cell_type", seed=dataset.study.first),
        dataset.derived("distinct", "analysed_cells", "batch", seed=dataset.study.first, used=True),
        dataset.derived("count", "example_cell", "gene"),
        label(dataset.about["organism"]),
        dataset.values.what,
    )


def facts(dataset: Dataset) -> Facts:
    """Return what the data set's file says, and what was found and compared."""
    about, (file, *others) = dataset.about, dataset.about["files"]
    pairs = [
        ("Data set", text("{} ({})", code(dataset.name), code(f"config/datasets/{dataset.name}.yaml"))),
        ("Organism", label(about["organism"])),
        ("Protocol", label(about["protocol"])),
        ("Values", dataset.values.what),
        *(("Treated", words) for words in treated(dataset)),
        *(("Read", words) for words in read(dataset)),
        ("Found", found(dataset)),
        ("Compared", compared(dataset)),
        ("Batches", batches(dataset)),
        *(("Accession", label(c["accession"])) for c in about["citations"] if c["accession"]),
        ("Licence", label(about["licence"])),
    ]
    if not others:
        pairs.append(("File", only_file(dataset.study, file["source"])))
    pairs += [("Citation", citation(each)) for each in about["citations"]]
    return Facts(pairs)


def citation(each: dict[str, Any]) -> Markup:
    """Return a reference as it is stated, with a link to its DOI."""
    doi = text(' <a href="{}">doi:{}</a>', doi_address(each["doi"]), each["doi"]) if each["doi"] else ""
    return text('<span class="reference">{}{}</span>', each["text"], doi)


def read(dataset: Dataset) -> list[Markup]:
    """Return what readers decided, with the files that it is of where they differ."""
    parts: dict[str, list[str]] = {}
    for row in dataset.rows("source_parts", "part", "choices"):
        if row["choices"]:
            parts.setdefault(row["choices"], []).append(row["part"])
    if len(parts) < 2:
        return [label(choices) for choices in parts]
    return [text("{} ({})", label(choices), label(", ".join(names))) for choices, names in sorted(parts.items())]


_TREATMENTS = {
    "thin": "of each selected cell, each molecule was kept with the probability {} before anything else was done",
    "one_total": "of each selected cell, {} molecules were drawn without replacement before anything else was done; "
    "cells with fewer were left out",
    "twin": "of each selected cell, the {} of two halves of its molecules was taken before anything else was done",
    "change.factor": "in every selected cell, the count of {gene} was multiplied by {} before anything else was done; "
    "a half is rounded down, and one molecule stays unless all go",
    "change.add": "every selected cell without a molecule of {gene} was given {} before anything else was done",
}


def treated(dataset: Dataset) -> list[Markup]:
    """Return what was done to the counts of the selected cells; of a combined data set, to those of each member."""
    study = dataset.study
    members = dict.fromkeys(file["member"] or dataset.name for file in dataset.about["files"])
    found = []
    for name in members:
        for how, words in _TREATMENTS.items():
            key = f"{name}.treatment"
            if not study.has_setting(f"{key}.{how}"):
                continue
            gene = {"gene": study.run(f"{key}.change.gene")} if "{gene}" in words else {}
            done = text(words, study.run(f"{key}.{how}"), **gene)
            found.append(done if name == dataset.name else text("{}: {}", code(name), done))
    return found


def found(dataset: Dataset) -> Markup:
    """Return how many cells, genes and types there are."""
    return text(
        "{} cells, {} genes, {} cell types",
        dataset.derived("sum", "selection_report", "n_cells", seed=dataset.study.first),
        dataset.derived("count", "source_genes", "gene"),
        dataset.derived("count", "cell_types", "cell_type"),
    )


def compared(dataset: Dataset) -> Markup:
    """Return how many of them are compared, and how many are in every replicate."""
    words = text(
        "{} cells of {} types on {} genes",
        dataset.of_first("sparsity_by_type", "n_cells", cell_type=None),
        dataset.derived("distinct", "sparsity_by_type", "cell_type", seed=dataset.study.first),
        dataset.derived("count", "example_cell", "gene"),
    )
    if not dataset.study.several:
        return words
    shared = dataset.derived("shared", "analysed_cells", "cell_id", over="seed", used=True)
    return text("{} in each replicate; {} of the cells are the same in every replicate", words, shared)


def batches(dataset: Dataset) -> Markup:
    """Return the batches with their cells."""
    used = {"seed": dataset.study.first, "used": True}
    names = sorted({row["batch"] for row in dataset.rows("analysed_cells", "batch", **used)})
    counted = (
        text("{} ({} cells)", label(name), dataset.derived("count", "analysed_cells", "cell_id", batch=name, **used))
        for name in names
    )
    return text("{}: {}", dataset.derived("distinct", "analysed_cells", "batch", **used), joined(counted, ", "))


_PLACES = (
    ("local_file", "{}, given as a file"),
    ("package", "package {}, opened as the archive it is, never installed"),
    ("figshare", "file {} of figshare"),
    ("zenodo.record", "{file} of Zenodo record {}"),
    ("cellxgene.dataset", "data set {} of CELLxGENE"),
    ("url", "{}"),
)


def origin(study: Study, key: str) -> Markup:
    """Return where a file comes from, by the settings of its source."""
    place, words = next((place, words) for place, words in _PLACES if study.has_setting(f"{key}.{place}"))
    named = {"file": study.run(f"{key}.zenodo.file")} if "{file}" in words else {}
    return text(words, study.run(f"{key}.{place}"), **named)


def checked(study: Study, key: str) -> Markup:
    """Return which hash of a file was checked."""
    for name, shown in (("sha256", "SHA-256"), ("md5", "MD5")):
        if study.has_setting(f"{key}.{name}"):
            return text("{} {}", shown, code(study.run(f"{key}.{name}")))
    return Markup("no hash is stated, so none was checked")


def only_file(study: Study, key: str) -> Markup:
    """Return where the only file of a data set comes from."""
    size = ""
    if study.has_setting(f"{key}.bytes"):
        size = text(", {} bytes", study.run(f"{key}.bytes", style="number"))
    return text("{}{}; {}", origin(study, key), size, checked(study, key))


def files(dataset: Dataset) -> Grid:
    """Return the files of a data set of several, and what of each is not used."""
    study = dataset.study
    of_members = dataset.about["files"][0]["member"]
    rows = []
    for file in dataset.about["files"]:
        where = {"part": file["part"]}
        rows.append(
            [
                label(file["part"]),
                *([study.run(f"{file['member']}.title")] if of_members else []),
                text("{}; {}", origin(study, file["source"]), checked(study, file["source"])),
                *(dataset.value("source_parts", column, **where) for column in ("n_cells", "n_genes", "n_lost")),
                dataset.value("source_parts", "share_lost", style="percent", **where),
            ]
        )
    caption = Markup(
        "Files of the data set. Genes that a file has and another one lacks are not used: how many, and the share of "
        "the sum of all values of the file that is on them."
    )
    words = ["Data set", "From"] if of_members else ["From"]
    columns = ["File", *words, "Cells", "Genes", "Genes not used", "Values not used"]
    return grid(caption, columns, rows, words=range(1, 1 + len(words)))


def cells(dataset: Dataset) -> Grid:
    """Return the cells of each type: found, compared, and left out and why."""
    rows: list[list[Any]] = []
    for row in dataset.rows("cell_types", "cell_type"):
        kind, first = row["cell_type"], dataset.study.first
        is_used = dataset.has("sparsity_by_type", seed=first, cell_type=kind)
        rows.append(
            [
                label(kind),
                *(dataset.value("cell_types", column, cell_type=kind) for column in ("n_cells", "n_batches")),
                *(
                    dataset.value("cell_types", column, cell_type=kind, digits=4)
                    for column in ("median_counts", "median_genes")
                ),
                dataset.of_first("sparsity_by_type", "n_cells", cell_type=kind) if is_used else NONE,
                left_out(dataset, kind),
            ]
        )
    if dataset.has("selection_report", seed=dataset.study.first, cell_type=None):
        rows.append(["without a cell type", *[NONE] * 5, left_out(dataset, None)])
    before = ", before these were treated" if treated(dataset) else ""
    caption = text(
        "Cells of each type: found, compared, and left out and why. Counts and genes are medians over the cells "
        "found{}.",
        before,
    )
    columns = ["Cell type", "Usable", "Batches", dataset.values.total, "Genes", "Compared", "Left out"]
    return grid(caption, columns, rows, words=[6], note=dataset.values.short)


def left_out(dataset: Dataset, cell_type: str | None) -> Markup:
    """Return how many cells of a type (None: without one) were left out, reason by reason."""
    where = {"seed": dataset.study.first, "cell_type": cell_type}
    reasons = dataset.rows("selection_report", "reason", selected=False, **where)
    parts = [
        text(
            "{}: {}", dataset.value("selection_report", "n_cells", reason=row["reason"], **where), label(row["reason"])
        )
        for row in reasons
    ]
    if cell_type is not None and dataset.has("analysed_cells", used=False, **where):
        unused = dataset.derived("count", "analysed_cells", "cell_id", used=False, **where)
        parts.append(text("{}: no comparison possible", unused))
    return joined(parts, "; ")


def dropped(dataset: Dataset) -> Markup:
    """Return how many cells were not selected, and how many of those that were could not be compared."""
    first = dataset.study.first
    not_selected = text(
        "{} of {} cells were not selected.",
        dataset.derived("sum", "selection_report", "n_cells", seed=first, selected=False),
        dataset.derived("sum", "selection_report", "n_cells", seed=first),
    )
    causes = ["an undefined rank correlation", *(["no token"] if dataset.tokenised else [])]
    why = joined([*causes, *(["no counts left after their treatment"] if treated(dataset) else [])], " or ")
    if not dataset.has("analysed_cells", used=False):
        return text("{} All selected cells could be compared: none had {}.", not_selected, why)
    seeds = (_dropped_of(dataset, seed) for seed in dataset.study.seeds)
    sentence = "{} Of the selected ones, those that have {} were dropped in every space alike: {}."
    return text(sentence, not_selected, why, joined(seeds, "; "))


def _dropped_of(dataset: Dataset, seed: int) -> Markup:
    where = {"seed": seed, "used": False}
    reasons = dict.fromkeys(row["reason"] for row in dataset.rows("analysed_cells", "reason", **where))
    counted = (
        text(" ({}: {})", dataset.derived("count", "analysed_cells", "cell_id", reason=reason, **where), label(reason))
        for reason in reasons
    )
    shown = dataset.value("effect_sizes", "seed", seed=seed, space=dataset.spaces[0], cell_type=None)
    n = dataset.derived("count", "analysed_cells", "cell_id", **where)
    return text("seed {}, {} cells{}", shown, n, joined(counted, ""))


def _name(dataset: Dataset) -> Markup:
    return text("<br>{}", code(dataset.name))


def overview(study: Study) -> Grid:
    """Return the data sets with what was compared of each, and what the order of a cell's genes is made of."""
    rows = []
    for dataset in study.datasets:
        all_types = {"cell_type": None, "style": "percent"}
        rows.append(
            [
                text('<a href="{}">{}</a>{}', dataset.page, label(dataset.title), "" if study.few else _name(dataset)),
                dataset.of_first("sparsity_by_type", "n_cells", cell_type=None),
                dataset.derived("distinct", "sparsity_by_type", "cell_type", seed=study.first),
                dataset.derived("distinct", "analysed_cells", "batch", seed=study.first, used=True),
                dataset.span("sparsity_by_type", "zeros_selected", **all_types),
                dataset.span("sparsity_by_type", "tied_detected", **all_types),
                dataset.values.bracketed or "counts",
            ]
        )
    caption = Markup(
        "Compared cells; and in the median cell, the share of selected genes that are zero, and of those above zero, "
        "the share with a value that another gene has: these have no order among themselves."
    )
    columns = ["Data set", "Cells", "Types", "Batches", "Zeros", "Ties", "Values"]
    return grid(caption, columns, rows, words=[6])
