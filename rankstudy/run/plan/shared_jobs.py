"""The jobs that belong to no data set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rankstudy.config import StudyPlan
from rankstudy.config.ontology import OntologyPlan
from rankstudy.run.plan.amounts import product, total
from rankstudy.run.plan.dataset_jobs import DatasetForecast
from rankstudy.run.plan.job import SHARED, Job, download, megabytes, training_tflop
from rankstudy.run.plan.sizes import release_mb
from rankstudy.run.runtimes import model_units


def shared_jobs(study: StudyPlan, datasets: Mapping[str, DatasetForecast]) -> Iterator[Job]:
    """Return the jobs that belong to no data set: packages, the release, models, the article."""
    for requirement in study.packages:
        benchmark = f"packages/{requirement}/download_package.tsv"
        yield download("download_package", SHARED, benchmark, study.package(requirement)["bytes"])
    release = f"geneformer/{study.release.name}"
    for file in study.release_downloads:
        benchmark = f"{release}/download_model_file/{file.path}.tsv"
        yield download("download_model_file", SHARED, benchmark, file.bytes)
    if study.tokenised:
        yield Job("convert_dictionaries", SHARED, f"{release}/convert_dictionaries.tsv")
    if study.ontology is not None:
        yield from _ontology(study.ontology)
    yield from _models(study, datasets)
    yield Job("write_article", SHARED, "article/write_article.tsv", work={"datasets": len(datasets)})


def _ontology(ontology: OntologyPlan) -> Iterator[Job]:
    source, name = ontology.model.source, f"ontology/{ontology.name}"
    if ontology.is_downloaded:
        benchmark = f"{name}/files/download_file/{source.name}.tsv"
        yield download("download_file", SHARED, benchmark, source.bytes)
    yield Job("convert_ontology", SHARED, f"{name}/convert_ontology.tsv", reads_mb=megabytes(source.bytes)["mb"])


def _models(study: StudyPlan, datasets: Mapping[str, DatasetForecast]) -> Iterator[Job]:
    def job(rule: str, **keys) -> Job:
        return Job(rule, SHARED, f"models/{rule}.tsv", **keys)

    if "published" in study.models:
        yield job("check_published_model", work={"mb": release_mb(study)}, reads_mb=release_mb(study))
    if "untrained" in study.models:
        yield job("initialise_model")
    if "trained-here" in study.models:
        cells = [datasets[name].cells.cells for name in study.tokenised]
        yield job("draw_training_cells", work={"cells": product(total(cells).value, 1e-3) if all(cells) else None})
        tflop, threads = training_tflop(study), study.study.geneformer.threads
        yield job("train_model", work={"tflop": tflop}, threads=threads, units=model_units(tflop, threads))
        yield job("draw_training_loss")
