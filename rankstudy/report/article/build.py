"""Build the article: from tables, figures and plain values to self-contained HTML pages."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rankstudy.core.files import atomic
from rankstudy.report.article.compared import answer_table
from rankstudy.report.article.numbers import Numbers
from rankstudy.report.article.pages import Figures, pages
from rankstudy.report.article.run import run_table
from rankstudy.report.article.study import Study
from rankstudy.report.tables import ANSWER, RUN

Paths = Mapping[str, str | os.PathLike]


def build_article(
    tables: Mapping[str, Paths],
    figures: Figures,
    about: Mapping[str, Any],
    *,
    outputs: Collection[str | os.PathLike],
    run: Paths,
    answer: Paths,
) -> None:
    """Write the pages of the article, and the tables `run` and `answer` that they look values up in.

    The same input gives the same bytes. Nothing is left under a final name if a number is not found. Pages of
    data sets that are no longer in the study, which lie beside these, are removed.

    Parameters
    ----------
    tables
        Per data set, the path of each table by its name: those of `results/<dataset>/tables/`, `cell_types` and
        `source_genes`. Under the empty name those of the training, `training_cells` and `training_loss`, if the study
        trained a model.
    figures
        Per data set, and under the empty name for the whole run, the path of each figure (SVG) by its name; those that
        are not given are left out.
    about
        What `rankstudy.report.article.run.run_table` takes.
    outputs
        The pages, named as `rankstudy.report.article.pages.page_names` says.
    run, answer
        Where the tables go, as `parquet` and as `tsv`.

    Raises
    ------
    StudyError
        If a table, a row or a figure is missing; the message names the table and the condition.
    """
    with ExitStack() as written:

        def new(paths: Paths) -> dict[str, Path]:
            return {name: written.enter_context(atomic(path)) for name, path in paths.items()}

        of_run, of_answer, of_pages = new(run), new(answer), new({Path(path).name: path for path in outputs})
        labels = {str(of_run["parquet"]): str(run["parquet"]), str(of_answer["parquet"]): str(answer["parquet"])}
        study = study_of(tables, about, run=of_run, answer=of_answer, labels=labels)
        contents = pages(study, figures)
        for name, path in of_pages.items():
            path.write_text(contents[name], encoding="utf-8")
    _remove_other_pages(outputs)


def _remove_other_pages(outputs: Iterable[str | os.PathLike]) -> None:
    """Remove what looks like a page of the article and is none; the report packs whatever lies in the folder."""
    pages = {Path(path) for path in outputs}
    for folder in {page.parent for page in pages}:
        for page in set(folder.glob("*.html")) - pages:
            page.unlink()


def study_of(
    tables: Mapping[str, Paths],
    about: Mapping[str, Any],
    *,
    run: Paths,
    answer: Paths,
    labels: Mapping[str, str] | None = None,
) -> Study:
    """Write the tables `run` and `answer`, and return what sentences are functions of; `labels` are as of Numbers."""
    of_run = {**tables.get("", {}), "run": run["parquet"]}
    RUN.write(run_table(about), run["parquet"], run["tsv"])
    study = Study(Numbers({**tables, "": of_run}, labels), about)
    ANSWER.write(answer_table(study), answer["parquet"], answer["tsv"])
    return Study(Numbers({**tables, "": {**of_run, "answer": answer["parquet"]}}, labels), about)


def by_name(paths: Iterable[str | os.PathLike]) -> dict[str, str]:
    """Return paths by the name of the file."""
    return {Path(path).stem: str(path) for path in paths}


def by_dataset(paths: Iterable[str | os.PathLike], level: int) -> dict[str, dict[str, str]]:
    """Return paths per data set by the name of the file; the data set is the folder `level` steps above the file."""
    found: dict[str, dict[str, str]] = {}
    for path in map(Path, paths):
        found.setdefault(path.parents[level - 1].name, {})[path.stem] = str(path)
    return found
