# Which shards, tables and figures there are: what the targets of the Snakefile and the article ask for.

from pathlib import Path

from rankstudy.measures.causes.tables import TABLES as TABLES_OF_CAUSES
from rankstudy.measures.changes.tables import TABLES as TABLES_OF_CHANGES
from rankstudy.measures.lattice.tables import TABLES as TABLES_OF_LEDGERS
from rankstudy.measures.settings.tables import TABLES as TABLES_OF_CURVES
from rankstudy.measures.states.tables import TABLES as TABLES_OF_STATES
from rankstudy.spaces.texts.tables import TABLES as TABLES_OF_TEXTS

EVALUATED = [
    "pair_summaries",
    "effect_sizes",
    "outlier_types",
    "outlier_cells",
    "joint_distribution",
    "relations",
    "operating_points",
    "neighbourhoods",
    "batch_driven",
    "neighbour_cells",
    "neighbour_overlap",
    "label_transfer",
    "batch_pairs",
]
FIELD_METRICS = ["integration_metrics", "geometry"]
UNCERTAINTY = ["intervals", "differences"]
CURVES = [table.name for table in TABLES_OF_CURVES]
LEDGERS = [table.name for table in TABLES_OF_LEDGERS]
CAUSES = [table.name for table in (*TABLES_OF_CAUSES, *TABLES_OF_CHANGES)]
STATES = [table.name for table in TABLES_OF_STATES]
TEXTS = [table.name for table in TABLES_OF_TEXTS]
INDEXED = ["type_batches", "source_parts"]
COLLECTED = ["selection_report", "analysed_cells", "sparsity", "sparsity_by_type"]


def all_shards(wildcards):
    return [
        path
        for name in DATASETS
        for seed in SEEDS
        for path in shard_paths(name, seed, type_sizes(name))
    ]


def dataset_tables():
    names = [
        *EVALUATED,
        *UNCERTAINTY,
        *(FIELD_METRICS if STUDY.study.field_metrics else []),
        *(["metrics"] if STUDY.own_metrics else []),
        *INDEXED,
        *COLLECTED,
        "example_cell",
        "spaces",
        "gates",
        "type_relations",
    ]
    tables = "results/{dataset}/tables/{table}.parquet"
    return [
        *expand(tables, dataset=DATASETS, table=names),
        *expand(tables, dataset=STUDY.with_curves, table=CURVES),
        *expand(tables, dataset=STUDY.with_ledgers, table=LEDGERS),
        *expand(tables, dataset=STUDY.with_causes, table=CAUSES),
        *expand(tables, dataset=STUDY.with_states, table=STATES),
        *expand(tables, dataset=STUDY.with_texts, table=TEXTS),
        *expand(tables, dataset=STUDY.with_ontology, table="ontology_suggestions"),
        *expand(tables, dataset=STUDY.with_embeddings, table="embedding_audit"),
        *expand(tables, dataset=STUDY.encoded, table="encoded_cells"),
        *expand(tables, dataset=STUDY.with_vocabularies, table="vocabularies"),
        *expand(tables, dataset=STUDY.tokenised, table="tokenised"),
        *expand(tables, dataset=STUDY.with_donors, table="donors"),
    ]


def training_tables():
    """Return the tables of the model that the study trains, which belong to no data set."""
    if "trained" not in STUDY.own_models:
        return []
    return [
        "results/models/training_cells.parquet",
        f"results/models/{STUDY.own_models['trained']}/training_loss.parquet",
    ]


def all_tables(wildcards):
    return [*dataset_tables(), *training_tables()]


def figures_of(folders, format):
    return [
        f"results/figures/{folder}/{figure}.{format}"
        for folder in folders
        for figure in DRAWN[folder]
    ]


def all_figures(wildcards):
    return [*figures_of(DRAWN, "svg"), *figures_of(DRAWN, "png")]


def pages_together(wildcards):
    """Return the folder of the pages, once they are there: they link each other, as single files of a report cannot."""
    written = Path(rules.write_article.output.pages[0]).parent
    return "results/article" if written.is_dir() else []
