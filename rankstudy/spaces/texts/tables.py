"""The tables of texts: texts of genes by their names, which genes have vectors, and what a list holds of a cell."""

from __future__ import annotations

from rankstudy.core.tables import CELL_ID, DATASET, SEED, SPACE, Column, Table

APPROVED, PREVIOUS, ALIAS = "symbol", "previous symbol", "alias"

GENE_TEXTS = Table(
    "gene_texts",
    "Texts of genes, under each name that means one gene and no other.",
    (
        Column("symbol", "text", "name of the gene, in upper case"),
        Column("found_by", "text", f"`{APPROVED}`, `{PREVIOUS}` or `{ALIAS}` of the gene"),
        Column("text", "text", "the text"),
    ),
    ("symbol",),
    location="resources/gene_texts/<name>/texts.parquet",
)

GENE_VECTORS = Table(
    "gene_vectors",
    "Of each space of weighted vectors of genes, how many of the selected genes have one, and what they weigh.",
    (
        DATASET,
        SEED,
        SPACE,
        Column("n_selected", "integer", "selected genes", "genes"),
        Column("n_genes", "integer", "those that have a vector", "genes"),
        Column("share_weights", "number", "of the sum of `expression` over all selected genes and cells", "share"),
        Column("n_cut", "integer", "genes whose text is longer than the model's window", "genes", optional=True),
    ),
    ("dataset", "seed", "space"),
    location="results/<dataset>/tables/gene_vectors.parquet, .tsv",
)

LISTS = Table(
    "lists",
    "What a list of genes that a text model reads holds of each cell.",
    (
        DATASET,
        SEED,
        SPACE,
        CELL_ID,
        Column("n_genes", "integer", "genes of the cell that could be written", "genes"),
        Column("n_listed", "integer", "genes that are written", "genes"),
        Column("n_cut", "integer", "genes that were asked for and that the model's window cuts", "genes"),
        Column("n_pieces", "integer", "word pieces of the text, where the model can tell", "pieces", optional=True),
        Column("share_counts", "number", "share of the cell's total that the written genes have", "share"),
    ),
    ("dataset", "seed", "space", "cell_id"),
    location="results/<dataset>/tables/lists.parquet",
)

TABLES = (LISTS, GENE_VECTORS)
