"""Draws a figure from files as the workflow does, with a table of spaces made up from what a test says of them."""

from importlib import import_module
from pathlib import Path

import pandas as pd

from rankstudy.report import figure
from rankstudy.spaces.tables import SPACES_TABLE
from tests.unit.drawn_text import recorded_figures

OF_ANY = {
    "title": "A space",
    "short": "Space",
    "measure": "distance",
    "metric": "euclidean",
    "role": "encoding",
    "dimensions": 2,
}


def draw(name, *files, spaces=None, outputs, **settings):
    """Draw a figure by its name from the files that it reads, in the order of its declaration, the spaces last."""
    module = f"rankstudy.report.figures.{name}"
    given = [*map(str, files), *([] if spaces is None else [spaces_table(Path(outputs[0]).parent, spaces)])]
    declared = import_module(module).FIGURE.reads
    figure.draw(
        module,
        dict(zip(declared, ([path] for path in given), strict=True)),
        settings,
        paths=[str(path) for path in outputs],
    )


def spaces_table(folder, spaces):
    """Write the table of spaces; return its path."""
    rows = [{"dataset": "toy", "space": name, **OF_ANY, **about} for name, about in spaces.items()]
    path = folder / "spaces_of_the_figure.parquet"
    SPACES_TABLE.write(pd.DataFrame(rows).reindex(columns=SPACES_TABLE.names), path)
    return str(path)


def drawn(study, name, tmp_path, monkeypatch, change=None, level="dataset"):
    """Draw a figure of a made-up study after a change to each of its tables, by the table.

    Return what was drawn, and its words.
    """
    plan = study.plan
    drawing = figure.drawings(level, plan)[name]
    files = study.files(drawing, tmp_path)
    for argument, table in drawing.figure.reads.items():
        for path in files[argument]:
            table.write((change or {}).get(table, lambda frame: frame)(table.read(path)), path)
    with recorded_figures(monkeypatch) as found:
        figure.draw(drawing.module, files, drawing.settings, paths=[str(tmp_path / "a.svg")])
    module = import_module(drawing.module)
    read = {name: drawing.figure.reads[name].read_all(paths) for name, paths in files.items()}
    return found[0], module.finding(**read, **drawing.settings)
