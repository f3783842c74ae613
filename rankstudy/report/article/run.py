"""The table `run`: settings, seeds, versions and commit, so that the text looks these up like any other number."""

from __future__ import annotations

import importlib.metadata
import inspect
import platform
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from rankstudy.report.tables import RUN
from rankstudy.spaces.models.geneformer import losses
from rankstudy.spaces.tokens.geneformer.versions import VERSIONS

# packages whose results or files the study consists of
PACKAGES = (
    "anndata",
    "h5py",
    "harmonypy",
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
_ELSEWHERE = "What lies outside of the workflow's folder: commands have its name alone; put it there, or give its path."
_MASKING = {
    "MASKED": ("masked", "Share of the genes of a cell that are to be predicted."),
    "SHOWN_AS_MASK": ("shown_as_mask", "Of these, share that is replaced by the token <mask>."),
    "SHOWN_AS_RANDOM": ("shown_as_random", "Of these, share that is replaced by a gene drawn at random."),
}


def run_table(about: Mapping[str, Any]) -> pd.DataFrame:
    """Return the table `run`.

    Parameters
    ----------
    about
        What `rankstudy.report.article.about.describe` and `rankstudy.run.provenance.command` return, with `commit`,
        `snakemake` (its version) and `pinned` (versions of the packages that only the models need) added.
    """
    rows = [(row["key"], row["value"], row["meaning"]) for row in about["settings"]]
    rows += _fixed(about["spaces"].values())
    rows += _constants(about["spaces"])
    rows += _fixed_of_models(about)
    rows += [
        ("commit", about["commit"], "Commit of the workflow's folder."),
        ("command", about["command"], "Command that runs the study, in the workflow's folder."),
        ("command.elsewhere", ", ".join(about["elsewhere"]) or None, _ELSEWHERE),
        ("command.report", about["report"], "Command that packs article and figures with their provenance."),
        ("version.snakemake", about["snakemake"], "Version of Snakemake."),
        ("version.python", platform.python_version(), "Version of Python in the job's environment."),
        *((f"version.{name}", version, f"Version of {name}.") for name, version in _versions(PACKAGES)),
        *((f"version.{n}", v, f"Version of {n} that envs/models.yaml pins.") for n, v in about["pinned"].items()),
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


def _fixed(spaces: Collection[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Return what is fixed in the code or in a package's defaults, read from where it takes effect."""
    from rankstudy.measures.gates.gates import STANDARD_ERRORS
    from rankstudy.pairs.engine.grids import BINS
    from rankstudy.pairs.likeness.ranges import MOST_CELLS
    from rankstudy.spaces.encodings.expression import TARGET

    rows = [("target_counts", f"{TARGET:.0f}", "Counts that the total of a cell is scaled to before the logarithm.")]
    rows += [("bins", str(BINS), "Equal bins that a measure is counted on, over its observed range, for the AUROC.")]
    rows += [("cells_of_range", str(MOST_CELLS), "Cells whose pairs say what range of a measure is observed.")]
    if any(space["role"] == "control" for space in spaces):
        meaning = "Standard errors that a control may be away from chance."
        rows += [("gates.standard_errors", str(STANDARD_ERRORS), meaning)]
    if any(space["settings"] == "umap" for space in spaces):
        import umap

        parameters = inspect.signature(umap.UMAP.__init__).parameters
        rows += [(f"umap.{n}", str(parameters[n].default), f"Default {n} of umap-learn.") for n in _UMAP_DEFAULTS]
    return rows


def _constants(spaces: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Return what is fixed in the code of single spaces."""
    return [
        (f"{name}.{key}", str(value), f"Fixed in the code of the space {name}; its methods say what it is.")
        for name, space in spaces.items()
        for key, value in space["constants"].items()
    ]


def _fixed_of_models(about: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return what is fixed in the code for the models of the run, of vocabularies after the first under their names."""
    rows = []
    for name, version in about["tokens"].items():
        key = f"tokens.{name}.max_length" if rows else "tokens.max_length"
        longest = str(VERSIONS[version].max_length)
        rows.append((key, longest, f"Longest input of Geneformer {version}, in tokens."))
    if any(model["kind"] == "trained" for model in about["models"].values()):
        rows += [(f"training.{key}", str(getattr(losses, name)), meaning) for name, (key, meaning) in _MASKING.items()]
    return rows
