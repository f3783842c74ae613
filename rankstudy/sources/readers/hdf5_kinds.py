"""What an HDF5 file is, by the groups in it, where it is not of the format that was named: for messages."""

from __future__ import annotations

import h5py

from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.sources.readers.hdf5 import find, names

_MOLECULES = {"molecules", "barcode_info", "barcode_idx", "umi"}


def other_kind(file: h5py.File, expected: str) -> StudyError:
    """Return the error that says what a file is instead of what was expected, and what to do."""
    return StudyError(f"{file.filename}: is not {expected}: {_what_it_is(file)}")


def genomes(file: h5py.File) -> list[str]:
    """Return the groups that hold a matrix each as Cell Ranger 2 writes them: by genome."""
    return [name for name in names(file) if {"barcodes", "genes", "indptr"} <= _inside(file, name)]


def _what_it_is(file: h5py.File) -> str:
    inside = set(names(file))
    if "mod" in inside:
        modalities = sorted(_inside(file, "mod"))
        one = "rna" if "rna" in modalities else next(iter(modalities), "rna")
        return advise(f"it is a MuData file of {listing(modalities)}", f"write `h5ad: {{counts: mod/{one}/X}}`")
    if "features" in _inside(file, "matrix") or genomes(file):
        return advise("it is a 10x matrix of Cell Ranger", "write `tenx_h5: {}` in place of another format's section")
    if {"row_attrs", "col_attrs"} <= inside:
        return advise("it is a loom file", "write `loom: {}` in place of another format's section")
    if {"assays", "meta.data"} <= inside:
        return advise(
            "it is an h5Seurat file",
            (
                "save its object in R: saveRDS(SeuratDisk::LoadH5Seurat('cells.h5seurat'), 'cells.rds'), and "
                "name that file"
            ),
        )
    if inside & _MOLECULES:
        return advise("it holds the molecules of Cell Ranger, not counts", "take its filtered_feature_bc_matrix.h5")
    if isinstance(find(file, "obs"), h5py.Dataset):
        return advise(
            "it was written by anndata before 0.7",
            "write it anew in Python: anndata.read_h5ad('old.h5ad').write_h5ad('cells.h5ad'), and name that file",
        )
    if isinstance(find(file, "obs"), h5py.Group):
        return advise("it is an AnnData file", "write `h5ad: {}` in place of another format's section")
    return f"it holds {listing(sorted(inside)) or 'nothing'}, which none of the formats that are read has"


def _inside(file: h5py.File, name: str) -> set[str]:
    group = find(file, name)
    return set(names(group)) if isinstance(group, h5py.Group) else set()
