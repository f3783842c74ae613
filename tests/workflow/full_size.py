"""The full study as it stands once everything is downloaded and indexed: empty files where only the graph looks.

Snakemake then knows the cell types, and `snakemake -n` builds the whole graph of jobs; no job could run on these files.
"""

import os
from pathlib import Path

import yaml

from rankstudy.config import load_study
from rankstudy.core.cell_types import slugs
from tests.workflow.harness import ROOT

STUDY = ROOT / "config" / "study.yaml"
# the published numbers of types; where batches without counts are left out, some types may be lost
TYPES = {
    "mathys_cortex": 54,
    "luecken_pancreas": 14,
    "luecken_pancreas_ranks": 14,
    "luecken_immune_human": 16,
    "luecken_lung": 17,
    "luecken_lung_ranks": 17,
    "luecken_sim1": 7,
    "luecken_sim2": 4,
    "tabula_sapiens_v1": 89,
}
CELLS = 1000  # of each type: more than are drawn


def write_indexed(folder):
    """Write a working directory in which every file of `config/study.yaml` is downloaded and every data set indexed."""
    folder = Path(folder)
    accepted = folder / "config" / "datasets" / "mathys_cortex.yaml"
    accepted.parent.mkdir(parents=True)
    text = (ROOT / "config" / "datasets" / accepted.name).read_text()
    accepted.write_text(text.replace("accept_terms: false", "accept_terms: true"))
    study = plan(folder)
    assert list(study.datasets) == list(TYPES)
    for dataset in study.datasets.values():
        for path in [*dataset.downloads, *(part.path for part in dataset.parts.values())]:
            _touch(folder / path)
            _touch(folder / f"{path}.json")
    for role in study.release.members:
        _touch(folder / study.release.path(role))
    for name, dataset in study.datasets.items():
        for part in dataset.parts:
            for kind in ("cells", "genes", "choices"):
                _touch(folder / f"results/{name}/index/{part}.{kind}.parquet")
    for name in study.datasets:
        for file in ("cells", "cell_types", "source_genes"):
            _touch(folder / f"results/{name}/{file}.parquet")
        for file in ("batches", "source_parts", "type_batches"):
            for kind in ("parquet", "tsv"):
                _touch(folder / f"results/{name}/tables/{file}.{kind}")
        labels = [f"type {i}" for i in range(TYPES[name])]
        lines = [f"{name}\t{label}\t{slug}\t{CELLS}" for label, slug in slugs(labels).items()]
        (folder / f"results/{name}/cell_types.tsv").write_text(
            "\n".join(["dataset\tcell_type\tslug\tn_cells", *lines]) + "\n"
        )


def plan(folder):
    """Return `config/study.yaml` as the rules see it in a working directory."""
    default = ROOT / "config" / "config.yaml"
    merged = yaml.safe_load(default.read_text()) | yaml.safe_load(STUDY.read_text())
    before = Path.cwd()
    os.chdir(folder)
    try:
        return load_study(merged, [str(default), str(STUDY)], ROOT)
    finally:
        os.chdir(before)


def _touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
