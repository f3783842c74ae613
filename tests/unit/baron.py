"""Baron's pancreas through the package's own index, selection and readers."""

import anndata as ad
import scipy.sparse as sp

from rankstudy.cells.index import index_cells
from rankstudy.cells.scan import scan_part
from rankstudy.cells.selection import select_cells
from rankstudy.cells.shards import extract_cells
from rankstudy.cells.tables import CELL_TYPES, CELLS, GENES, SELECTION
from tests.unit.helpers import index_outputs, part_tables


def read_baron(plan, wheel, folder, **drawn):
    """Return the index, the selection of seed 0, and the selected cells with the counts of all genes, in its order."""
    out = index_outputs(folder) | {name: str(folder / f"{name}.parquet") for name in ("selection", "report")}
    part, scanned = plan.parts["0"], part_tables(folder, "0")
    scan_part(
        wheel,
        part.read,
        dataset=plan.name,
        part="0",
        part_label="0",
        several_parts=plan.several_parts,
        annotations=plan.annotations,
        keep=plan.keep,
        missing=plan.model.missing,
        values=plan.model.values,
        cells_expected=part.model.cells,
        verified=part.verified,
        flag_column=plan.flag_column,
        **scanned,
    )
    index_cells(
        *([path] for path in scanned.values()), dataset=plan.name, values=plan.model.values, needs=plan.needs,
        expect=plan.expected, membership=plan.membership, outputs=out,
    )  # fmt: skip
    select_cells(
        out["cells"], out["types"], dataset=plan.name, seed=0, **drawn,
        selection_out=out["selection"], report_out=out["report"],
    )  # fmt: skip
    extracted = str(folder / "0.h5ad")
    extract_cells(wheel, part.read, out["selection"], out["genes"], part="0", several_parts=False, output=extracted)
    selection = SELECTION.read(out["selection"])
    data = ad.read_h5ad(extracted)[selection["cell_id"]]
    return {
        "cells": CELLS.read(out["cells"]),
        "types": CELL_TYPES.read(out["types"]),
        "genes": GENES.read(out["genes"]),
        "selection": selection,
        "counts": sp.csr_matrix(data.X),
        "extracted": extracted,
        "files": out,
    }
