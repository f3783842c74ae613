"""Remedies of what reading a data set refuses: the scan of a file, the index, the selection of cells and of genes."""

import shutil

import numpy as np

from tests.unit.advice_toy import RANKS, Toy, lay, named, scaled, use, without
from tests.unit.helpers import write_h5ad

LANES = ["L1", "L2"]


def cells_without_batch():
    toy = Toy()
    toy.obs["lane"] = without(toy.obs["lane"], 3, 4)
    return toy


def a_pattern_that_does_not_fit():
    toy = Toy(batch={"column": "lane", "pattern": r"L(\d)"})
    toy.obs["lane"][0] = "other"
    return toy


def all_but_three_cells_shallow():
    """Return cells of which two of one type and one of the other have the one total."""
    toy = Toy(treatment={"one_total": 1000}, genes={"method": "all"}).comparing()
    toy.counts[:3] *= 1000
    return toy


def values_are(change, **keys):
    """Return a data set whose X is not counts, and whose layer `counts` is."""

    def make():
        toy = Toy(**keys)
        toy.layers["counts"] = toy.counts
        toy.counts = change(toy.counts)
        return toy

    return make


def with_one_negative(counts):
    return np.where(np.arange(counts.size).reshape(counts.shape) == 20, -1, counts)


def scaled_in_one_batch(counts):
    return np.vstack([scaled(counts[:12]), counts[12:]])


def no_counts_from(**keys):
    return lambda toy, said: toy.set(h5ad={"counts": "layers/counts"}, values=None, **keys)


def the_scaled_matrix(toy, said):
    toy.layers["cpm"] = scaled(toy.layers["counts"])
    toy.set(h5ad={"counts": "layers/cpm"})


def keep_what_is_there(toy, said):
    toy.set(keep={"column": "lane", "values": named(said)})


def parts_that_name_genes_differently():
    files = {name: {"source": {"local_file": f"{name}.h5ad"}} for name in ("one", "two")}
    toy = Toy(source=None, parts=files)

    def write():
        ids = {"ids": toy.genes}
        write_h5ad("one.h5ad", toy.counts, obs=toy.obs, var=ids, genes=toy.genes)
        write_h5ad("two.h5ad", toy.counts, obs=toy.obs, var=ids, genes=[name.upper() for name in toy.genes])

    toy.write = write
    return toy


def a_column_called_part_in_one_of_two():
    toy = parts_that_name_genes_differently().set(batch="part")

    def write(**columns):
        write_h5ad("one.h5ad", toy.counts, obs={**toy.obs, **columns}, genes=toy.genes)
        write_h5ad("two.h5ad", toy.counts, obs=toy.obs, genes=toy.genes)

    toy.write = lambda: write(part=toy.obs["lane"])
    toy.rename = lambda: setattr(toy, "write", lambda: write(tissue=toy.obs["lane"]))
    return toy


def one_part(cells):
    """Return a data set of one part, which must have so many cells."""
    return lambda: Toy(source=None, parts={"one": {"source": {"local_file": "toy.h5ad"}, "cells": cells}})


def cells_of_the_part(cells):
    return lambda toy, said: toy.datasets["toy"]["parts"]["one"].update(cells=cells)


def the_file_that_was_meant(n_cells):
    """Return a remedy: the file of the data set holds so many cells."""

    def mend(toy, said):
        toy.counts = toy.counts[:n_cells]
        toy.obs = {name: column[:n_cells] for name, column in toy.obs.items()}

    return mend


def combined_under_other_labels():
    one, two = ({"title": name, "source": {"local_file": "toy.h5ad"}, "cell_type": "kind"} for name in ("one", "two"))
    toy = Toy(source=None, cell_type=None, batch=None, combine={"one": {"labels": {"a": "A"}}, "two": {}})
    toy.set("one", **one).set("two", **{**two, "source": {"local_file": "two.h5ad"}})
    write = toy.write

    def write_both():
        write()
        shutil.copy("toy.h5ad", "two.h5ad")

    toy.write = write_both
    return toy


def no_labels():
    toy = Toy(cell_type="nothing")
    toy.obs["nothing"] = [""] * len(toy.obs["kind"])
    return toy


def a_flag_of_one_gene():
    toy = Toy(genes={"method": "flagged", "column": "flag"}).comparing()
    toy.var = {"flag": [True] + [False] * (len(toy.genes) - 1)}
    return toy


def a_list_with_another_heading():
    """Return a data set whose genes are those of a list, and write this as others may have it."""
    toy = Toy(genes={"method": "listed", "list": "mine"}).comparing()
    folder = toy.folder / "config" / "genes"
    folder.mkdir(parents=True)
    (folder / "mine.tsv").write_text("symbol\n" + "\n".join(toy.genes))
    return toy


def with_a_heading_that_is_read(toy, said):
    path = toy.folder / "config" / "genes" / "mine.tsv"
    path.write_text(path.read_text().replace("symbol", "symbols"))


def cells_alike_in_the_chosen_genes():
    toy = Toy(genes={"method": "flagged", "column": "flag"}).comparing()
    toy.var = {"flag": [True, True] + [False] * (len(toy.genes) - 2)}
    toy.counts[:, :2] = 3
    return toy


def a_small_type():
    toy = Toy(selection={"cell_types": ["A", "B"]})
    toy.obs["kind"] = ["A"] * 11 + ["C"] * 11 + ["B"] * 2
    return toy


RAW = "name the matrix with the raw counts (h5ad.counts, rds.layer, loom.counts)"
FILE = "give the file that was meant"
LOWER = use(selection={"min_cells": 3})

MEETS = [
    (
        cells_without_batch,
        {
            "cells.scan: say what they shall have: `batch: {column: ..., otherwise: unknown}`": use(
                batch={"column": "lane", "otherwise": "unknown"}
            ),
            "cells.scan: leave them out: `keep` with the column of batches and the values to use": use(
                keep={"column": "lane", "values": LANES}
            ),
        },
    ),
    (
        a_pattern_that_does_not_fit,
        {
            "cells.scan: correct it": use(batch={"column": "lane", "pattern": "(L1|L2|other)"}),
            "cells.scan: give `….otherwise`, what such a value becomes": use(
                batch={"column": "lane", "pattern": r"L(\d)", "otherwise": "none"}
            ),
        },
    ),
    (
        lambda: Toy(keep={"column": "lane", "values": ["L1", "L9"]}),
        {"cells.scan: name values that it holds: …": keep_what_is_there},
    ),
    (
        values_are(with_one_negative),
        {
            f"cells.scan: {RAW}": no_counts_from(),
            "cells.scan: mend the file": lambda toy, said: np.abs(toy.counts, out=toy.counts),
        },
    ),
    (
        values_are(scaled),
        {
            f"cells.scan: {RAW}": no_counts_from(),
            "cells.scan: declare `values: expected_counts` (RSEM and the like)": lay,
            "cells.scan: `values: cpm` (CPM, TPM: every cell has the same total)": lambda toy, said: toy.set(
                values="cpm", spaces=["rank", "expression"]
            ),
        },
    ),
    (
        values_are(scaled_in_one_batch),
        {
            "cells.scan: `values: by_batch` (these batches are left out of whatever needs counts)": lay,
            "cells.scan: `values: normalised` (only the order is used)": lambda toy, said: toy.set(
                values="normalised", **RANKS
            ),
        },
    ),
    (
        values_are(lambda counts: np.log1p(scaled(counts)), values="cpm", spaces=["rank", "expression"]),
        {
            "cells.scan: name the matrix that was scaled, with all its genes and without a logarithm (h5ad.counts, "
            "rds.layer, "
            "loom.counts)": the_scaled_matrix,
            "cells.scan: `values: normalised` (only the order is used)": lambda toy, said: toy.set(
                values="normalised", **RANKS
            ),
        },
    ),
    (
        lambda: Toy(values="cpm", spaces=["rank", "expression"]),
        {"cells.scan: declare `values: counts` if these are counts": lay},
    ),
    (one_part(25), {"cells.scan: correct `parts.….cells`": cells_of_the_part(24)}),
    (one_part(20), {f"cells.scan: {FILE}": the_file_that_was_meant(20)}),
    (
        lambda: Toy(expect={"cells": 20}),
        {
            "cells.index: correct `expect`": use(expect={"cells": 24}),
            f"cells.index: {FILE}": the_file_that_was_meant(20),
        },
    ),
    (
        parts_that_name_genes_differently,
        {
            "cells.index: name their genes alike, by Ensembl ids or by symbols (h5ad.gene_names)": use(
                h5ad={"gene_names": "ids"}
            )
        },
    ),
    (
        a_column_called_part_in_one_of_two,
        {"cells.index: rename the column in the files that have it": lambda toy, said: toy.rename()},
    ),
    (
        values_are(scaled, values="by_batch"),
        {
            f"cells.index: {RAW}": no_counts_from(),
            "cells.index: compare ranks only: `spaces: [rank]` and `genes: {method: all}`": lay,
        },
    ),
    (
        combined_under_other_labels,
        {
            "cells.members: name its cell types: …": lambda toy, said: toy.set(
                combine={"one": {"labels": dict.fromkeys(named(said), "A")}, "two": {}}
            )
        },
    ),
    (no_labels, {"cells.index: name a column that holds labels": use(cell_type="kind")}),
    (
        lambda: Toy(selection={"cell_types": ["A", "b"]}),
        {
            "core.cell_types: name types of the data set: …": lambda toy, said: toy.set(
                selection={"cell_types": named(said)}
            )
        },
    ),
    (
        a_small_type,
        {
            "core.cell_types: lower `selection.min_cells`": use(selection={"cell_types": ["A", "B"], "min_cells": 2}),
            "core.cell_types: leave the type out": use(selection={"cell_types": ["A", "C"]}),
        },
    ),
    (lambda: Toy(selection={"min_cells": 13}), {"cells.selection: lower `selection.min_cells`": LOWER}),
    (
        lambda: Toy(expect={"qualifying_types": 3}),
        {
            "cells.selection: correct `expect.qualifying_types`": use(expect={"qualifying_types": 2}),
            f"cells.selection: {FILE}": lambda toy, said: toy.obs.update(kind=["A", "B", "C"] * 8),
        },
    ),
    (
        lambda: Toy(genes={"number": 99}).comparing(),
        {"spaces.genes: lower it to … or less": lambda toy, said: toy.set(genes={"number": int(said.split()[3])})},
    ),
    (
        a_flag_of_one_gene,
        {
            "spaces.genes: set `genes: {method: highly_variable}`": lay,
            "spaces.genes: `genes: {method: all}`": lay,
        },
    ),
    (
        a_list_with_another_heading,
        {"spaces.genes: name the columns of the list so, with tabs between them": with_a_heading_that_is_read},
    ),
    (
        cells_alike_in_the_chosen_genes,
        {"spaces.genes: take more genes (`genes.number`, or `genes: {method: all}`)": use(genes={"method": "all"})},
    ),
    (
        lambda: Toy(treatment={"one_total": 10_000}).comparing(),
        {"spaces.genes: leave cells more molecules (`treatment`)": use(treatment={"one_total": 5})},
    ),
    (
        all_but_three_cells_shallow,
        {"spaces.genes: leave cells more molecules (`treatment`)": use(treatment={"one_total": 5})},
    ),
]
