"""Small data sets whose specification curves a brute force can follow, and that brute force."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.spatial.distance import cdist

from rankstudy.cells.treatments.one_total import at_one_total
from rankstudy.measures.settings.asked import Asked
from rankstudy.measures.settings.specify import specify_pairs
from rankstudy.measures.settings.tables import AS_MEASURED, ONE_TOTAL, SELECTED, SHARED, TABLES
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, BATCH_DRIVEN, OWN_TYPE
from rankstudy.spaces.catalogue import BUILT_IN
from tests.unit.helpers import auroc_of, write_analysed, write_genes, write_shard_file

ENCODINGS = ("rank", "expression", "detection", "genept-order")
N_GENES, SELECTED_GENES, SHARED_GENES = 160, range(0, 60), range(20, 150)
NAMES = [f"g{i}" for i in range(N_GENES)]
PANELS = {SELECTED: list(SELECTED_GENES), SHARED: list(SHARED_GENES)}
K = 3
_GIVEN = "rankstudy.spaces.encodings.genes"
# names of the toy's genes are symbols already
GENES_OF = {name: f"{_GIVEN}:{'FileGenes' if name == 'genept-order' else 'SelectedGenes'}" for name in ENCODINGS}
PAIRS = [["rank", "expression"], ["detection", "expression"], ["genept-order", "rank"]]


def counts_of_types(sizes, batches, seed=0):
    """Return counts of cells of some types, depths and batches: types differ in their genes' means."""
    random = np.random.default_rng(seed)
    base = random.gamma(0.6, 2.0, N_GENES)
    of_batch = random.lognormal(0, 0.3, (batches, N_GENES))
    rows, labels = [], []
    for kind, size in enumerate(sizes):
        mean = base * random.lognormal(0, 0.7, N_GENES)
        for cell in range(size):
            batch = cell % batches
            rows.append(random.poisson(mean * of_batch[batch] * random.uniform(0.4, 2.0)))
            labels.append((f"t{kind}", f"b{batch}"))
    return np.array(rows, float), labels


def study(folder, sizes=(14, 11, 12), batches=6, seed=0):
    """Write shards and tables of a replicate; return the paths, counts by cell id, and the table of its cells."""
    rows, labels = counts_of_types(sizes, batches, seed)
    shards, frames, counts = [], [], {}
    for kind in sorted({kind for kind, _ in labels}):
        at = [i for i, (of, _) in enumerate(labels) if of == kind]
        ids = [f"toy:{kind}{i:03d}" for i in range(len(at))]
        path = folder / f"{kind}.h5ad"
        of_cells = [labels[i][1] for i in at]
        write_shard_file(path, rows[at], kind, names=ids, genes=NAMES, batch=of_cells)
        shards.append(str(path))
        counts |= dict(zip(ids, rows[at], strict=True))
        frames.append(pd.DataFrame({"cell_id": ids, "cell_type": kind, "slug": kind, "batch": of_cells}))
    cells = pd.concat(frames, ignore_index=True)
    table = cells.assign(dataset="toy", seed=0, used=True, reason="used")
    listed = folder / "shared.tsv"
    listed.write_text("symbols\n" + "".join(f"{NAMES[i]}\n" for i in SHARED_GENES))
    return SimpleNamespace(
        shards=shards,
        cells=cells,
        counts=counts,
        folder=folder,
        cells_in=write_analysed(folder / "analysed.parquet", table),
        genes=write_genes(folder / "genes.parquet", NAMES, np.isin(np.arange(N_GENES), SELECTED_GENES)),
        shared=str(listed),
    )


def asked_of(of, encodings, changes):
    """Return what a job is asked of a study, in which some things are other ones: these are taken out of `changes`."""
    given = {
        "shards": of.shards,
        "cells_in": of.cells_in,
        "genes_in": {name: {"genes": of.genes} for name in encodings},
        "encodings": encodings,
        "shared_genes": of.shared,
        "dataset": "toy",
        "seed": 0,
        "counts": True,
        "unit": "batches",
        "donors_in": None,
        "cells": 5000,
        "neighbours": K,
        "draws": 3,
        "resamples": 1000,
        "resampling_seed": 0,
        "level": 0.95,
    }
    return Asked(**{key: changes.pop(key, value) for key, value in given.items()})


def tables_in(folder, tables):
    """Make a folder, and return the paths of tables in it by name, and a function that reads these."""
    folder.mkdir()
    paths = {table.name: str(folder / f"{table.name}.parquet") for table in tables}
    return paths, lambda: SimpleNamespace(**{table.name: table.read(paths[table.name]) for table in tables})


def specified(of, name="out", **changes):
    """Run the job on a study and return its tables by name."""
    outputs, read = tables_in(of.folder / name, TABLES)
    spaces = BUILT_IN.spaces
    encodings = {
        name: {"function": spaces[name].function, "genes": GENES_OF[name], "order": spaces[name].order}
        for name in ENCODINGS
    }
    asked = asked_of(of, changes.pop("encodings", encodings), changes)
    specify_pairs(asked, **{"pairs": PAIRS, "spaces_in": {}, "outputs": outputs, "threads": 1} | changes)
    return read()


def likeness(vectors, metric, centred):
    """Return the measure of all cells with all cells in float64, larger is more alike."""
    dense = np.asarray(vectors.toarray() if sp.issparse(vectors) else vectors, np.float64)
    dense = dense - dense.mean(axis=0) if centred else dense
    distance = cdist(dense, dense, metric)
    return -distance if metric == "euclidean" else 1 - distance


def bounds(alike, cells):
    """Return the least and the most that each statistic can be, whichever of equally alike cells is taken first."""
    types = cells["slug"].to_numpy()
    favour = 1e-6 * np.abs(alike).max() * (types[:, None] == types)
    ends = [statistics(alike + sign * favour, cells) for sign in (-1, 1)]
    return {name: sorted(end[name] for end in ends) for name in ends[0]}


def statistics(alike, cells):
    """Return the statistics of a matrix of likeness, by plain loops."""
    types, batches = cells["slug"].to_numpy(), cells["batch"].to_numpy()
    own, driven, across = [], [], []
    for i in range(len(types)):
        order = [j for j in np.argsort(-alike[i], kind="stable") if j != i]
        near, far = order[:K], [j for j in order if batches[j] != batches[i]][:K]
        own.append(np.mean(types[near] == types[i]))
        driven.append(np.mean((types[near] != types[i]) & (batches[near] == batches[i])))
        across.append(np.mean(types[far] == types[i]))
    numbers = {AUROC: auroc_of(alike, types), OWN_TYPE: np.mean(own), ACROSS: np.mean(across)}
    return numbers | {BATCH_DRIVEN: np.mean(driven)}


def encoded(name, counts, panel):
    """Return the vectors of an encoding of these cells by its definition, a cell at a time, over a panel."""
    at = PANELS[panel]
    found = []
    for row in counts:
        if name == "rank":
            found.append(pd.Series(row[at]).rank().to_numpy() - (pd.Series(row[at]).rank()[row[at] == 0].mean()))
        elif name == "expression":
            found.append(np.log1p(row[at] / row.sum() * 10_000))
        elif name == "detection":
            found.append((row[at] > 0).astype(float))
        else:  # ranks over all genes of the file, ties in their order, absent genes share what is left
            order = sorted(np.flatnonzero(row), key=lambda gene: (-row[gene], gene))[:1000]
            ranks = np.zeros(len(row))
            ranks[order] = len(row) - np.arange(len(order)) - (len(row) - len(order) + 1) / 2
            found.append(ranks[at])
    return np.nan_to_num(np.array(found)).astype(np.float32)


def brute_force(of, tables, draws):
    """Return a function (encoding, panel, depth, metric, centred) -> bounds of each statistic, means over draws."""
    cells, total = kept_cells(of, tables)
    at = counts_at(of, cells, total, draws)

    @cache
    def found(name, panel, depth, metric, centred):
        each = [bounds(likeness(encoded(name, drawn, panel), metric, centred), cells) for drawn in at[depth]]
        return {statistic: np.mean([one[statistic] for one in each], axis=0) for statistic in each[0]}

    return found


def kept_cells(of, tables):
    """Return the cells that have the one total, and the total."""
    total = int(tables.curve_cells["total"].iloc[0])
    enough = np.array([of.counts[cell].sum() >= total for cell in of.cells["cell_id"]])
    return of.cells[enough].reset_index(drop=True), total


def counts_at(of, cells, total, draws):
    """Return the counts of some cells at each depth: as they are, and in each draw of one total."""
    counts = np.array([of.counts[cell] for cell in cells["cell_id"]])
    return {AS_MEASURED: [counts], ONE_TOTAL: [_at(counts, cells, total, draw) for draw in range(draws)]}


def _at(counts, cells, total, draw):
    ids = cells["cell_id"].tolist()
    return at_one_total(sp.csr_matrix(counts), ids, NAMES, seed=0, draw=draw, total=total).counts.toarray()
