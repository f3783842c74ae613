"""The field's metrics: of a data set, and beside what others have published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from rankstudy.measures.field.integration import MEASURED
from rankstudy.report.article.numbers import formatted
from rankstudy.report.article.published import PublishedRows, published_columns, published_rows
from rankstudy.report.article.study import Dataset, Study
from rankstudy.report.article.text import NONE, Bullets, Grid, Rows, Section, grid, label, text

# the table of the metrics that others publish too
_OF_THE_FIELD = "integration_metrics"


def has_metrics(dataset: Dataset) -> bool:
    """Return whether any metric was measured."""
    return any(
        column["table"] in dataset.study.numbers.tables[dataset.name] for column in dataset.study.about["metrics"]
    )


def has_published(dataset: Dataset) -> bool:
    """Return whether the metrics that others publish were measured."""
    tables = {column["table"] for column in dataset.study.about["metrics"]}
    return _OF_THE_FIELD in tables and _OF_THE_FIELD in dataset.study.numbers.tables[dataset.name]


def metrics(dataset: Dataset) -> Section | None:
    """Return the field's metrics of a data set; None where they were not asked for."""
    if not has_metrics(dataset):
        return None
    said = text(
        "What benchmarks of integration publish, by {} on the same exact neighbours. Published values are of other "
        "cells and other selections; they compare spaces, not studies.",
        dataset.study.cite("scib"),
    )
    shown = [column for column in dataset.study.about["metrics"] if _table_of(dataset, column)]
    rows = [
        [dataset.study.title(space), *(_measured(dataset, space, column) for column in shown)]
        for space in dataset.spaces
    ]
    heads = [text("<small>{}</small><br>{}", column["group"], label(column["heading"])) for column in shown]
    caption = Markup("Metrics of each space; what a larger value means stands above them.")
    details = grid(caption, ["Space", *heads], rows, note=dataset.values.short)
    intro = [said] if has_published(dataset) else []
    return Section("metrics", "The field’s metrics", intro, [details], folded=True)


def _table_of(dataset: Dataset, column: Mapping[str, Any]) -> bool:
    return column["table"] in dataset.study.numbers.tables[dataset.name]


def _measured(dataset: Dataset, space: str, column: Mapping[str, Any]) -> Any:
    where = {"space": space, **column["where"]}
    if not dataset.has(column["table"], seed=dataset.study.first, reason=MEASURED, **where):
        return NONE
    style = "probability" if column["limits"] else "number"
    return dataset.of_first(column["table"], "value", style=style, **where)


def published(study: Study) -> Section | None:
    """Return the spaces of the study beside what others have published; None without metrics."""
    measured = [dataset for dataset in study.datasets if has_published(dataset)]
    if not measured:
        return None
    sources = published_rows()
    caption = Markup(
        "The field’s metrics here and as published; larger is better in each. Published values are quoted, all others "
        "computed; AvgBIO is the mean of NMI, ARI and ASW type in both."
    )
    groups = [*(_of_this_study(dataset) for dataset in measured), *(_of_source(study, source) for source in sources)]
    said = Markup(
        "What others have printed for the same metrics. Their cells, selections and pre-processing are others: a row "
        "says how spaces stand to the other spaces of the same source, and no row of one source is better or worse "
        "than one of another."
    )
    caveats = Bullets(
        [
            text('{}, <span class="quoted">{}: {}</span>', study.cite(source.reference[1]), source.what, source.caveat)
            for source in sources
        ]
    )
    shown = Grid(caption, ["Space or method", *published_columns().values()], groups)
    return Section("published-rows", "Published rows beside ours", [said, shown, caveats], folded=True)


def _of_this_study(dataset: Dataset) -> Rows:
    where = {"space": dataset.spaces[0], "metric": "nmi"}
    caveat = f" ({dataset.values.bracketed})" if dataset.values.bracketed else ""
    heading = text(
        "This study: {}, {} cells{}",
        label(dataset.title),
        dataset.of_first("integration_metrics", "n_cells", **where),
        caveat,
    )
    at_chance = [name for name in dataset.controls if dataset.study.declared(name)["parent"]]
    rows = [
        [dataset.study.title(space), *(_measured(dataset, space, _column(metric)) for metric in published_columns())]
        for space in [*dataset.spaces, *at_chance]
    ]
    return Rows(rows, heading)


def _column(metric: str) -> dict[str, Any]:
    return {"table": _OF_THE_FIELD, "where": {"metric": metric}, "limits": True}


def _of_source(study: Study, source: PublishedRows) -> Rows:
    heading = text('{}: <span class="quoted">{}</span>', study.cite(source.reference[1]), source.what)
    rows = [
        [
            text('<span class="quoted">{}</span>', row.method),
            *(_quoted(getattr(row, metric)) for metric in published_columns()),
        ]
        for row in source.rows
    ]
    return Rows(rows, heading, "published")


def _quoted(value: float) -> Markup:
    return text('<span class="quoted">{}</span>', formatted(value, "probability"))
