"""The tables of the cells: of the files of a data set, of its index, of the selection, and of its cell types."""

from __future__ import annotations

from rankstudy.core.tables import BATCH, CELL_ID, CELL_TYPE, DATASET, OPTIONAL_BATCH, SEED, Column, Table

PART_CELLS = Table(
    "part_cells",
    "Every cell of one file of a data set.",
    (
        DATASET,
        CELL_ID,
        Column("cell_name", "text", "name of the cell in the file"),
        Column(
            "left_out", "text", "why the data set's file leaves the cell out; empty where it does not", optional=True
        ),
        Column("cell_type", "text", "cell type as the data set labels it; empty where it has none", optional=True),
        OPTIONAL_BATCH,
        Column("donor", "text", "donor", optional=True),
        Column(
            "term", "text", "id in the Cell Ontology; empty where the data set names no column of them", optional=True
        ),
        Column("state", "text", "state of the cell; empty where the data set names no column of it", optional=True),
        Column(
            "n_counts", "number", "sum over all genes of the file", "counts (or the unit of the values, if not counts)"
        ),
        Column("n_genes", "integer", "genes with a value above zero", "genes"),
        Column("n_fractional", "integer", "values that are not whole", "values"),
        Column("part", "text", "the file that holds the cell"),
        Column("row", "integer", "position of the cell in that file, from 0"),
    ),
    ("cell_id",),
    location="results/<dataset>/index/<part>.cells.parquet",
    version=2,
)

PART_GENES = Table(
    "part_genes",
    "Every gene of one file of a data set.",
    (
        DATASET,
        Column(
            "gene", "text", "name of the gene in the file (in a combined data set an Ensembl id is without its version)"
        ),
        Column("n_cells", "integer", "cells with a value above zero", "cells"),
        Column("n_counts", "number", "sum over all cells", "counts (or the unit of the values, if not counts)"),
        Column("flagged", "boolean", "the data set's own mark (genes.column), false if none is used"),
    ),
    ("gene",),
    location="results/<dataset>/index/<part>.genes.parquet",
)

PART_CHOICES = Table(
    "part_choices",
    "What the reader of one file of a data set decided: where the file offers more than one thing, or may be "
    "understood in more than one way.",
    (
        DATASET,
        Column("part", "text", "the file"),
        Column("what", "text", "what was decided (matrix, feature types, separator)"),
        Column("choice", "text", "the decision in words: what was taken, and what was left"),
    ),
    ("part", "what"),
    location="results/<dataset>/index/<part>.choices.parquet",
)

CELLS = Table(
    "cells",
    "Every cell of a data set, as found in its file.",
    (
        DATASET,
        CELL_ID,
        Column("cell_name", "text", "name of the cell in the file"),
        Column(
            "left_out", "text", "why the data set's file leaves the cell out; empty where it does not", optional=True
        ),
        Column("cell_type", "text", "cell type as the data set labels it; empty where it has none", optional=True),
        Column("slug", "text", "cell type as it stands in file names", optional=True),
        OPTIONAL_BATCH,
        Column("donor", "text", "donor", optional=True),
        Column("n_counts", "number", "sum over all genes", "counts (or the unit of the values, if not counts)"),
        Column("n_genes", "integer", "genes with a value above zero", "genes"),
        Column("part", "text", "source file of the data set that holds the cell"),
        Column("row", "integer", "position of the cell in that file, from 0"),
    ),
    ("cell_id",),
    location="results/<dataset>/cells.parquet",
)

CELL_TYPES = Table(
    "cell_types",
    "The cell types of a data set.",
    (
        DATASET,
        CELL_TYPE,
        Column("slug", "text", "cell type as it stands in file names"),
        Column("n_cells", "integer", "cells with at least one count", "cells"),
        Column("n_batches", "integer", "batches that hold such a cell", "batches"),
        Column("median_counts", "number", "median of n_counts", "counts"),
        Column("median_genes", "number", "median of n_genes", "genes"),
    ),
    ("cell_type",),
    location="results/<dataset>/cell_types.parquet, .tsv",
)

GENES = Table(
    "source_genes",
    "Every gene of a data set, as found in its file.",
    (
        DATASET,
        Column(
            "gene", "text", "name of the gene in the file (in a combined data set an Ensembl id is without its version)"
        ),
        Column("n_cells", "integer", "cells with a value above zero", "cells"),
        Column("n_counts", "number", "sum over all cells", "counts (or the unit of the values, if not counts)"),
        Column("flagged", "boolean", "the data set's own mark (genes.column), false if none is used"),
    ),
    ("gene",),
    location="results/<dataset>/source_genes.parquet",
)

BATCHES = Table(
    "batches",
    "The batches of a data set, and whether their values are counts.",
    (
        DATASET,
        BATCH,
        Column("n_cells", "integer", "cells", "cells"),
        Column("n_fractional", "integer", "cells with a value that is not whole", "cells"),
        Column("values", "text", "`counts`: all are whole; `not whole`: some are not"),
    ),
    ("batch",),
    location="results/<dataset>/tables/batches.parquet, .tsv",
)

SOURCE_PARTS = Table(
    "source_parts",
    "The files of a data set: how each was read, and its genes that others lack; genes that all have are used.",
    (
        DATASET,
        Column("part", "text", "the file"),
        Column("member", "text", "of a combined data set: the data set that the file is of", optional=True),
        Column("n_cells", "integer", "cells, those that are left out included", "cells"),
        Column("n_genes", "integer", "genes of the file", "genes"),
        Column("n_lost", "integer", "of these, genes that another file lacks", "genes"),
        Column(
            "share_lost",
            "number",
            "share of the sum of all values of the file that is on genes that another file lacks",
        ),
        Column(
            "choices",
            "text",
            "what the reader decided where the file offers more than one thing, and what it left; empty where nothing",
            optional=True,
        ),
    ),
    ("dataset", "part"),
    location="results/<dataset>/tables/source_parts.parquet, .tsv",
)

TYPE_BATCHES = Table(
    "type_batches",
    "The cells of each type in each batch, and how deeply they are sequenced: where batches differ in it, what tells "
    "them apart "
    "may be depth.",
    (
        DATASET,
        CELL_TYPE,
        BATCH,
        Column("n_cells", "integer", "cells with at least one count", "cells"),
        Column("median_counts", "number", "median of n_counts", "counts"),
        Column("median_genes", "number", "median of n_genes: genes with a value above zero", "genes"),
    ),
    ("dataset", "cell_type", "batch"),
    location="results/<dataset>/tables/type_batches.parquet, .tsv",
)

DONORS = Table(
    "donors",
    "What is known of each donor, as the data set's own table says it; only where a data set has one.",
    (
        DATASET,
        Column("donor", "text", "donor, as the cells name it"),
        Column("n_cells", "integer", "cells of the donor", "cells"),
        Column("property", "text", "column of the data set's table"),
        Column("value", "text", "what stands there; empty where nothing does", optional=True),
    ),
    ("donor", "property"),
    location="results/<dataset>/tables/donors.parquet, .tsv",
)

SELECTION = Table(
    "selection",
    "The cells that were drawn.",
    (
        DATASET,
        SEED,
        CELL_ID,
        CELL_TYPE,
        Column("slug", "text", "cell type as it stands in file names"),
        BATCH,
        Column("donor", "text", "donor", optional=True),
        Column("n_counts", "number", "sum over all genes", "counts"),
        Column("part", "text", "source file of the data set that holds the cell"),
        Column("row", "integer", "position of the cell in that file, from 0"),
    ),
    ("cell_id",),
    location="results/<dataset>/<seed>/selection.parquet",
)

SELECTION_REPORT = Table(
    "selection_report",
    "What was selected, and what was left out and why: one row per cell type and outcome.",
    (
        DATASET,
        SEED,
        Column("cell_type", "text", "cell type; empty for cells without one", optional=True),
        Column("selected", "boolean", "whether these cells take part"),
        Column("reason", "text", "why they were left out, or `selected`"),
        Column("n_cells", "integer", "cells with this outcome", "cells"),
        Column("n_batches", "integer", "batches that they come from", "batches"),
    ),
    ("dataset", "seed", "cell_type", "reason"),
    location="results/<dataset>/tables/selection_report.parquet, .tsv",
)

BY_ONTOLOGY, BY_HAND, SAME_LABEL, UNMAPPED = "ontology", "by hand", "same label", "unmapped"

TYPE_RELATIONS = Table(
    "type_relations",
    "Which cell types of a data set are similar: each unordered pair once, a type with itself included.",
    (
        DATASET,
        Column("type_a", "text", "cell type (label)"),
        Column("type_b", "text", "cell type (label); not before type_a in the alphabet"),
        Column(
            "relation",
            "text",
            "`own`: the same type; `similar`; `other`; `unknown`: a type has no term, one term is so broad that it "
            "may mean the "
            "other, or the ontology does not connect them",
        ),
        Column(
            "basis", "text", "`same label`, `by hand` (`similar` of the data set), `ontology`, or `unmapped`: no term"
        ),
        Column(
            "similarity",
            "number",
            "information of the shared ancestor: 0 for the root of the ontology, 1 for a term with none below it; "
            "empty where a "
            "type has no term or none is shared",
            "0 to 1",
            optional=True,
        ),
        Column(
            "ancestor_id",
            "text",
            "the most informative common ancestor of both, the terms themselves included",
            optional=True,
        ),
        Column("ancestor_name", "text", "its name", optional=True),
    ),
    ("dataset", "type_a", "type_b"),
    location="results/<dataset>/tables/type_relations.parquet, .tsv",
)
