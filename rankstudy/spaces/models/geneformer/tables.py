"""The tables of the models: vocabulary, tokens, training."""

from __future__ import annotations

from rankstudy.core.tables import BATCH, CELL_ID, DATASET, Column, Table

VOCABULARY = Table(
    "vocabulary",
    "The genes that a version of Geneformer reads: tokens and medians, converted from the authors' dictionaries.",
    (
        Column("ensembl_id", "text", "Ensembl id of the gene"),
        Column("token", "integer", "token of the gene"),
        Column(
            "median",
            "number",
            "median of the gene over the cells of the authors' corpus that have it",
            "counts per 10,000",
        ),
    ),
    ("ensembl_id",),
    location="resources/geneformer/<release>/vocabulary.parquet",
)

GENE_NAMES = Table(
    "gene_names",
    "Names by which the vocabulary's genes are found: symbols, aliases, and Ensembl ids that were replaced.",
    (
        Column("name", "text", "symbol, alias or Ensembl id"),
        Column("upper", "boolean", "whether the name is looked up in upper case (the authors' mapping dictionary)"),
        Column("ensembl_id", "text", "Ensembl id that it stands for"),
    ),
    ("name", "upper"),
    location="resources/geneformer/<release>/gene_names.parquet",
)

GENE_TOKENS = Table(
    "gene_tokens",
    "Every gene of a data set with its Geneformer token, or why it has none.",
    (
        DATASET,
        Column("gene", "text", "name of the gene in the file"),
        Column("ensembl_id", "text", "Ensembl id that it stands for", optional=True),
        Column(
            "token", "integer", "token; several genes of one id share it, and their counts are summed", optional=True
        ),
        Column("median", "number", "median by which its counts are divided", "counts per 10,000", optional=True),
        Column("found_by", "text", "how its Ensembl id was found", optional=True),
        Column("outcome", "text", "`token`, or why it has none"),
        Column("n_counts", "number", "sum over all cells", "counts"),
    ),
    ("gene",),
    location="results/<dataset>/gene_tokens.parquet",
)

GENE_IDENTITY = Table(
    "gene_identity",
    "How many genes and counts of a data set reached a Geneformer token, by which name, and why others did not.",
    (
        DATASET,
        Column("vocabulary", "text", "version of Geneformer"),
        Column("outcome", "text", "`token`, or why there is none"),
        Column("found_by", "text", "how the Ensembl ids were found; empty where there is none", optional=True),
        Column("n_genes", "integer", "genes of the file", "genes"),
        Column("share_genes", "number", "of all genes of the file", "share"),
        Column("n_counts", "number", "their sum over all cells", "counts"),
        Column("share_counts", "number", "of the sum over all genes and cells", "share"),
    ),
    ("outcome", "found_by"),
    location="results/<dataset>/tables/gene_identity.parquet, .tsv",
)

TRAINING_CELLS = Table(
    "training_cells",
    "The cells that the study's own model was trained on, and those its loss was measured on.",
    (
        DATASET,
        CELL_ID,
        Column("cell_type", "text", "cell type; empty where the data set has none", optional=True),
        Column("slug", "text", "cell type as it stands in file names", optional=True),
        BATCH,
        Column("part", "text", "source file of the data set that holds the cell"),
        Column("row", "integer", "position of the cell in that file, from 0"),
        Column("role", "text", "`training`, or `validation`: the loss is measured on it"),
        Column("evaluated", "boolean", "whether a replicate compares the cell too"),
    ),
    ("cell_id",),
    location="results/models/training_cells.parquet",
)

TRAINING_LOSS = Table(
    "training_loss",
    "Loss of the study's own model while it was trained, beside what the frequency of the genes alone gives.",
    (
        Column("step", "integer", "steps done", "batches"),
        Column("n_cells", "integer", "cells seen, repeated ones counted each time", "cells"),
        Column(
            "training_loss", "number", "mean over the steps since the row before", "nats per masked gene", optional=True
        ),
        Column("validation_loss", "number", "on cells that are not trained on", "nats per masked gene"),
        Column(
            "unigram_loss",
            "number",
            "on the same masked genes, each predicted by its frequency among the training tokens",
            "nats per masked gene",
        ),
    ),
    ("step",),
    location="results/models/trained-here/training_loss.parquet",
)
