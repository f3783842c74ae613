"""Draws a figure from files as the workflow does, with a table of spaces made up from what a test says of them."""

from importlib import import_module
from pathlib import Path

import pandas as pd

from rankstudy.report import figure
from rankstudy.spaces.tables import SPACES_TABLE

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
