"""The literature: software, methods, models."""

from __future__ import annotations

from typing import Any

from rankstudy.report.article.looked_at import has_causes
from rankstudy.report.article.sentences.data import citation
from rankstudy.report.article.sentences.ledgers import has_ledgers
from rankstudy.report.article.sentences.settings import has_curves
from rankstudy.report.article.sentences.statistics import has_metrics
from rankstudy.report.article.study import Study

_HEADINGS = (
    ("Software", ("software", "model_software")),
    (
        "Methods",
        (
            *("methods", "settings_methods", "lattice_methods", "cause_methods", "family_methods"),
            *("metrics_methods", "model_methods", "ontology_methods"),
        ),
    ),
    ("Models in the question", ("question", "encodings")),
)


def references(study: Study) -> list[tuple[str, list[tuple[str, dict[str, Any]]]]]:
    """Return headings with the references below them; groups that the run has no use for are left out."""
    unused = {
        *(() if study.about["models"] or study.about["texts"]["models"] else ("model_software",)),
        *(() if study.about["models"] else ("model_methods",)),
        *(() if study.has_setting("ontology.title") else ("ontology_methods",)),
        *(() if has_metrics(study) else ("metrics_methods",)),
        *(() if has_curves(study) else ("settings_methods",)),
        *(() if has_ledgers(study) else ("lattice_methods",)),
        *(() if has_causes(study) else ("cause_methods",)),
        *(() if has_curves(study) or has_ledgers(study) or has_causes(study) else ("family_methods",)),
    }
    return [
        (
            heading,
            [
                _entry(study, name, of)
                for group in groups
                if group not in unused
                for name, of in study.references[group].items()
                if group != "encodings" or study.names_in_methods(name)
            ],
        )
        for heading, groups in _HEADINGS
    ]


def _entry(study: Study, name: str, of: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    version = f"version.{name}"
    shown = study.run(version) if study.has_setting(version) else ""
    return name, {"name": of["name"], "version": shown, "citation": citation(of)}
