"""Good HDF5 files in every encoding that is read, each with how it is read here and by somebody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import scipy.sparse as sp

N_CELLS, N_GENES = 30, 12
KINDS = [None if i == 3 else "xyz"[i % 3] for i in range(N_CELLS)]
CELLS, GENES = [f"cell {i}" for i in range(N_CELLS)], [f"gene {i}" for i in range(N_GENES)]
# of a 10x matrix, one feature is no gene
TYPES = ["Antibody Capture" if i == 4 else "Gene Expression" for i in range(N_GENES)]


@dataclass(frozen=True)
class Good:
    """A good file: `read` opens it here, `columns` and `flags` are read, `theirs` is another reader."""

    path: Path
    read: dict
    theirs: Callable[[Path], dict]
    columns: tuple[str, ...] = ("kind",)
    flags: str | None = "marked"


def counts() -> np.ndarray:
    """Return the values of the good files."""
    random = np.random.default_rng(0)
    return (random.poisson(2.0, (N_CELLS, N_GENES)) * (random.random((N_CELLS, N_GENES)) < 0.5)).astype(np.float32)


def make_good_files(folder: Path) -> list[Good]:
    """Write a file of every layout and every encoding."""
    return [*_written_by_anndata(folder), *_with_text_that_may_lack(folder), *_by_hand(folder), *_of_others(folder)]


def _written_by_anndata(folder: Path) -> list[Good]:
    made = []
    for name, form, counts_in, options in (
        ("csr_gzip", sp.csr_matrix, "X", {"compression": "gzip"}),
        ("csr_plain", sp.csr_matrix, "X", {}),
        ("csr_lzf", sp.csr_matrix, "layers/counts", {"compression": "lzf"}),
        ("csc_gzip", sp.csc_matrix, "raw/X", {"compression": "gzip"}),
        ("csc_plain", sp.csc_matrix, "X", {}),
        ("dense_gzip", np.asarray, "X", {"compression": "gzip"}),
        ("dense_plain", np.asarray, "layers/counts", {}),
    ):
        path = folder / f"{name}.h5ad"
        data(form).write_h5ad(path, **options)
        flags = None if counts_in == "raw/X" else "marked"
        made.append(_h5ad(path, counts_in, ("kind", "maybe"), flags))
    return made


def _with_text_that_may_lack(folder: Path) -> list[Good]:
    """Write files as anndata 0.13 does by default: names, text and categories are groups of values and masks."""
    made = []
    whole = data(sp.csr_matrix)
    whole.obs["kind"] = pd.Categorical(pd.array(KINDS, dtype="string"))
    whole.obs["text"] = pd.array([None if i % 4 == 0 else f"t{i}" for i in range(N_CELLS)], dtype="string")
    for table in (whole.obs, whole.var):
        table.index = table.index.astype("string")
    for name, options in (("text_gzip", {"compression": "gzip"}), ("text_plain", {})):
        with ad.settings.override(allow_write_nullable_strings=True):
            whole.write_h5ad(folder / f"{name}.h5ad", **options)
        made.append(_h5ad(folder / f"{name}.h5ad", "X", ("kind", "maybe", "text"), "marked"))
    with h5py.File(folder / "mudata.h5mu", "w", userblock_size=512) as file, h5py.File(made[1].path) as modality:
        for name in ("X", "obs", "var"):
            modality.copy(name, file.require_group("mod/rna"))
        file["mod/rna"].attrs.update(modality.attrs)
        file["obs/index"] = CELLS
    made.append(_h5ad(folder / "mudata.h5mu", "mod/rna/X", ("kind", "maybe", "text"), "marked", within="mod/rna"))
    return made


def data(form: Callable) -> ad.AnnData:
    """Return the content of the files that anndata writes, with matrices of one form."""
    obs = pd.DataFrame(
        {
            "kind": pd.Categorical(KINDS),
            "maybe": pd.array([None if i % 5 == 0 else i for i in range(N_CELLS)], dtype="Int64"),
        },
        index=CELLS,
    )
    found = ad.AnnData(form(counts()), obs=obs, var=pd.DataFrame({"marked": np.arange(N_GENES) % 2 == 0}, index=GENES))
    found.layers["counts"] = form(counts())
    found.raw = found
    return found


def _by_hand(folder: Path) -> list[Good]:
    """Write files as anndata 0.7 did, and as SeuratDisk and other programs write labels."""
    made = []
    for name, libver, options in (
        ("old_categories", "earliest", {}),
        ("latest", "latest", {"compression": "gzip", "shuffle": True, "chunks": True}),
        ("checksums", "earliest", {"compression": "gzip", "shuffle": True, "fletcher32": True}),
        ("seuratdisk", "earliest", {}),
        ("enumerated", "earliest", {}),
    ):
        path = folder / f"{name}.h5ad"
        write_by_hand(path, libver, options)
        made.append(_h5ad(path, "X", ("kind",), "marked"))
    codes = np.array([-1 if kind is None else "xyz".index(kind) for kind in KINDS], np.int32)
    with h5py.File(made[3].path, "r+") as file:
        del file["obs/kind"]
        file["obs/kind"] = np.where(codes < 0, np.iinfo(np.int32).min, codes)
    with h5py.File(made[4].path, "r+") as file:
        del file["obs/kind"], file["obs/__categories"]
        named = h5py.enum_dtype({"x": 0, "y": 1, "z": 2, " ": 9}, "i4")
        file.create_dataset("obs/kind", data=np.where(codes < 0, 9, codes), dtype=named)
    return made


def write_by_hand(path: Path, libver: str, options: dict) -> None:
    """Write an h5ad as anndata 0.7 did: categories in a group beside the columns."""
    values = sp.csr_matrix(counts())
    with h5py.File(path, "w", libver=libver) as file:
        x = file.create_group("X")
        x.attrs.update({"encoding-type": "csr_matrix", "encoding-version": "0.1.0", "shape": values.shape})
        for part in ("data", "indices", "indptr"):
            x.create_dataset(part, data=getattr(values, part), **options)
        for table, names in (("obs", CELLS), ("var", GENES)):
            group = file.create_group(table)
            columns = ["kind"] if table == "obs" else ["marked"]
            group.attrs.update({"encoding-type": "dataframe", "encoding-version": "0.1.0", "_index": "index"})
            group.attrs["column-order"] = columns
            group["index"] = names
        file["var/marked"] = np.arange(N_GENES) % 2 == 0
        file["obs/__categories/kind"] = ["x", "y", "z"]
        file["obs/kind"] = np.array([-1 if kind is None else "xyz".index(kind) for kind in KINDS], np.int8)
        file["obs/kind"].attrs["categories"] = file["obs/__categories/kind"].ref


def _of_others(folder: Path) -> list[Good]:
    """Write 10x HDF5 files of Cell Ranger 3 and 2, and a loom file."""
    matrix, packed = sp.csr_matrix(counts()), {"compression": "gzip", "chunks": True, "shuffle": True}
    names = {"features/id": GENES, "features/name": GENES, "features/feature_type": TYPES, "barcodes": CELLS}
    old_names = {"genes": GENES, "gene_names": GENES, "barcodes": CELLS}
    for file_name, group, texts, options in (("new.h5", "matrix", names, packed), ("old.h5", "hg19", old_names, {})):
        with h5py.File(folder / file_name, "w") as file:
            for name, values in texts.items():
                file.create_dataset(f"{group}/{name}", data=np.array(values, "S"), **options)
            for name in ("data", "indices", "indptr"):
                file.create_dataset(f"{group}/{name}", data=getattr(matrix, name).astype("i8"), **options)
            file[f"{group}/shape"] = np.array(matrix.shape[::-1])
    with h5py.File(folder / "a.loom", "w") as file:
        file.create_dataset("matrix", data=counts().T, compression="gzip", chunks=(5, 7))
        file["col_attrs/CellID"], file["row_attrs/Gene"] = CELLS, GENES
        file["col_attrs/kind"] = ["" if kind is None else kind for kind in KINDS]
        file["row_attrs/marked"] = np.arange(N_GENES) % 2
    tenx = {"format": "tenx_h5", "gene_names": "symbols"}
    return [
        Good(folder / "new.h5", tenx, lambda path: _theirs_10x(path, "matrix", "features/name"), (), None),
        Good(folder / "old.h5", tenx, lambda path: _theirs_10x(path, "hg19", "gene_names"), (), None),
        Good(folder / "a.loom", {"format": "loom"}, _theirs_loom),
    ]


def _h5ad(path: Path, counts_in: str, columns: tuple[str, ...], flags: str | None, within: str = "") -> Good:
    """Return a good h5ad, which anndata reads too, but for labels that it does not know as such."""
    read = {"format": "h5ad", "counts": counts_in}
    matrix = counts_in.removeprefix(f"{within}/")
    return Good(path, read, lambda p: _theirs_h5ad(p, within, matrix, columns, flags), columns, flags)


def _theirs_h5ad(path: Path, within: str, matrix: str, columns: tuple[str, ...], flags: str | None) -> dict:
    with h5py.File(path) as file:
        found = ad.io.read_elem(file[within]) if within else ad.read_h5ad(path)
        labels = {name: as_text(found.obs[name]) for name in columns}
        kind = file[f"{within}/obs/kind"]
        if isinstance(kind, h5py.Dataset) and not isinstance(found.obs["kind"].dtype, pd.CategoricalDtype):
            labels["kind"] = as_text(_labels_by_name(file, kind))
    of_raw = matrix == "raw/X"
    values = found.raw.X if of_raw else found.X if matrix == "X" else found.layers["counts"]
    return {
        "cells": list(found.obs_names),
        "genes": list((found.raw if of_raw else found).var_names),
        "labels": labels,
        "flags": found.var[flags].astype(bool).tolist() if flags else [],
        "values": values.toarray() if sp.issparse(values) else np.asarray(values),
    }


def _labels_by_name(file: h5py.File, kind: h5py.Dataset) -> list:
    """Return labels of numbers that anndata reads as numbers: those of an enumeration, and of SeuratDisk."""
    labels = h5py.check_enum_dtype(kind.dtype)
    if labels is None:
        labels = {label: i for i, label in enumerate(file["obs/__categories/kind"].asstr()[()])}
    meaning = {number: label for label, number in labels.items()} | {np.iinfo(np.int32).min: None, -1: None}
    return [meaning[number] for number in kind[()].tolist()]


def _theirs_10x(path: Path, group: str, names: str) -> dict:
    """Read a 10x matrix as scanpy does: its arrays are those of a CSR matrix of cells."""
    with h5py.File(path) as file:
        arrays = {name: file[group][name][()] for name in ("data", "indices", "indptr", "shape", "barcodes", names)}
        types = file[group].get("features/feature_type")
        kept = np.ones(len(arrays[names]), bool) if types is None else types[()] == b"Gene Expression"
    values = sp.csr_matrix((arrays["data"], arrays["indices"], arrays["indptr"]), shape=arrays["shape"][::-1]).toarray()
    genes = [name.decode() for name, keep in zip(arrays[names], kept, strict=True) if keep]
    cells = [name.decode() for name in arrays["barcodes"]]
    return {"cells": cells, "genes": genes, "labels": {}, "flags": [], "values": values[:, kept]}


def _theirs_loom(path: Path) -> dict:
    with h5py.File(path) as file:
        return {
            "cells": file["col_attrs/CellID"].asstr()[()].tolist(),
            "genes": file["row_attrs/Gene"].asstr()[()].tolist(),
            "labels": {"kind": as_text(file["col_attrs/kind"].asstr()[()])},
            "flags": file["row_attrs/marked"][()].astype(bool).tolist(),
            "values": file["matrix"][()].T,
        }


def as_text(values) -> list[str | None]:
    """Return values as text, without what is missing or empty."""
    return [None if pd.isna(v) or not str(v).strip() else str(v).strip() for v in values]
