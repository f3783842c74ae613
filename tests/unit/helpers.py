"""Small factories of inputs, so that a test states only what it is about."""

import gzip
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.stats import rankdata

from rankstudy.cells.index import index_cells
from rankstudy.cells.scan import scan_part
from rankstudy.cells.selection import select_cells
from rankstudy.cells.shards import extract_cells
from rankstudy.cells.tables import CELL_TYPES, CELLS, GENES, SELECTION
from rankstudy.core.files import write_anndata
from rankstudy.pairs.engine import SpaceData, Vectors, kernels, measure
from rankstudy.pairs.engine.grids import BINS
from rankstudy.spaces.tables import ANALYSED_CELLS, SELECTED_GENES

ROOT = Path(__file__).resolve().parents[2]


def toy_counts(n_cells, n_genes, seed=0, density=0.4):
    """Return small counts with many ties and zeros; no cell and no gene is all zero."""
    random = np.random.default_rng(seed)
    counts = random.poisson(3.0, (n_cells, n_genes)) * (random.random((n_cells, n_genes)) < density)
    counts[np.arange(n_cells), np.arange(n_cells) % n_genes] += 1
    counts[np.arange(n_genes) % n_cells, np.arange(n_genes)] += 1
    return counts.astype(float)


def space(vectors, sizes, metric="correlation", name="space", labels=None):
    """Return a space whose rows belong to types `a`, `b`, ... of the given sizes."""
    slugs = [chr(ord("a") + t) for t, size in enumerate(sizes) for _ in range(size)] if labels is None else list(labels)
    ids = [f"toy:{i:04d}" for i in range(len(slugs))]
    cells = pd.DataFrame({"cell_id": ids, "cell_type": [s.upper() for s in slugs], "slug": slugs, "batch": "all"})
    return SpaceData(name, metric, vectors, cells)


def analysed_cells(cells, used=True):
    """Return the table `analysed_cells` of a space's cells."""
    columns = cells[["cell_id", "cell_type", "slug", "batch"]]
    return columns.assign(dataset="toy", seed=0, used=used, reason="used")[ANALYSED_CELLS.names]


def raw_pairs(of):
    """Return the engine's values of all within-type and all between-type pairs of a space, as two arrays."""
    vectors = Vectors.of(of.vectors, of.metric, centred=of.centred, mean_cell=of.mean_cell)
    codes = of.cells["slug"].to_numpy()
    i, j = np.triu_indices(len(codes), 1)
    values, same = measure(vectors, vectors)[i, j].astype(float), codes[i] == codes[j]
    return values[same], values[~same]


def auroc_of(values, types):
    """Return the AUROC of a symmetric matrix of likeness, from the ranks of all its pairs."""
    i, j = np.triu_indices(len(types), 1)
    ranks, within = rankdata(values[i, j]), types[i] == types[j]
    w = within.sum()
    return (ranks[within].sum() - w * (w + 1) / 2) / (w * (len(ranks) - w))


def bin_counts(values, low, high):
    """Return the values counted on BINS equal bins, by the engine's own pass."""
    tile, counts = np.asarray(values, np.float32)[None, :], np.zeros((1, 2, BINS), np.int64)
    one, ends = np.array([0, 1]), np.array([0, tile.shape[1]])
    batches, nothing = np.zeros(max(tile.shape[1], 1), np.int32), np.zeros((1, 0), np.int64)
    kernels.count_type_pairs(
        tile,
        False,
        one,
        ends,
        np.zeros((1, 2), np.int64),
        batches,
        batches,
        np.float32(low),
        np.float32(BINS / (high - low)),
        BINS,
        nothing,
        counts,
        np.zeros((1, 0)),
    )
    return counts[0].sum(axis=0)


def hexagon_counts(grid, x, y):
    """Return points counted on the hexagons of a grid, by the engine's own pass."""
    tiles = [np.ascontiguousarray(v, np.float32)[None, :] for v in (x, y)]
    counts = np.zeros((3, 2, *grid.shape), np.int64)
    kinds = np.zeros(1, np.int32), np.array([0, tiles[0].shape[1]]), 0
    kernels.count_hexagons(*tiles, False, *kinds, grid.x[0], grid.y[0], *grid.step, grid.nx, grid.ny, counts)
    return counts.sum(axis=(0, 1))


def write_shard_file(path, counts, slug, *, names=None, genes=None, totals=None, batch="all"):
    """Write a shard as `write_shard` does."""
    n_cells, n_genes = counts.shape
    names = [f"toy:{slug}{i:03d}" for i in range(n_cells)] if names is None else names
    genes = [f"g{i}" for i in range(n_genes)] if genes is None else genes
    totals = np.asarray(counts.sum(axis=1)).ravel() if totals is None else totals
    obs = pd.DataFrame(
        {"cell_type": slug.upper(), "slug": slug, "batch": batch, "n_counts": np.asarray(totals, float)}, index=names
    )
    write_anndata(ad.AnnData(sp.csr_matrix(counts, dtype=np.float32), obs=obs, var=pd.DataFrame(index=genes)), path)
    return str(path)


def write_selection(path, shards):
    """Write the table `selection` of the cells that shards hold."""
    cells = pd.concat([ad.read_h5ad(shard).obs for shard in shards]).rename_axis("cell_id").reset_index()
    frame = cells.assign(dataset="toy", seed=0, donor=None, part="0", row=np.arange(len(cells)))
    SELECTION.write(frame[SELECTION.names], path)
    return str(path)


def write_genes(path, names, selected):
    """Write the table `genes`."""
    frame = pd.DataFrame({"dataset": "toy", "seed": 0, "gene": names, "selected": selected, "n_cells": 1})
    SELECTED_GENES.write(frame.assign(mean=np.nan, dispersion=np.nan), path)
    return str(path)


def write_analysed(path, frames_or_cells):
    """Write the table `analysed_cells`."""
    ANALYSED_CELLS.write(frames_or_cells, path)
    return str(path)


def write_h5ad(path, matrix, *, obs, var=None, layers=None, raw=None, cells=None, genes=None):
    """Write an h5ad as another program would; `obs` and `var` map column names to values."""
    n_cells, n_genes = matrix.shape
    cells = [f"c{i}" for i in range(n_cells)] if cells is None else cells
    genes = [f"g{i}" for i in range(n_genes)] if genes is None else genes
    data = ad.AnnData(matrix, obs=pd.DataFrame(obs, index=cells), var=pd.DataFrame(var or {}, index=genes))
    if raw is not None:
        data.raw = ad.AnnData(raw, obs=data.obs.copy(), var=pd.DataFrame(index=[f"r{i}" for i in range(raw.shape[1])]))
    for name, layer in (layers or {}).items():
        data.layers[name] = layer
    data.write_h5ad(path)
    return str(path)


def write_text(path, text):
    """Write text, gzipped if the name ends in .gz, and return the path as text."""
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "wb") as file:
        file.write(text.encode())
    return str(path)


def write_zip(path, members):
    """Write a zip archive of texts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return str(path)


def table_text(counts, rows, columns, *, separator=",", corner="", number="{:g}"):
    """Return a matrix as text; `corner` None leaves the field of the row names out of the header, as R does."""
    header = list(columns) if corner is None else [corner, *columns]
    lines = [separator.join(header)]
    lines += [separator.join([n, *(number.format(v) for v in r)]) for n, r in zip(rows, counts, strict=True)]
    return "\n".join(lines) + "\n"


def labels_text(keys, columns, *, separator=",", corner="cell"):
    """Return labels as text; `corner` None leaves the field of the keys out of the header, as R does."""
    header = [*columns] if corner is None else [corner, *columns]
    rows = zip(keys, *columns.values(), strict=True)
    return "\n".join(separator.join(map(str, r)) for r in [header, *rows]) + "\n"


ANNOTATIONS = {"cell_type": {"column": "kind", "pattern": None, "otherwise": None}}


NOT_VERIFIED = {"bytes": None, "sha256": None, "md5": None}


def run_scan(folder, path, read, *, part="0", **changes):
    """Scan a file with plain settings and return the paths of `part_cells`, `part_genes` and `part_choices`."""
    settings = {
        "part_label": part,
        "several_parts": False,
        "annotations": ANNOTATIONS,
        "keep": None,
        "missing": (),
        "values": "counts",
        "cells_expected": None,
        "flag_column": None,
        **changes,
        "verified": {
            role: {**NOT_VERIFIED, **known} for role, known in changes.get("verified", {"matrix": {}}).items()
        },
    }
    out = part_tables(folder, part)
    scan_part(path, read, dataset="toy", part=part, **settings, **out)
    return list(out.values())


def part_tables(folder, part):
    """Return where `scan_part` writes its tables, as its keywords."""
    kinds = ("cells", "genes", "choices")
    return {f"{kind}_out": str(Path(folder) / "index" / f"{part}.{kind}.parquet") for kind in kinds}


def index_outputs(folder):
    """Return where `put_together` writes its tables."""
    names = {"cells": "cells.parquet", "types": "types.parquet", "types_tsv": "types.tsv", "genes": "genes.parquet"}
    for name in ("batches", "source_parts", "type_batches"):
        names |= {name: f"{name}.parquet", f"{name}_tsv": f"{name}.tsv"}
    return {key: str(Path(folder) / name) for key, name in names.items()}


def put_together(folder, scanned, *, values="counts", needs="counts", expect=None, membership=None):
    """Index scanned files and return the tables `cells`, `cell_types` and `source_genes`."""
    out = index_outputs(folder)
    index_cells(
        *zip(*scanned, strict=True),
        dataset="toy",
        values=values,
        needs=needs,
        expect=expect or {},
        membership=membership or {},
        outputs=out,
    )
    return CELLS.read(out["cells"]), CELL_TYPES.read(out["types"]), GENES.read(out["genes"])


def run_index(folder, path, read, *, expect=None, **changes):
    """Scan a data set of one file, index it, and return the tables `cells`, `cell_types` and `source_genes`."""
    scanned = run_scan(folder, path, read, **changes)
    return put_together(folder, [scanned], values=changes.get("values", "counts"), expect=expect)


def read_combined(plan, folder, path=None, **selection):
    """Read a planned data set up to the counts of the selected cells; `path` takes the place of all its files.

    Returns the tables `cells`, `cell_types` (`types`), `source_genes` (`genes`), `selection`, and `data`, the selected
    cells on all genes; of the files that others read on, `files` by name, and `extracted`.
    """
    out = index_outputs(folder) | {name: str(Path(folder) / f"{name}.parquet") for name in ("selection", "report")}
    scanned = []
    for name, part in plan.parts.items():
        scanned.append(list(part_tables(folder, name).values()))
        scan_part(
            path or part.path,
            part.read,
            dataset=plan.name,
            part=name,
            part_label=part.own_name,
            several_parts=plan.several_parts,
            annotations=part.annotations,
            keep=part.keep,
            values=part.values,
            missing=part.missing,
            cells_expected=part.model.cells,
            verified=part.verified,
            flag_column=plan.flag_column,
            **part_tables(folder, name),
        )
    index_cells(
        *zip(*scanned, strict=True), dataset=plan.name, values=plan.model.values, needs=plan.needs,
        expect=plan.expected, membership=plan.membership, outputs=out,
    )  # fmt: skip
    settings = {"min_cells": 2, "cells_per_type": None, "cell_types": plan.selection.cell_types, **selection}
    select_cells(
        out["cells"],
        out["types"],
        dataset=plan.name,
        seed=0,
        **settings,
        selection_out=out["selection"],
        report_out=out["report"],
    )
    pieces = []
    for name, part in plan.parts.items():
        pieces.append(str(Path(folder) / f"{name}.extracted.h5ad"))
        extract_cells(
            path or part.path, part.read, out["selection"], out["genes"], part=name, several_parts=plan.several_parts,
            output=pieces[-1],
        )  # fmt: skip
    tables = {"cells": CELLS, "types": CELL_TYPES, "genes": GENES, "selection": SELECTION}
    read = {name: table.read(out[name]) for name, table in tables.items()}
    read |= {"files": out, "extracted": pieces}
    return read | {"data": ad.concat([ad.read_h5ad(piece) for piece in pieces])}


def role(column, pattern=None, otherwise=None):
    """Return one annotation as the configuration gives it."""
    return {"column": column, "pattern": pattern, "otherwise": otherwise}


def run_python(code, *, cwd=ROOT, **env):
    """Run code in a new interpreter and return what subprocess.run returns, with text output."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    clean["PYTHONPATH"] = str(ROOT)
    return subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, env={**clean, **env}, capture_output=True, text=True, timeout=300
    )


def python_with_pip(patch):
    """Let `rankstudy.sources.download.package` run an interpreter that has pip: environments made by uv have none."""
    base = Path(sys.base_prefix) / "bin"
    candidates = [sys.executable, ROOT / ".venv/bin/python", *sorted(base.glob("python3*"))]
    for candidate in map(str, candidates):
        if (
            Path(candidate).exists()
            and not subprocess.run([candidate, "-m", "pip", "--version"], capture_output=True).returncode
        ):
            patch.setattr("rankstudy.sources.download.package.sys.executable", candidate)
            return
    raise RuntimeError("no interpreter with pip was found, neither this one's nor that of `make setup`")
