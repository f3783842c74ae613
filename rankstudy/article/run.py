"""The table `run`: settings, seeds, versions and commit, so that the text looks these up like any other number."""

from __future__ import annotations

import importlib.metadata
import inspect
import platform
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rankstudy.registry import SPACES
from rankstudy.tables import Column, Table

RUN = Table(
    "run",
    "What was run: the settings, the seeds, the versions of the software, the commit.",
    (
        Column("key", "text", "what: a key of the configuration, `<dataset>.<key>`, `version.<package>`, ..."),
        Column("value", "text", "its value as text; empty if it is not set", optional=True),
        Column("meaning", "text", "what it means"),
    ),
    ("key",),
    location="results/article/run.parquet, .tsv",
)

# packages whose results or files the study consists of
PACKAGES = (
    "anndata",
    "h5py",
    "jinja2",
    "matplotlib",
    "numba",
    "numpy",
    "pandas",
    "pyarrow",
    "pynndescent",
    "scanpy",
    "scikit-learn",
    "scipy",
    "seaborn",
    "umap-learn",
)
_UMAP_DEFAULTS = ("n_neighbors", "min_dist", "metric", "init")


def run_table(about: Mapping[str, Any]) -> pd.DataFrame:
    """Return the table `run`.

    Parameters
    ----------
    about
        What `rankstudy.article.about.describe` returns, with `commit`, `command` and `snakemake` (its version) added.
    """
    rows = [(row["key"], row["value"], row["meaning"]) for row in about["settings"]]
    rows += _fixed({name for dataset in about["datasets"].values() for name in dataset["spaces"]})
    rows += [
        ("commit", about["commit"], "Commit of the workflow's folder."),
        ("command", about["command"], "Command that runs the study."),
        ("version.snakemake", about["snakemake"], "Version of Snakemake."),
        ("version.python", platform.python_version(), "Version of Python in the job's environment."),
        *((f"version.{name}", version, f"Version of {name}.") for name, version in _versions(PACKAGES)),
    ]
    return pd.DataFrame(rows, columns=RUN.names)


def _versions(names: Sequence[str]) -> list[tuple[str, str]]:
    found = []
    for name in names:
        try:
            found.append((name, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _fixed(spaces: set[str]) -> list[tuple[str, str, str]]:
    """Return what is fixed in the code or in a package's defaults, read from where it takes effect."""
    from rankstudy.encodings.expression import TARGET
    from rankstudy.pairs.grids import BINS

    rows = [("target_counts", f"{TARGET:.0f}", "Counts that the total of a cell is scaled to before the logarithm.")]
    rows += [("bins", str(BINS), "Equal bins that a measure is counted on, over its whole range, for the AUROC.")]
    if any(SPACES[name].settings == "umap" for name in spaces):
        import umap

        parameters = inspect.signature(umap.UMAP.__init__).parameters
        rows += [(f"umap.{n}", str(parameters[n].default), f"Default {n} of umap-learn.") for n in _UMAP_DEFAULTS]
    return rows
