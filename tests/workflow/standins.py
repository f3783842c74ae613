"""Small stand-ins for every file of `config/study.yaml`: the same formats, names, layers and columns, made-up cells.

The YAML of each data set is the real one; replaced are where its file comes from, sizes and hashes, the numbers that it
expects, and how many cells a type needs. Genes are those of the tiny release of Geneformer
(tests/workflow/tiny_release.py).
"""

import gzip
import hashlib
import io
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import h5py
import numpy as np
import scipy.sparse as sp
import yaml

from tests.unit import badserver, rds_writer
from tests.workflow import generate, tiny_release
from tests.workflow.harness import ROOT

STUDY = ROOT / "config" / "study.yaml"
N_GENES = 320  # the first GENES are known to the model
FLAGGED = 150
MIN_CELLS = 20
SYMBOLS = [tiny_release.symbol(i) for i in range(N_GENES)]
VERSIONED_IDS = [f"{tiny_release.ensembl_id(i)}.{i % 9}" for i in range(N_GENES)]

# types by file; those below MIN_CELLS are left out
MATHYS = {
    "Astrocytes": {"Ast GRM3": 24, "Ast DPP10": 22},
    "Excitatory_neurons_set1": {"Exc L2-3 CBLN2 LINC02306": 24},
    "Excitatory_neurons_set2": {"Exc L3-4 RORB CUX2": 24},
    "Excitatory_neurons_set3": {"Exc NRGN": 24},
    "Immune_cells": {"Mic P2RY12": 24, "T cells": 8},
    "Inhibitory_neurons": {"Inh VIP CLSTN2": 24},
    "Oligodendrocytes": {"Oli": 24},
    "OPCs": {"OPC": 24},
    "Vasculature_cells": {"End": 24},
}
SUBJECTS = [f"ROSMAP-{10132 + i}" for i in range(12)]
WITHOUT_CELLS = ["ROSMAP-99998", "ROSMAP-99999"]

# batches whose `counts` are not whole, as in the real files
FRACTIONAL = {
    "luecken_pancreas": ["celseq", "celseq2", "fluidigmc1", "smarter"],
    "luecken_immune_human": ["Villani"],
    "luecken_lung": [*"123456", *(f"A{i}" for i in range(1, 7))],
}
BATCHES = {
    "luecken_pancreas": [*FRACTIONAL["luecken_pancreas"], "smartseq2", *(f"inDrop{i}" for i in range(1, 5))],
    "luecken_immune_human": ["10X", "Freytag", "Oetjen_A", "Oetjen_P", "Oetjen_U", "Sun_sample1_CS", "Villani"],
    "luecken_lung": [*FRACTIONAL["luecken_lung"], "B1", "B2", "B3", "B4"],
    "luecken_sim1": [f"Batch{i}" for i in range(1, 7)],
    "luecken_sim2": [f"Batch{i}" for i in range(1, 17)],
}
TYPES = {
    "luecken_pancreas": {"alpha": 54, "beta": 54, "acinar": 45},
    "luecken_immune_human": {"CD4+ T cells": 35, "Monocyte-derived dendritic cells": 28},
    # without the batches that are not whole, of the third type too few are left
    "luecken_lung": {"Basal 1": 96, "Ciliated": 96, "Mast cell": 40},
    "luecken_sim1": {"Group1": 30, "Group2": 24},
    "luecken_sim2": {"Group1": 32, "Group2": 32},
    "tabula_sapiens_v1": {"t cell": 40, "nk cell": 32, "hepatocyte": 28, "mast cell": 9},
}
MODEL_SERVER = "/ctheodoris/Geneformer"


def write_project(folder, server):
    """Write a working directory that has its own data sets and release, named and read as those of the full study.

    What has an address is served by `server`; the files of figshare lie in the folder, as they would after a download
    by hand.
    """
    folder = Path(folder)
    for name in yaml.safe_load(STUDY.read_text())["datasets"]:
        real = yaml.safe_load((ROOT / "config" / "datasets" / f"{name}.yaml").read_text())
        generate.write_dataset(folder, name, **_stand_in(folder, server, name, real))
    _write_release(folder, server)


def cells_of(types, batches, seed):
    """Return counts (cells x genes), labels, and batches, over which the cells of each type are spread evenly."""
    counts, labels, _ = generate.counts_of(types, seed, n_genes=N_GENES)
    spread = np.empty(len(labels), dtype=object)
    for label in types:
        at = np.flatnonzero(labels == label)
        spread[at] = [batches[i % len(batches)] for i in range(len(at))]
    return counts, labels, spread


def _stand_in(folder, server, name, real):
    """Return the keys of a data set, with files made for it."""
    if name == "mathys_cortex":
        return _mathys(server, real)
    base = name.removesuffix("_ranks")
    content = _tabula_sapiens() if base == "tabula_sapiens_v1" else _luecken(base)
    path = folder / "files" / real["source"]["file"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    found = {"cells": sum(TYPES[base].values()), "genes": N_GENES, "cell_types": len(TYPES[base])}
    found["qualifying_types"] = sum(n >= MIN_CELLS for n in TYPES[base].values())
    keys = {**real, "source": _by_hand(real["source"], content)}
    if "selection" in real:
        keys["selection"] = {"min_cells": MIN_CELLS, "cells_per_type": 30}
    if "terms" in real.get("ontology", {}):
        keys["ontology"] = {
            "terms": {label: id for label, id in real["ontology"]["terms"].items() if label in TYPES[base]}
        }
    return {**keys, "expect": {what: found[what] for what in real["expect"]}}


def _by_hand(source, content):
    """Return a source of figshare whose file is here already; what was known of the real one is known of this one."""
    known = {
        "bytes": len(content),
        "md5": hashlib.md5(content).hexdigest(),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    known = {key: value for key, value in known.items() if key in source}
    return {**source, **known, "local_file": f"files/{source['file']}"}


def _mathys(server, real):
    files = {f"{name}.rds": _seurat(types, seed) for seed, (name, types) in enumerate(MATHYS.items())}
    files["individual_metadata_deidentified.tsv"] = _donors()
    n_cells = {f"{name}.rds": sum(types.values()) for name, types in MATHYS.items()}

    def served(source):
        path = urlsplit(source["url"]).path
        return {**source, "accept_terms": True, "url": server.on(path, badserver.serve(files[Path(path).name]))}

    parts = {
        name: {"source": served(part["source"]), "cells": n_cells[Path(part["source"]["url"]).name]}
        for name, part in real["parts"].items()
    }
    found = {"cells": sum(n_cells.values()), "genes": N_GENES}
    found |= {"cell_types": sum(map(len, MATHYS.values())), "donors": len(SUBJECTS + WITHOUT_CELLS)}
    donors = {**real["donors"], "source": served(real["donors"]["source"])}
    return {**real, "parts": parts, "donors": donors, "expect": {what: found[what] for what in real["expect"]}}


def _seurat(types, seed):
    """Return a Seurat object of version 3: counts and normalised values of RNA, type and subject."""
    counts, labels, subjects = cells_of(types, SUBJECTS, seed)
    random = np.random.default_rng(seed)
    cells = [f"{''.join(random.choice(list('ACGT'), 16))}-1-{i}" for i in range(len(labels))]
    normalised = np.log1p(counts / counts.sum(axis=1, keepdims=True) * 1e4)
    w = rds_writer
    assay = w.s4(
        "Assay",
        counts=_dgc_matrix(counts, cells),
        data=_dgc_matrix(normalised, cells),
        key=w.text(["rna_"]),
        **{"var.features": w.text([]), "meta.features": _data_frame({}, SYMBOLS)},
    )
    levels = sorted(set(labels))
    codes = w.integers([levels.index(x) + 1 for x in labels], levels=w.text(levels), **{"class": w.text(["factor"])})
    table = _data_frame({"cell_type_high_resolution": codes, "subject": w.text(list(subjects))}, cells)
    found = w.s4(
        "Seurat",
        assays=w.listed([assay], names=w.text(["RNA"])),
        **{"meta.data": table, "active.assay": w.text(["RNA"]), "project.name": w.text(["ROSMAP"])},
    )
    return gzip.compress(w.HEADER + found, mtime=0)


def _dgc_matrix(values, cells):
    w, columns = rds_writer, sp.csc_matrix(values.T)
    return w.s4(
        "dgCMatrix",
        i=w.integers(columns.indices.tolist()),
        p=w.integers(columns.indptr.tolist()),
        Dim=w.integers(list(columns.shape)),
        Dimnames=w.listed([w.text(SYMBOLS), w.text(cells)]),
        x=w.numbers(columns.data.tolist()),
        factors=w.listed([]),
    )


def _data_frame(columns, rows):
    w = rds_writer
    names = {"class": w.text(["data.frame"]), "row.names": w.text(rows)}
    return w.listed(list(columns.values()), names=w.text(list(columns)), **names)


def _donors():
    rows = [
        f"{subject}\t{i % 2}\t{'90+' if i % 3 else '(85,90]'}\t{5 + i / 4}\t1\t{'yes' if i % 2 else 'no'}"
        for i, subject in enumerate(SUBJECTS + WITHOUT_CELLS)
    ]
    header = "subject\tmsex\tage_death\tpmi\trace\tPathologic_diagnosis_of_AD"
    return ("\n".join([header, *rows]) + "\n").encode()


def _luecken(name):
    """Return an h5ad as anndata 0.7 wrote it: dense, X normalised, `counts` in a layer, whole in some batches only."""
    real = yaml.safe_load((ROOT / "config" / "datasets" / f"{name}.yaml").read_text())
    counts, labels, batches = cells_of(TYPES[name], BATCHES[name], seed=len(name))
    fractional = np.isin(batches, FRACTIONAL.get(name, []))
    counts[fractional] *= 1.37
    cells = [f"{batch}-{i}" for i, batch in enumerate(batches)]
    obs = {real["batch"]: batches, real["cell_type"]: labels}
    genes = [f"Gene{i}" for i in range(1, N_GENES + 1)] if "sim" in name else SYMBOLS
    with _Old7File(cells, genes, obs, {}) as file:
        file.dense("X", np.log1p(counts))
        file.dense("layers/counts", counts)
    return file.content


def _tabula_sapiens():
    """Return the zip archive of the atlas: X scaled, raw/X normalised, counts in a layer, flagged genes."""
    counts, labels, donors = cells_of(TYPES["tabula_sapiens_v1"], ["TSP1", "TSP2", "TSP14"], seed=99)
    methods = np.where(np.arange(len(labels)) % 5 == 0, "smartseq2", "10X")
    cells = [
        f"AAAC{i:04d}_{donor}_Liver_NA_{method}" for i, (donor, method) in enumerate(zip(donors, methods, strict=True))
    ]
    obs = {"organ_tissue": ["Liver"] * len(cells), "method": methods, "donor": donors, "cell_ontology_class": labels}
    var = {"gene_symbol": SYMBOLS, "ensemblid": VERSIONED_IDS, "highly_variable": np.arange(N_GENES) < FLAGGED}
    scaled = (counts - counts.mean(axis=0)) / (counts.std(axis=0) + 1)
    with _Old7File(cells, SYMBOLS, obs, var) as file:
        file.dense("X", scaled)
        file.sparse("raw/X", np.log1p(counts))
        file.sparse("layers/raw_counts", counts)
        file.sparse("layers/decontXcounts", counts * 0.9)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("TabulaSapiens.h5ad"), file.content)
    return packed.getvalue()


class _Old7File:
    """An h5ad in memory as anndata 0.7 wrote one: text columns are codes that refer to `__categories`."""

    def __init__(self, cells, genes, obs, var):
        self._memory = io.BytesIO()
        self._file = h5py.File(self._memory, "w", track_order=False)
        self._table("obs", cells, obs)
        self._table("var", genes, var)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()
        self.content = self._memory.getvalue()

    def dense(self, path, values):
        self._file.create_dataset(path, data=np.asarray(values, np.float32), compression="gzip")

    def sparse(self, path, values):
        rows = sp.csr_matrix(np.asarray(values, np.float32))
        group = self._file.create_group(path)
        group.attrs.update({"encoding-type": "csr_matrix", "encoding-version": "0.1.0", "shape": rows.shape})
        for name in ("data", "indices", "indptr"):
            group.create_dataset(name, data=getattr(rows, name), compression="gzip")

    def _table(self, name, index, columns):
        group = self._file.create_group(name)
        group.attrs.update({"encoding-type": "dataframe", "encoding-version": "0.1.0", "_index": "index"})
        group.attrs["column-order"] = np.array(list(columns), dtype=h5py.string_dtype())
        group.create_dataset("index", data=list(index), dtype=h5py.string_dtype())
        for column, values in columns.items():
            values = np.asarray(values)
            if values.dtype.kind == "b" or len(set(values)) == len(values):
                text = None if values.dtype.kind == "b" else h5py.string_dtype()
                group.create_dataset(column, data=values.tolist() if text else values, dtype=text)
                continue
            names, codes = np.unique(values.astype(str), return_inverse=True)
            known = group.require_group("__categories").create_dataset(
                column, data=names.tolist(), dtype=h5py.string_dtype()
            )
            known.attrs["ordered"] = False
            group.create_dataset(column, data=codes.astype(np.int8)).attrs["categories"] = known.ref


def _write_release(folder, server):
    """Serve a tiny release where the hub has the real one, and write it under the name of the real one."""
    repository = folder / "repository"
    tiny_release.write_repository(repository)
    for path in tiny_release.PATHS["V1"].values():
        content = (repository / path).read_bytes()
        server.on(f"{MODEL_SERVER}/resolve/{tiny_release.REVISION}/{path}", badserver.serve(content))
    origin = {"repository": server.address(MODEL_SERVER), "revision": tiny_release.REVISION}
    tiny_release.write_release(folder, "v1_10m", repository, "V1", "V1", **origin)
