"""What of each encoding changes when the counts do: measured on cells of known make, for `docs/encodings.md`.

`PYTHONPATH=. .venv-test/bin/python -m tests.unit.invariances` writes the table into the page; a test compares the two.
"""

import dataclasses
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from rankstudy.cells.treatments.thin import thin
from rankstudy.core.modules import resolve
from rankstudy.spaces.catalogue import BUILT_IN
from rankstudy.spaces.encodings.cell_counts import CellCounts

PAGE = Path(__file__).resolve().parents[2] / "docs" / "encodings.md"
BEGIN, END = "<!-- begin invariances -->\n", "<!-- end invariances -->\n"
N_CELLS, N_GENES, SEED = 60, 3000, 0
GENES = {None: "the selected ones", "file": "all", "symbols": "all, by symbol"}


def made_cells():
    """Return cells like those of droplets: most counts are 0, 1 or 2, totals differ tenfold."""
    random = np.random.default_rng(SEED)
    means = random.gamma(0.3, 1.0, N_GENES) * random.lognormal(0, 0.7, (N_CELLS, 1))
    counts = sp.csr_matrix(random.poisson(means).astype(float))
    return CellCounts(
        counts,
        np.asarray(counts.sum(axis=1)).ravel(),
        [f"cell{i}" for i in range(N_CELLS)],
        [f"GENE{j}" for j in range(N_GENES)],
        random.lognormal(1, 0.7, N_GENES),
        SEED,
    )


def with_counts(cells, counts):
    counts = sp.csr_matrix(counts)
    return dataclasses.replace(cells, counts=counts, totals=np.asarray(counts.sum(axis=1)).ravel())


def scaled(cells):
    return with_counts(cells, cells.counts * 3)


def squared(cells):
    return with_counts(cells, cells.counts.power(2))


def thinned(cells):
    return with_counts(cells, thin(cells.counts, cells.ids, cells.genes, keep=0.5, seed=SEED))


def reordered(cells, order=None):
    """Return the cells with their genes in another order."""
    order = np.random.default_rng(1).permutation(N_GENES) if order is None else order
    counts = cells.counts[:, order]
    counts.sort_indices()
    genes = [cells.genes[j] for j in order]
    return dataclasses.replace(cells, counts=counts, genes=genes, medians=cells.medians[order])


def untied(cells):
    """Return the cells with less than a millionth added to each count, which puts equal ones in a random order."""
    counts = cells.counts.copy()
    counts.data += np.random.default_rng(2).uniform(0, 1e-6, counts.nnz)
    return dataclasses.replace(cells, counts=counts)


def reseeded(cells):
    return dataclasses.replace(cells, seed=SEED + 1)


CHANGES = {
    "all counts times 3": scaled,
    "counts squared": squared,
    "half of the molecules": thinned,
    "genes in another order": reordered,
    "equal counts told apart": untied,
    "another seed": reseeded,
}


def encoded(name, cells):
    """Return the vectors of cells over the genes in the order of `made_cells`, dense."""
    space = BUILT_IN.spaces[name]
    function = resolve(space.function)
    vectors = function(cells.counts, cells.totals) if space.vocabulary is None else function(cells)
    back = np.argsort([int(gene.removeprefix("GENE")) for gene in cells.genes])
    return sp.csr_matrix(vectors)[:, back].toarray()


def share_changed(before, after):
    """Return the share of a cell's entries, of those that it has before or after, that are others: median of cells."""
    held = (before != 0) | (after != 0)
    moved = ~np.isclose(before, after, rtol=1e-5, atol=0) & held
    return float(np.median(moved.sum(axis=1) / held.sum(axis=1)))


def encodings():
    """Return the encodings over genes, those of published models last, each group by name."""
    found = {name: space for name, space in BUILT_IN.spaces.items() if space.is_over_genes}
    return dict(sorted(found.items(), key=lambda item: (item[1].vocabulary is not None, item[0])))


def changes():
    """Return for each encoding the share of its entries that each change moves."""
    cells = made_cells()
    others = {what: change(cells) for what, change in CHANGES.items()}
    found = {}
    for name in encodings():
        before = encoded(name, cells)
        found[name] = {what: share_changed(before, encoded(name, other)) for what, other in others.items()}
    return found


def in_words(share):
    if share == 0:
        return "the same"
    return f"{share:.0%}" if share >= 0.01 else "below 1%"


def table():
    """Return the table of the page."""
    rows = [f"| encoding | reads | {' | '.join(CHANGES)} |", "|---" * (len(CHANGES) + 2) + "|"]
    for name, moved in changes().items():
        vocabulary = encodings()[name].vocabulary
        reads = GENES.get(vocabulary, f"`{vocabulary}`")
        rows.append(f"| `{name}` | {reads} | {' | '.join(map(in_words, moved.values()))} |")
    return "\n".join(rows) + "\n"


def page():
    """Return the page with the table as it is now."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    return before + BEGIN + table() + END + rest.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
