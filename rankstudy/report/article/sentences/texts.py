"""What a text model makes of a list of genes: the section of a data set whose lists are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from rankstudy.measures.uncertainty.tables import AUROC
from rankstudy.measures.verdict import BETTER, NOT_IN_FAMILY, WORSE
from rankstudy.report.article.sentences.data import citation
from rankstudy.report.article.sentences.verdicts import badge
from rankstudy.report.article.study import Dataset, Study
from rankstudy.report.article.text import NONE, Bullets, Grid, Section, grid, joined, label, listed, text

_DIFFERENT = (BETTER, WORSE)


def section(dataset: Dataset) -> Section | None:
    """Return what the text model sees of a cell: whether the order of a list matters to it, and what else does."""
    of_lists, of_genes = (_of_kind(dataset, kind) for kind in ("list", "genes"))
    if not of_lists and not of_genes:
        return None
    said = [
        *([_order(dataset, _reordered(dataset, of_lists))] if _reordered(dataset, of_lists) else []),
        *([_window(dataset, of_lists[0])] if of_lists else []),
        *([_weighted(dataset, of_genes)] if of_genes else []),
    ]
    tables = [_table(dataset, spaces, kind) for spaces, kind in ((of_lists, "List"), (of_genes, "Vectors")) if spaces]
    return Section("texts", "What a text model sees", [*said, _caveat], tables)


def _of_kind(dataset: Dataset, kind: str) -> list[str]:
    return [name for name in dataset.spaces if dataset.study.declared(name)["text"] == kind]


def _varies(dataset: Dataset, space: str) -> str | None:
    return dataset.study.declared(space)["varies"]


def _reordered(dataset: Dataset, spaces: Sequence[str]) -> list[str]:
    """Return the lists that differ from another in the order of the same genes alone, and are compared with it."""
    named = dataset.about["reordered"]
    return [name for name in spaces if name in named and _compared(dataset, name)]


def _compared(dataset: Dataset, space: str) -> bool:
    where = {"space": space, "reference": _varies(dataset, space), "statistic": AUROC}
    return dataset.has("differences", seed=dataset.study.first, **where)


def _verdict(dataset: Dataset, space: str) -> str:
    where = {"space": space, "reference": _varies(dataset, space), "statistic": AUROC, "seed": dataset.study.first}
    return dataset.rows("differences", "verdict", **where)[0]["verdict"]


def _order(dataset: Dataset, spaces: Sequence[str]) -> Markup:
    """Return whether the order of the same genes matters to the text model."""
    differs = [name for name in spaces if _verdict(dataset, name) in _DIFFERENT]
    perhaps = [name for name in spaces if _verdict(dataset, name) == NOT_IN_FAMILY]
    each = listed(spaces, lambda name: text("{} ({})", dataset.study.title(name), _difference(dataset, name)))
    if differs:
        answer = text(
            "The order of the same genes matters to the text model in {}", listed(differs, dataset.study.title)
        )
    elif perhaps:
        answer = text("Whether the order of the same genes matters to the text model is not resolved")
    else:
        answer = text("Which order the same genes stand in makes no difference that these cells show")
    return text("{}. AUROC beside {}: {}.", answer, dataset.study.title(str(_varies(dataset, spaces[0]))), each)


def _difference(dataset: Dataset, space: str) -> Markup:
    where = {"space": space, "reference": _varies(dataset, space), "statistic": AUROC}
    estimate, low, high = (
        dataset.of_first("differences", column, style="probability", **where) for column in ("estimate", "low", "high")
    )
    return text("{} [{}, {}]", estimate, low, high)


def _window(dataset: Dataset, space: str) -> Markup:
    """Return how much of a cell the model’s window holds."""
    where = {"seed": dataset.study.first, "space": space}
    return text(
        "The window of the model ends a list after {} genes in the median ({} to {}), which have {} of a cell’s counts "
        "in the median; {} genes with a count are not read.",
        *(dataset.derived(what, "lists", "n_listed", **where) for what in ("median", "min", "max")),
        dataset.derived("median", "lists", "share_counts", style="percent", **where),
        dataset.derived("median", "lists", "n_cut", **where),
    )


def _weighted(dataset: Dataset, spaces: Sequence[str]) -> Markup:
    return text(
        "Vectors of genes, weighted by expression, are judged beside expression itself and beside controls: vectors "
        "given to other genes, or drawn. Between {} and {} of the selected genes have a vector.",
        *(dataset.derived(end, "gene_vectors", "n_genes", seed=dataset.study.first) for end in ("min", "max")),
    )


_caveat = Markup(
    "This is one text model, at its window; what a larger one would see, or one that was trained on texts of biology, "
    "is not said here."
)


def _table(dataset: Dataset, spaces: Sequence[str], kind: str) -> Grid:
    rows = [
        [
            dataset.study.title(space),
            dataset.interval("intervals", space=space, statistic=AUROC, cell_type=None),
            *_beside(dataset, space),
        ]
        for space in spaces
    ]
    caption = "AUROC, with intervals, and the difference from what each varies in one respect."
    return grid(caption, [kind, "AUROC", "Beside", "Difference", "Verdict"], rows, words=[2, 4])


def _beside(dataset: Dataset, space: str) -> list[Markup]:
    other = _varies(dataset, space)
    if other is None or not _compared(dataset, space):
        return [NONE, NONE, NONE]
    where = {"space": space, "reference": other, "statistic": AUROC}
    beside = dataset.study.title(other) if other in dataset.everything else label(other)
    return [beside, dataset.interval("differences", **where), badge(_verdict(dataset, space))]


def methods(study: Study) -> list[Any]:
    """Return which text models read the lists, and where texts and vectors of genes come from."""
    named = study.about["texts"]
    if not named["models"] and not named["genes"]:
        return []
    said: list[Any] = [
        Markup(
            "A text model reads one text at a time, so that a vector depends on its text alone. Genes are written by "
            "their symbols in upper case; of several genes of one symbol, the first of the file. Lists that differ in "
            "one respect are compared on the same cells, by the cosine of their vectors."
        )
    ]
    said += [Bullets([_origin(study, each) for each in named["models"]])] if named["models"] else []
    if named["genes"]:
        said += [Markup("Texts and vectors of genes:"), Bullets([_origin(study, each) for each in named["genes"]])]
    return said


def _origin(study: Study, each: Mapping[str, Any]) -> Markup:
    licence = text(" Licence: {}.", label(each["licence"])) if each["licence"] else ""
    cited = joined([text(" {}", citation(one)) for one in each["citations"]], "")
    own = text(" {}", study.written(each["methods"])) if each["methods"] else ""
    return text("{}.{}{}{}", label(each["title"]), own, licence, cited)


def in_the_question(study: Study) -> Markup | None:
    """Return that a text model is asked, for the question; None where none is."""
    models = [each["title"] for each in study.about["texts"]["models"]]
    if not models:
        return None
    return text("What a text model ({}) makes of lists and texts of genes is asked as well.", listed(models, label))
