"""Small data sets whose cells are changed gene by gene: encodings of every kind, with known answers or brute force."""

import numpy as np
import scipy.sparse as sp

from rankstudy.measures.causes.looked_at import LookedAt
from rankstudy.measures.changes.tables import TABLES
from rankstudy.spaces.encodings.genes import FileGenes
from rankstudy.spaces.steps import Steps
from tests.unit.curve_toys import asked_of, tables_in
from tests.unit.lattice_toys import FIRST, LEVELS, encoding

_PUBLISHED = "rankstudy.spaces.encodings.published"


class Vocabulary(FileGenes):
    """Genes of a vocabulary: a fifth of the genes are not in it, a sixth are one gene with the one before."""

    def known_as(self, names, what):
        numbers = [int(name[1:]) for name in names]
        return [None if n % 5 == 3 else f"g{n - 1}" if n % 6 == 5 else f"g{n}" for n in numbers]

    def medians(self, genes):
        return np.array([1 + 0.25 * (int(gene[1:]) % 7) for gene in genes])


def first_by_columns(cells):
    """Return the order of counts over medians, the first genes: cells x genes."""
    from rankstudy.spaces.encodings.orders import order_vectors
    from rankstudy.spaces.encodings.stored import over_medians

    return order_vectors(over_medians(cells.counts, cells.medians), FIRST)


def scaled_bins(cells):
    """Return bins of counts over medians: cells x genes."""
    from rankstudy.spaces.encodings.bins import quantile_bins
    from rankstudy.spaces.encodings.draws import uniforms_of
    from rankstudy.spaces.encodings.stored import over_medians, with_values

    over = over_medians(cells.counts, cells.medians)
    return with_values(cells.counts, quantile_bins(over.indptr, over.data, 10, uniforms_of(cells)))


def _of(function, steps, *, order=False):
    return encoding(function, steps, "toy", order) | {"genes": "tests.unit.changes_toys:Vocabulary"}


def _selected(function, steps, *, order=False):
    return encoding(f"rankstudy.spaces.encodings.{function}", steps, None, order)


_LEVELS = {"logarithm": "log2", "kept": "levels"}
ENCODINGS = {
    "rank": _selected("rank:fractional_ranks", Steps(kept="order"), order=True),
    "expression": _selected("expression:log1p_cp10k", Steps(total="all genes", logarithm="ln")),
    "detection": _selected("detection:detected", Steps(kept="presence")),
    "by chance": _of("tests.unit.lattice_toys:cut", Steps(kept="order", first=FIRST, ties="chance"), order=True),
    "by columns": _of(
        "tests.unit.changes_toys:first_by_columns",
        Steps(scaled=True, kept="order", first=FIRST, ties="columns"),
        order=True,
    ),
    "whole order": _of(f"{_PUBLISHED}.genept:order", Steps(kept="order", first=1000, ties="columns"), order=True),
    "bins": _of(f"{_PUBLISHED}.scgpt:bins", Steps(kept="bins", number=50, ties="chance")),
    "fixed bins": _of(f"{_PUBLISHED}.scgpt:bins_fixed", Steps(kept="bins", number=50)),
    "scaled bins": _of(
        "tests.unit.changes_toys:scaled_bins", Steps(scaled=True, kept="bins", number=10, ties="chance")
    ),
    "levels": _of(f"{_PUBLISHED}.scbert:levels", Steps(total="its genes", number=5, **_LEVELS)),
    "levels of all": _of("tests.unit.lattice_toys:levels", Steps(total="all genes", number=LEVELS, **_LEVELS)),
    "values": _of(f"{_PUBLISHED}.scfoundation:values", Steps(total="its genes", logarithm="ln")),
}
# of these there is no closed form
ANEW = {"compass": _of(f"{_PUBLISHED}.genecompass:values", Steps()) | {"steps": None}}


def looked_at(of, encodings=ENCODINGS, **changes):
    """Return the cells of a study of `tests.unit.curve_toys`, with these encodings."""
    asked = asked_of(of, encodings, changes)
    whole, _ = asked.read()
    return LookedAt.of(asked, asked.material(whole))


def changed(of, name="changed", **changes):
    """Run the job on a study of `tests.unit.curve_toys` and return its tables by name."""
    from rankstudy.measures.changes.change import change_genes

    outputs, read = tables_in(of.folder / name, TABLES)
    asked = asked_of(of, changes.pop("encodings", ENCODINGS | ANEW), changes)
    change_genes(asked, **{"changed_cells": 12, "undetected": 10, "outputs": outputs, "threads": 1} | changes)
    return read()


def real_valued(looked, name, counts, ids, gene, values):
    """Return all of the vectors of a cell in which a gene of the file has each of these counts, which may be any."""
    from rankstudy.measures.changes.anew import Encoding

    rows = np.tile(counts, (len(values), 1))
    rows[:, gene] = values
    return Encoding(looked, name).vectors(sp.csr_matrix(rows), np.full(len(values), ids)).whole.toarray()
