"""A figure as the workflow sees it: a module of `rankstudy.report.figures` that declares what it draws.

Such a module holds `FIGURE`, and a function `draw`, which gets what the figure reads, its settings, and as `outputs`
what to write. A function `finding`, which gets the same but for the last, says in one or two sentences what the drawing
shows; the file keeps them (`dc:description` of an SVG) for who does not see it. The rule, its files, the list of
figures, the article and the report follow from the declaration.

Snakemake reads the declarations while it builds the graph, without the packages that draw: a figure imports these
inside functions.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from rankstudy.core.errors import StudyError, advise
from rankstudy.core.modules import load
from rankstudy.core.tables import Table
from rankstudy.report import figures

Level = Literal["dataset", "study"]

# the folder of the figures of which there is one for all data sets
OF_STUDY = "study"


class Outputs(NamedTuple):
    """The files that a figure becomes, as the ends of the names say (.svg, .png), and what it shows, in words."""

    paths: Sequence[str]
    description: str


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What a figure shows, what it is drawn from, and of what there is one.

    Attributes
    ----------
    title
        Its heading in Snakemake's report.
    caption
        The text below it there and in the article (reStructuredText, of which the article knows ``code``); `{dataset}`
        and the names of settings stand for their values. Or a function that returns it, given the plan of the data set
        or of the study.
    section
        The section of the article that it stands in (`rankstudy/report/article/pages.py`); a figure without one stands
        at the end of the page.
    reads
        The tables that `draw` gets as frames, by the name of the argument; or the path of another file, which it gets
        as a path. In a path, `<dataset>` stands for the data set and `<seed>` for the first seed; of a table of data
        sets a figure of the study gets the rows of all.
    without
        Names of what it reads that there is not, given the same plan: `draw` is not given them.
    among
        Of a figure of the study, the data sets that have one of the tables that it reads, by the name of the argument,
        given the same plan; by default all have it.
    level
        Whether there is one for each data set, or one for the study.
    when
        Whether it can be drawn, given the plan of the data set or of the study (see `rankstudy/config`).
    settings
        What else `draw` gets, given the same plan: plain values by the name of the argument.
    each
        Of what in the data set or study there is one, given the same plan: spaces, or pairs of them. Each name becomes
        a part of the names of files, and the argument `of`. By default there is one drawing, without it.
    """

    title: str
    caption: str | Callable[[Any], str]
    section: str = ""
    reads: Mapping[str, Table | str]
    without: Callable[[Any], Collection[str]] = lambda plan: ()
    among: Callable[[Any], Mapping[str, Collection[str]]] = lambda plan: {}
    level: Level = "dataset"
    when: Callable[[Any], Any] = lambda plan: True
    settings: Callable[[Any], dict[str, Any]] = lambda plan: {}
    each: Callable[[Any], Iterable[str]] | None = None

    def of(self, plan: Any) -> Figure:
        """Return what is declared for a data set or study, given its plan."""
        caption = self.caption if isinstance(self.caption, str) else self.caption(plan)
        missing = self.without(plan)
        reads = {name: table for name, table in self.reads.items() if name not in missing}
        return replace(self, caption=caption, reads=reads)

    def drawings(self, plan: Any) -> dict[str, dict[str, Any]]:
        """Return the settings of each drawing, by what the names of its files have after the figure's."""
        if not self.when(plan):
            return {}
        settings = self.settings(plan)
        if self.each is None:
            return {"": settings}
        return {f"-{name}": {**settings, "of": name} for name in self.each(plan)}


class Drawing(NamedTuple):
    """A figure of one data set, or of the study: its module, what that declares, its settings, and what few have."""

    module: str
    figure: Figure
    settings: dict[str, Any]
    among: Mapping[str, Collection[str]] = MappingProxyType({})

    def files(self, datasets: Collection[str], seed: int) -> dict[str, list[str]]:
        """Return the paths that it reads, by the name of the argument of `draw`: one, or one for each data set."""
        paths = {name: _path(of).replace("<seed>", str(seed)) for name, of in self.figure.reads.items()}
        return {
            name: list(dict.fromkeys(path.replace("<dataset>", of) for of in self.among.get(name, datasets)))
            for name, path in paths.items()
        }

    def caption(self, dataset: str) -> str:
        """Return the text below it in Snakemake's report."""
        return self.figure.caption.format(dataset=dataset, **self.settings)


def of_one_seed(table: Table) -> Table:
    """Return a table as it is written for each seed, before those of all seeds are put together."""
    return replace(table, location=f"results/<dataset>/<seed>/{table.name}.parquet")


def modules(plugins: Iterable[str] = ()) -> dict[str, str]:
    """Return the module of each figure by the figure's name, which is that of its file.

    Raises
    ------
    StudyError
        If a plug-in's figure has the name of another one, or is none.
    """
    found = {module.name: f"{figures.__name__}.{module.name}" for module in pkgutil.iter_modules(figures.__path__)}
    for path in plugins:
        name = Path(path).stem
        if hasattr(load(path), "FIGURE"):
            _require_figure(name, path, found)
            found[name] = path
    return {name: module for name, module in found.items() if hasattr(load(module), "FIGURE")}


def _require_figure(name: str, path: str, taken: Collection[str]) -> None:
    if name in taken or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        what = "there is a figure of this name already" if name in taken else "is no name for a figure"
        problem = f"{path}: {name!r}: {what}"
        raise StudyError(advise(problem, "rename the file: lower-case letters, digits and _, such as my_figure.py"))
    module = load(path)
    if not isinstance(module.FIGURE, Figure) or not callable(getattr(module, "draw", None)):
        problem = f"{path}: FIGURE is no `Figure(...)`, or there is no function `draw`"
        raise StudyError(advise(problem, "declare `FIGURE = Figure(...)` and write `draw`"))


def drawings(level: Level, plan: Any, plugins: Iterable[str] = ()) -> dict[str, Drawing]:
    """Return every drawing of a data set, or of the study, by the name of its files; given its plan."""
    declared = {name: (module, load(module).FIGURE) for name, module in modules(plugins).items()}
    return {
        f"{name}{part}": Drawing(module, figure.of(plan), settings, figure.among(plan))
        for name, (module, figure) in declared.items()
        if figure.level == level
        for part, settings in figure.drawings(plan).items()
    }


def draw(module: str, files: Mapping[str, Sequence[str]], settings: Mapping[str, Any], *, paths: Sequence[str]) -> None:
    """Read what a figure declares and draw it.

    Parameters
    ----------
    module
        The figure's module.
    files
        Paths that it reads, by the name of the argument.
    settings
        What else it gets.
    paths
        Where it is written, as the ends of the names say (.svg, .png).

    Raises
    ------
    StudyError
        If a file is not the table that the figure declares.
    """
    drawn = load(module)
    reads = drawn.FIGURE.reads
    read = {
        name: reads[name].read_all(found) if isinstance(reads[name], Table) else found[0]
        for name, found in files.items()
    }
    finding = getattr(drawn, "finding", lambda **given: drawn.FIGURE.title)
    drawn.draw(**read, **settings, outputs=Outputs(paths, finding(**read, **settings)))


def _path(of: Table | str) -> str:
    return of.location.split(", ")[0] if isinstance(of, Table) else of
