"""The tables of vocabularies: their genes, and which genes of a data set these are."""

from __future__ import annotations

from rankstudy.core.tables import DATASET, Column, Table

# what the symbols of a data set, all of which are read, are called among the releases of vocabularies
SYMBOLS = "symbols"
# of several vocabularies, that of a row
TOKENS = Column("tokens", "text", "release of the vocabulary; `symbols`: all symbols of the data set, in upper case")

VOCABULARY = Table(
    "vocabulary",
    "The genes of a vocabulary with their tokens, and of Geneformer's with their medians, from the authors' files.",
    (
        Column("ensembl_id", "text", "Ensembl id of the gene, or symbol in a vocabulary of symbols"),
        Column("token", "integer", "token of the gene"),
        Column(
            "median",
            "number",
            "median of the gene over the cells of the authors' corpus that have it",
            "counts per 10,000",
            optional=True,
        ),
    ),
    ("ensembl_id",),
    location="resources/models/<release>/vocabulary.parquet",
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
    location="resources/models/<release>/gene_names.parquet",
)

GENE_TOKENS = Table(
    "gene_tokens",
    "Every gene of a data set with its token in a vocabulary, or why it has none.",
    (
        DATASET,
        Column("gene", "text", "name of the gene in the file"),
        Column("ensembl_id", "text", "Ensembl id that it stands for, or symbol in one of symbols", optional=True),
        Column(
            "token", "integer", "token; several genes of one id share it, and their counts are summed", optional=True
        ),
        Column("median", "number", "median by which its counts are divided", "counts per 10,000", optional=True),
        Column("found_by", "text", "how its Ensembl id was found", optional=True),
        Column("outcome", "text", "`token`, or why it has none"),
        Column("n_counts", "number", "sum over all cells", "counts"),
    ),
    ("gene",),
    location="results/<dataset>/gene_tokens/<release>.parquet",
)

VOCABULARIES = Table(
    "vocabularies",
    "How many genes and counts of a data set are among those of each vocabulary that a model or an encoding reads, by "
    "which name they were found, and why others are not.",
    (
        DATASET,
        TOKENS,
        Column("vocabulary", "text", "version of the vocabulary"),
        Column("outcome", "text", "`token`, or why there is none"),
        Column("found_by", "text", "how the Ensembl ids were found; empty where there is none", optional=True),
        Column("n_genes", "integer", "genes of the file", "genes"),
        Column("share_genes", "number", "of all genes of the file", "share"),
        Column("n_counts", "number", "their sum over all cells", "counts"),
        Column("share_counts", "number", "of the sum over all genes and cells", "share"),
    ),
    ("tokens", "outcome", "found_by"),
    location="results/<dataset>/tables/vocabularies.parquet, .tsv",
)
