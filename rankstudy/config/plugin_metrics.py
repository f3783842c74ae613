"""The metrics of a study: those of the package, and those that its plug-ins declare under `METRICS`."""

from __future__ import annotations

from dataclasses import replace

from rankstudy.config.study_model import Study
from rankstudy.core.modules import load
from rankstudy.measures.field.metrics import METRICS, Metric
from rankstudy.spaces.catalogue import beside, declared, function_of


def metrics_of(study: Study) -> dict[str, Metric]:
    """Return the metrics that a study computes: those of the package if it says so, and all of its plug-ins.

    Raises
    ------
    StudyError
        If a file cannot be executed, or declares what cannot be used.
    """
    found: dict[str, Metric] = {}
    for path in study.plugins:
        module = load(path)
        for name, metric in declared(module, path, "METRICS", Metric, METRICS | found).items():
            function = function_of(module, path, metric.function, f"METRICS[{name!r}]")
            found[name] = replace(metric, function=function, environment=beside(metric.environment, path))
    return (METRICS if study.field_metrics else {}) | found
