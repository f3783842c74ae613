"""Small data sets whose lattice a brute force can follow, and that brute force."""

from dataclasses import asdict

import numpy as np
import pandas as pd

from rankstudy.core.draws import keys_of_cells, keys_of_genes, mixed
from rankstudy.measures.lattice.tables import TABLES
from rankstudy.measures.lattice.walk import walk_lattice
from rankstudy.spaces.steps import Steps
from tests.unit.curve_toys import NAMES, PANELS, asked_of, tables_in

FIRST, LEVELS = 12, 3
_GENES = "rankstudy.spaces.encodings.genes"


def cut(cells):
    """Return the order of the first genes, ties at random: cells x genes."""
    from rankstudy.spaces.encodings.draws import uniforms_of
    from rankstudy.spaces.encodings.orders import order_vectors

    return order_vectors(cells.counts, FIRST, chance=uniforms_of(cells))


def nothing(cells):
    """Return an order of no gene: cells x genes."""
    return cells.counts.astype(np.float32) * 0


def levels(cells):
    """Return the integer part of log2(1 + CP10K), at most 3: cells x genes."""
    from rankstudy.spaces.encodings.stored import per_ten_thousand, with_values

    of = per_ten_thousand(cells.counts, cells.totals)
    return with_values(cells.counts, sum((of >= 2**level - 1).astype(float) for level in range(1, LEVELS + 1)))


def encoding(function, steps, vocabulary=None, order=True):
    """Return what the job has to know of an encoding; `same` is a vocabulary of all genes of the file."""
    kind = "SelectedGenes" if vocabulary is None else "FileGenes"
    return {
        "function": function,
        "genes": f"{_GENES}:{kind}",
        "order": order,
        "vocabulary": vocabulary,
        "steps": asdict(steps),
    }


ENCODINGS = {
    "expression": encoding(
        "rankstudy.spaces.encodings.expression:log1p_cp10k", Steps(total="all genes", logarithm="ln"), order=False
    ),
    "rank": encoding("rankstudy.spaces.encodings.rank:fractional_ranks", Steps(kept="order")),
    "cut": encoding("tests.unit.lattice_toys:cut", Steps(kept="order", first=FIRST, ties="chance"), "same"),
    "levels": encoding(
        "tests.unit.lattice_toys:levels",
        Steps(total="all genes", logarithm="log2", kept="levels", number=LEVELS),
        "file",
        order=False,
    ),
}
LEDGERS = [["cut", "expression"], ["levels", "expression"], ["rank", "expression"]]


def walked(of, name="walked", **changes):
    """Walk the lattice of a study of `tests.unit.curve_toys` and return its tables by name."""
    outputs, read = tables_in(of.folder / name, TABLES)
    asked = asked_of(of, changes.pop("encodings", ENCODINGS), changes)
    walk_lattice(asked, **{"ledgers": LEDGERS, "outputs": outputs, "threads": 1} | changes)
    return read()


def slow_vectors(counts, ids, corner, panel, draw):
    """Return the vectors of a corner (a row of the table) over a panel, a cell at a time, by its definition."""
    read = list(PANELS[panel] if corner.vocabulary == "panel" else range(len(NAMES)))
    of_cells = zip(counts, ids, strict=True)
    rows = [_slow(row[read], row.sum(), corner, _chance(cell, read, draw)) for row, cell in of_cells]
    over = np.zeros((len(counts), len(NAMES)))
    over[:, read] = rows
    return over[:, PANELS[panel]].astype(np.float32)


def _chance(cell, read, draw):
    key = keys_of_cells(0, [cell], *([f"draw {draw}"] if draw else []))[0]
    return np.array([(int(mixed(key ^ gene)) >> 11) * 2.0**-53 for gene in keys_of_genes([NAMES[g] for g in read])])


def _slow(row, total, corner, chance):
    if corner.kept == "order":
        return _slow_order(row, corner, chance)
    values = row / total * 10_000 if corner.total == "all genes" else row
    logged = {"none": values, "ln": np.log1p(values), "log2": np.log2(1 + values)}[corner.logarithm]
    return np.minimum(np.floor(logged + 1e-12), LEVELS) if corner.kept.endswith("levels") else logged


def _slow_order(row, corner, chance):
    """Return the vector of an order of one cell; ties share the mean of what they have."""
    second = {"chance": -chance, "columns": np.arange(len(row)), "shared": np.arange(len(row))}[corner.ties]
    order = [gene for gene in np.lexsort((second, -row)) if row[gene] > 0]
    kept = len(order) if pd.isna(corner["first"]) else min(len(order), int(corner["first"]))
    n, found = len(row), np.zeros(len(row))
    places = np.arange(1, kept + 1)
    if corner.form == "logarithm":
        of_places = np.log(np.arange(kept + 1, n + 1)).mean() - np.log(places)
    else:
        of_places = (n + kept + 1) / 2 - places
    found[order[:kept]] = of_places
    if corner.ties == "shared":
        for value in np.unique(row[row > 0]):
            found[row == value] = found[row == value].mean()
    return found
