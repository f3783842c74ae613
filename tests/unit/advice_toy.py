"""A small data set and its study in the working folder, to be spoilt and mended as a message says."""

import re
import shutil
from pathlib import Path

import pandas as pd
import scipy.sparse as sp
import yaml

from rankstudy.cells.index import index_cells
from rankstudy.cells.scan import scan_part
from rankstudy.cells.selection import select_cells
from rankstudy.cells.shards import extract_cells, write_shard
from rankstudy.config import load_study
from rankstudy.core.files import sha256
from rankstudy.spaces.genes import keep_cells, select_genes
from tests.unit.config_files import write_dataset
from tests.unit.helpers import ROOT, index_outputs, part_tables, toy_counts, write_h5ad

N_CELLS, N_GENES = 24, 16
RANKS = {"spaces": ["rank"], "genes": {"method": "all"}}


class Toy:
    """The data set `toy` (24 cells of two types and two batches, in toy.h5ad), and a study of it.

    Attributes
    ----------
    datasets, study
        What the YAML files hold, by name, and the configuration.
    counts, obs, var, genes, layers
        What the file holds.
    """

    def __init__(self, **changes):
        self.datasets = {
            "toy": {"title": "toy", "source": {"local_file": "toy.h5ad"}, "cell_type": "kind", "batch": "lane"}
        }
        self.study = {"datasets": ["toy"], "selection": {"min_cells": 3}, "genes": {"number": 10}}
        self.counts = toy_counts(N_CELLS, N_GENES)
        self.obs = {"kind": ["A", "B"] * 12, "lane": ["L1"] * 12 + ["L2"] * 12}
        self.genes = [f"g{i}" for i in range(N_GENES)]
        self.layers, self.var = {}, {}
        self.set(**changes)
        self.run = self.read
        self.folder = Path.cwd()

    def set(self, name="toy", **changes):
        """Replace keys of a data set's file; None removes one."""
        kept = {**self.datasets.get(name, {}), **changes}
        self.datasets[name] = {key: value for key, value in kept.items() if value is not None}
        return self

    def lay(self, advice, name="toy"):
        """Write into a data set's file what stands in backquotes as YAML in a message."""
        found = [yaml.safe_load(text) for text in re.findall("`([^`]+)`", advice)]
        assert found and all(isinstance(each, dict) for each in found), advice
        for each in found:
            self.set(name, **each)

    def studying(self, **study):
        """Replace keys of the study."""
        self.study.update(study)
        return self

    def write_files(self):
        """Write the YAML files of the data sets beside the repository's releases and gene lists."""
        for name, content in self.datasets.items():
            write_dataset(self.folder, name, content)
        for what in ("ontology", "genes"):
            shutil.copytree(ROOT / "config" / what, self.folder / "config" / what, dirs_exist_ok=True)

    def load(self):
        """Write the YAML files and load the study."""
        self.write_files()
        return load_study(self.study, [], self.folder, demand_files=self.run == self.load_with_files)

    def load_with_files(self):
        """Load the study, whose files must be there."""
        return self.load()

    def loading(self):
        """Let the attempt be the load of the study alone."""
        self.run = self.load
        return self

    def comparing(self):
        """Let the attempt go as far as the analysed cells."""
        self.run = self.compare
        return self

    def write(self):
        """Write the file of the data set."""
        layers = {name: sp.csr_matrix(layer) for name, layer in self.layers.items()}
        obs = {name: pd.Series(values, dtype=str).to_numpy() for name, values in self.obs.items()}
        write_h5ad("toy.h5ad", sp.csr_matrix(self.counts), obs=obs, var=self.var, genes=self.genes, layers=layers)

    def read(self):
        """Write the file, load the study, and take the data set `toy` as far as the selection of its cells."""
        self.write()
        plan = self.load().datasets["toy"]
        out = index_outputs(self.folder) | {
            n: f"{n}.parquet" for n in ("selection", "report", "genes_used", "analysed")
        }
        scanned = [_scan(plan, name) for name in plan.parts]
        index_cells(
            *zip(*scanned, strict=True), dataset=plan.name, values=plan.model.values, needs=plan.needs,
            expect=plan.expected, membership=plan.membership, outputs=out,
        )  # fmt: skip
        chosen = plan.selection
        select_cells(
            out["cells"], out["types"], dataset=plan.name, seed=0, min_cells=chosen.min_cells, cells_per_type=None,
            cell_types=chosen.cell_types, types_expected=plan.model.expect.qualifying_types,
            selection_out=out["selection"], report_out=out["report"],
        )  # fmt: skip
        return plan, out

    def compare(self):
        """Take the data set as far as its analysed cells."""
        plan, out = self.read()
        parts = [_extract(plan, name, out) for name in plan.parts]
        shards = [f"{slug}.h5ad" for slug in ("a", "b")]
        for shard in shards:
            write_shard(parts, out["selection"], shard.removesuffix(".h5ad"), shard)
        select_genes(
            shards, out["genes"], dataset="toy", seed=0, method=plan.genes.method, number=plan.genes.number,
            output=out["genes_used"], listed=plan.gene_list,
        )  # fmt: skip
        keep_cells(shards, out["selection"], out["genes_used"], {}, dataset="toy", seed=0, output=out["analysed"])


def _scan(plan, name):
    part, tables = plan.parts[name], part_tables(".", name)
    # a file of known hash is not tried in a process of its own first, which takes a second
    verified = {**part.verified, "matrix": {**part.verified["matrix"], "sha256": sha256(part.path)}}
    scan_part(
        part.path, part.read, dataset=plan.name, part=name, part_label=part.own_name, several_parts=plan.several_parts,
        annotations=part.annotations, keep=part.keep, missing=part.missing, values=part.values,
        cells_expected=part.model.cells, verified=verified, flag_column=plan.flag_column, **tables,
    )  # fmt: skip
    return list(tables.values())


def _extract(plan, name, out):
    part = plan.parts[name]
    extract_cells(
        part.path, part.read, out["selection"], out["genes"], part=name, several_parts=plan.several_parts,
        output=f"{name}.extracted.h5ad", treatment=part.treatment,
    )  # fmt: skip
    return f"{name}.extracted.h5ad"


def without(values, *rows):
    """Return values of a column, missing in some rows."""
    return [None if row in rows else value for row, value in enumerate(values)]


def scaled(counts, total=1e6):
    """Return counts scaled to one total per cell."""
    return counts / counts.sum(axis=1, keepdims=True) * total


def use(name="toy", **keys):
    """Return a remedy: keys of a data set's file are replaced."""
    return lambda toy, said: toy.set(name, **keys)


def lay(toy, said):
    """Apply what the message has in backquotes, as it stands there."""
    toy.lay(said)


def named(said):
    """Return what a message lists after its last colon."""
    return said.rpartition(": ")[2].split(", ")


class Call:
    """A function of the working folder with keywords, to be called with others."""

    def __init__(self, function, **keywords):
        self.function, self.keywords = function, keywords

    def run(self):
        self.function(Path.cwd(), **self.keywords)


def calling(function, **keywords):
    """Return how a function is called."""
    return lambda: Call(function, **keywords)


def change(**keywords):
    """Return a remedy: the function is called with other keywords."""
    return lambda call, said: call.keywords.update(keywords)
