"""The columns that metrics are shown in, as plain values: what figures and the article carry as a param."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rankstudy.core.tables import Table
from rankstudy.measures.field.metrics import INTEGRATION, Metric
from rankstudy.measures.field.tables import GEOMETRY, INTEGRATION_METRICS, METRIC_VALUES

TABLES = {table.name: table for table in (INTEGRATION_METRICS, GEOMETRY, METRIC_VALUES)}


def columns(metrics: Mapping[str, Metric]) -> list[dict[str, Any]]:
    """Return a column per metric, or per size of its neighbourhoods; what larger values mean side by side.

    Returns
    -------
    `table` and `where`, which find the values: name of the table, and the values of `metric` and, of several sizes,
    `k`; `heading`, `group` (what a larger value means) and `limits`, as declared; `meaning`.
    """
    groups = list(dict.fromkeys(metric.larger.heading for metric in metrics.values()))
    in_order = sorted(metrics.items(), key=lambda item: groups.index(item[1].larger.heading))
    return [
        {
            "table": _table(name, metric).name,
            "where": {"metric": name, **({} if k is None else {"k": k})},
            "heading": metric.heading if k is None else f"{metric.heading}, k = {k}",
            "group": metric.larger.heading,
            "limits": metric.limits,
            "meaning": metric.meaning,
        }
        for name, metric in in_order
        for k in (metric.sizes if len(metric.sizes) > 1 else (None,))
    ]


def _table(name: str, metric: Metric) -> Table:
    if metric.function:
        return METRIC_VALUES
    return INTEGRATION_METRICS if name in INTEGRATION else GEOMETRY
