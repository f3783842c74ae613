"""Build the article: from tables, figures and plain values to one self-contained HTML page."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
import yaml
from markupsafe import Markup

from rankstudy.core.errors import StudyError, listing
from rankstudy.core.files import atomic
from rankstudy.report.article.batches import alike_by_batch
from rankstudy.report.article.numbers import Numbers, formatted
from rankstudy.report.article.published import published_columns, published_rows
from rankstudy.report.article.run import run_table
from rankstudy.report.article.sentences import (
    BATCH_DRIVEN_VERDICTS,
    SHARPNESS,
    VERDICTS,
    headline,
    models_beside_others,
)
from rankstudy.report.article.values_words import VALUES
from rankstudy.report.article.verdicts import judged, overall, standing, verdict_of, verdicts
from rankstudy.report.tables import RUN

_HERE = Path(__file__).resolve().parent
_PIXELS_PER_POINT = 96 / 72


def build_article(
    tables: Mapping[str, Mapping[str, str | os.PathLike]],
    figures: Mapping[str, Mapping[str, str | os.PathLike]],
    about: Mapping[str, Any],
    *,
    output: str | os.PathLike,
    run_out: str | os.PathLike,
    run_tsv: str | os.PathLike,
) -> None:
    """Write the article and the table `run` that it looks settings and versions up in.

    The same input gives the same bytes. Nothing is left under a final name if a number is not found.

    Parameters
    ----------
    tables
        Per data set, the path of each table by its name: those of `results/<dataset>/tables/`, `cell_types` and
        `source_genes`. Under the empty name those of the training, `training_cells` and `training_loss`, if the study
        trained a model.
    figures
        Per data set, and under the empty name for the whole run, the path of each figure (SVG) by its name; those that
        are not given are left out of the page.
    about
        What `rankstudy.report.article.run.run_table` takes.
    output
        The page.
    run_out, run_tsv
        Where the table `run` goes.

    Raises
    ------
    StudyError
        If a table, a row or a figure is missing; the message names the table and the condition.
    """
    with atomic(output) as page, atomic(run_out) as run, atomic(run_tsv) as text:
        RUN.write(run_table(about), run, text)
        of_run = {**tables.get("", {}), "run": run}
        numbers = Numbers({**tables, "": of_run}, labels={str(run): str(run_out)})
        page.write_text(_render(numbers, figures, about), encoding="utf-8")


def by_name(paths: Iterable[str | os.PathLike]) -> dict[str, str]:
    """Return paths by the name of the file."""
    return {Path(path).stem: str(path) for path in paths}


def by_dataset(paths: Iterable[str | os.PathLike], level: int) -> dict[str, dict[str, str]]:
    """Return paths per data set by the name of the file; the data set is the folder `level` steps above the file."""
    found: dict[str, dict[str, str]] = {}
    for path in map(Path, paths):
        found.setdefault(path.parents[level - 1].name, {})[path.stem] = str(path)
    return found


def _render(numbers: Numbers, figures: Mapping[str, Mapping[str, Any]], about: Mapping[str, Any]) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(anchor=anchor, formatted=formatted, doi_address=doi_address)
    environment.globals.update(
        value=numbers.value,
        derived=numbers.derived,
        difference=numbers.difference,
        rows=numbers.rows,
        has=numbers.has,
        run=numbers.run,
        setting=numbers.setting,
        headline=headline,
        verdict_words=VERDICTS,
        sharpness=SHARPNESS,
        batch_driven_words=BATCH_DRIVEN_VERDICTS,
        models_beside_others=models_beside_others,
        judged=partial(judged, numbers, about["datasets"]),
        overall=partial(overall, numbers, about["datasets"]),
        standing=partial(standing, numbers, about["datasets"]),
        verdicts=partial(verdicts, numbers),
        verdict_of=partial(verdict_of, numbers),
        values_words=VALUES,
        alike_by_batch=partial(alike_by_batch, numbers),
        weakest_type=partial(weakest_type, numbers),
        below_chance=partial(below_chance, numbers),
        picture=partial(picture, figures),
    )
    return environment.get_template("article.html.jinja").render(
        datasets=about["datasets"],
        options=about["options"],
        seeds=_seeds(numbers, about),
        gene_methods=[(str(numbers.setting(f"{name}.genes.method")), name) for name in about["datasets"]],
        spaces=described(numbers, about),
        controls=[name for name, space in about["spaces"].items() if space["role"] == "control"],
        models=by_kind(about),
        methods=[model["methods"] for model in about["models"].values() if model["methods"]],
        tokens=about["tokens"],
        tokenised=[name for name, words in about["datasets"].items() if words["tokens"]],
        figures=figures,
        published=published_rows(),
        published_columns=published_columns(),
        metrics=about["metrics"],
        references=yaml.safe_load((_HERE / "references.yaml").read_text(encoding="utf-8")),
        style=Markup((_HERE / "article.css").read_text(encoding="utf-8").replace("</", "<\\/")),
    )


def _seeds(numbers: Numbers, about: Mapping[str, Any]) -> list[int]:
    """Return the seeds in the order of the run, after checking that every data set has exactly these."""
    seeds = [int(text) for text in str(numbers.setting("seeds")).split(", ")]
    for dataset in about["datasets"]:
        found = {row["seed"] for row in numbers.rows(dataset, "effect_sizes", "seed")}
        if found != set(seeds):
            raise StudyError(
                f"article: {numbers.path(dataset, 'effect_sizes')} has the seeds {listing(sorted(found))}, the run "
                f"has {listing(seeds)}"
            )
    return seeds


def described(numbers: Numbers, about: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the spaces of the run in their order.

    Returns
    -------
    Per space `home`, the first data set that has it; from the table `spaces` of that data set `title`, a looked-up
    value, and `measure`; whether it is of a `model`, and `fitted`. A model has the same title in every data set.
    """
    homes: dict[str, str] = {}
    for dataset, words in about["datasets"].items():
        homes = {**dict.fromkeys([*words["spaces"], *words["controls"]], dataset), **homes}
    return {
        space: {
            "home": homes[space],
            "title": numbers.value(homes[space], "spaces", "title", style="text", space=space),
            "measure": numbers.value(homes[space], "spaces", "measure", space=space).raw,
            "model": declared["model"] is not None,
            "fitted": declared["parent"] is not None,
        }
        for space, declared in about["spaces"].items()
    }


def by_kind(about: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the models of the run by their kind (`published`, `trained`, `untrained`)."""
    found: dict[str, list[str]] = {}
    for name, model in about["models"].items():
        found.setdefault(model["kind"], []).append(name)
    return found


def weakest_type(numbers: Numbers, dataset: str, space: str, seed: int) -> str:
    """Return the cell type of the least AUROC in a space."""
    found = numbers.rows(dataset, "effect_sizes", "cell_type", "auroc", space=space, seed=seed)
    return min((row["auroc"], row["cell_type"]) for row in found if row["cell_type"] is not None)[1]


def below_chance(numbers: Numbers, dataset: str, space: str, seeds: Iterable[int]) -> list[str]:
    """Return the types whose own pairs are, in every replicate, more often less alike than those with others."""
    seeds = list(seeds)
    low: dict[str, int] = {}
    for row in numbers.rows(dataset, "effect_sizes", "cell_type", "seed", "auroc", "auroc_error", space=space):
        if row["cell_type"] is not None and row["auroc"] + row["auroc_error"] < 0.5:
            low[row["cell_type"]] = low.get(row["cell_type"], 0) + 1
    return sorted(label for label, n in low.items() if n == len(seeds))


def picture(figures: Mapping[str, Mapping[str, str | os.PathLike]], dataset: str, name: str) -> dict[str, Any]:
    """Return a figure as a `data:` address, with its width in CSS pixels (0: not stated)."""
    path = Path(figures[dataset][name])
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StudyError(f"article: figure {path} cannot be read: {error.strerror}") from error
    width = re.search(rb'<svg[^>]*?\swidth="([\d.]+)pt"', content[:4000])
    return {
        "address": "data:image/svg+xml;base64," + base64.b64encode(content).decode("ascii"),
        "width": round(float(width[1]) * _PIXELS_PER_POINT) if width else 0,
    }


def anchor(text: str) -> str:
    """Return a text as the name of a place in the page."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def doi_address(doi: str) -> str:
    """Return the address of a DOI; whatever the DOI holds, it stays a path at the resolver."""
    return "https://doi.org/" + quote(doi, safe="/().:;-_")
