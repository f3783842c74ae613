"""A shard of cells with what lists of genes read beside it, small enough to be counted by hand."""

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.core.files import write_anndata
from rankstudy.spaces.tables import SELECTED_GENES
from rankstudy.spaces.texts.make import read_lists
from rankstudy.spaces.texts.tables import GENE_TEXTS, LISTS
from rankstudy.spaces.tokens.tables import GENE_TOKENS

GENES = ["g0", "g1", "g2", "g3", "g4"]
SYMBOLS = ["AA", "BB", None, "DD", "AA"]
COUNTS = np.array([[5.0, 1, 9, 3, 0], [0, 2, 0, 0, 7], [1, 0, 4, 2, 0]])
HOW = {
    "genes": None,
    "by": "counts",
    "order": "descending",
    "words": "symbols",
    "counts": False,
    "panel": "all",
    "prefix": "",
    "control": None,
    "read_as": "text",
}


class Letters:
    """A text model whose vector counts the letters of a text; a letter is a word piece, and it reads so many."""

    def __init__(self, window=None):
        self.window, self.read = window, []

    def room(self, prefix):
        return None if self.window is None else self.window - len(prefix.replace(" ", ""))

    def lengths(self, texts):
        return np.array([len(text.replace(" ", "")) for text in texts])

    def vectors(self, texts):
        self.read += texts
        return np.array([[text.count(letter) for letter in "ABDN"] for text in texts], np.float32)


def table(declared, **columns):
    """Return rows of a declared table, with nothing where a column is not given."""
    frame = pd.DataFrame(columns)
    for column in declared.columns:
        if column.name not in frame:
            frame[column.name] = {"text": "x", "integer": 0, "number": 0.0, "boolean": False}[column.type]
    return frame[declared.names]


def write_beside(folder, selected=(0, 1)):
    """Write the tables that say what genes are called and which are selected; return their paths by what they are."""
    symbols = table(GENE_TOKENS, gene=GENES, ensembl_id=SYMBOLS, token=[0, 1, None, 3, 0], dataset="toy")
    GENE_TOKENS.write(symbols, folder / "symbols.parquet")
    medians = table(GENE_TOKENS, gene=GENES, ensembl_id=SYMBOLS, token=[0, 1, None, 3, 0], median=[9.0, 1, None, 1, 9])
    GENE_TOKENS.write(medians, folder / "tokens.parquet")
    names = table(GENE_TEXTS, symbol=["AA", "DD"], text=["name N", "name D"])
    GENE_TEXTS.write(names, folder / "names.parquet")
    write_selected(folder, selected)
    files = {"symbols": "symbols", "gene_tokens": "tokens", "names": "names", "genes": "genes"}
    return {what: str(folder / f"{name}.parquet") for what, name in files.items()}


def write_selected(folder, selected):
    of_genes = [k in selected for k in range(len(GENES))]
    genes = table(SELECTED_GENES, gene=GENES, selected=of_genes, dataset="toy")
    SELECTED_GENES.write(genes, folder / "genes.parquet")


def write_shard(folder, counts=COUNTS):
    """Write a shard of the cells, of one type, and return its path."""
    obs = pd.DataFrame(index=[f"toy:c{k}" for k in range(len(counts))])
    obs = obs.assign(cell_type="A", slug="a", batch="L", n_counts=counts.sum(axis=1))
    write_anndata(
        ad.AnnData(sp.csr_matrix(counts, dtype=np.float32), obs=obs, var=pd.DataFrame(index=GENES)), folder / "a.h5ad"
    )
    return str(folder / "a.h5ad")


def listed(folder, reader, selected=(0, 1), **how):
    """Let a model read the lists of the shard; return the space and the table `lists`."""
    files, shard = write_beside(folder, selected), write_shard(folder)
    read_lists(
        [shard],
        files,
        reader,
        how=HOW | how,
        made={},
        dataset="toy",
        space="mine",
        metric="cosine",
        seed=0,
        output=str(folder / "part.h5ad"),
        report_out=str(folder / "lists.parquet"),
    )
    return ad.read_h5ad(folder / "part.h5ad"), LISTS.read(folder / "lists.parquet")
