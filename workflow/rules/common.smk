# What the rules share: the checked configuration, the wildcards, and functions that find a rule's inputs.
# Anything with logic lives in rankstudy/plan.py and rankstudy/config/, where it is tested.

from functools import cache
from operator import attrgetter

from snakemake.exceptions import WorkflowError

from rankstudy import plan
from rankstudy.config import FILE_NAME, load_study
from rankstudy.digest import code_digest
from rankstudy.errors import StudyError
from rankstudy.registry import MODELS, SPACES
from rankstudy.resources import MEMORY, reading

try:
    STUDY = load_study(config, workflow.configfiles, workflow.basedir)
except StudyError as error:
    raise WorkflowError(f"the configuration is wrong:\n{error}") from None

DATASETS = list(STUDY.datasets)
SEEDS = STUDY.study.seeds
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
    "integration_metrics",
    "geometry",
]
COLLECTED = ["selection_report", "analysed_cells", "sparsity", "sparsity_by_type"]
TOKENISED = ["gene_identity", "tokenised"]


wildcard_constraints:
    dataset="|".join(DATASETS),
    part=r"[a-z0-9_]+",
    seed=r"\d+",
    cell_type=r"[a-z0-9-]+",
    encoding="|".join(name for name, space in SPACES.items() if space.is_encoding),
    embedding="|".join(name for name, space in SPACES.items() if space.is_embedding),
    gathered="|".join(
        name
        for name, space in SPACES.items()
        if space.is_encoding or space.is_embedding
    ),
    fitted="|".join(name for name, space in SPACES.items() if space.parent),
    control="|".join(name for name, space in SPACES.items() if space.is_of_cells),
    group=r"\d+",
    i=r"\d+",
    j=r"\d+",


def of_dataset(attribute):
    """Return a params function: the attribute (`selection.min_cells`) of the wildcard's data set, as a plain value."""
    get = attrgetter(attribute)
    return lambda wildcards: get(STUDY.datasets[wildcards.dataset])


def of_space(attribute):
    """Return a params function: the attribute of the wildcard's space."""
    get = attrgetter(attribute)
    return lambda wildcards: get(
        SPACES[
            next(
                wildcards[kind]
                for kind in ("encoding", "embedding", "fitted", "control")
                if kind in wildcards.keys()
            )
        ]
    )


def memory(rule):
    """Return a resources function: MB that grow with the size of the inputs and with each attempt."""
    return lambda wildcards, input, attempt: MEMORY[rule].mb(input.size_mb, attempt)


def of_part(attribute):
    """Return a params function: the attribute of the wildcards' file of a data set, as a plain value."""
    get = attrgetter(attribute)
    return lambda wildcards: get(
        STUDY.datasets[wildcards.dataset].parts[wildcards.part]
    )


def files_of_part(wildcards):
    return STUDY.datasets[wildcards.dataset].parts[wildcards.part].files


def index_of_parts(kind):
    """Return an input function: the index of each file of a data set."""
    return lambda wildcards: [
        f"results/{wildcards.dataset}/index/{part}.{kind}.parquet"
        for part in STUDY.datasets[wildcards.dataset].parts
    ]


def parts_of_dataset(wildcards):
    return [
        f"results/{wildcards.dataset}/{wildcards.seed}/parts/{part}.h5ad"
        for part in STUDY.datasets[wildcards.dataset].parts
    ]


def memory_of_reading(wildcards, input, attempt):
    """Return the MB to read a file of a data set, which depend on its format."""
    part = STUDY.datasets[wildcards.dataset].parts[wildcards.part]
    return reading(part.format).mb(input.size_mb, attempt)


@cache
def type_sizes(dataset):
    """Return the cells that will be drawn of each cell type, by file name, once the cells are indexed.

    Kept from then on: every job asks for it, and the index does not change while Snakemake runs.
    """
    types = checkpoints.index_cells.get(dataset=dataset).output.types_tsv
    try:
        return STUDY.datasets[dataset].drawn(plan.read_type_counts(types))
    except StudyError:
        # the same call in the job select_cells, which all that follows needs, reports it with its log
        return {}


def shard_paths(dataset, seed, types):
    return [f"results/{dataset}/{seed}/shards/{name}.h5ad" for name in types]


def shards_of(wildcards):
    return shard_paths(wildcards.dataset, wildcards.seed, type_sizes(wildcards.dataset))


def shards_of_first_seed(wildcards):
    return shard_paths(wildcards.dataset, SEEDS[0], type_sizes(wildcards.dataset))


def shards_of_all_seeds(wildcards):
    name = wildcards.dataset
    return [
        path for seed in SEEDS for path in shard_paths(name, seed, type_sizes(name))
    ]


def encoding_groups(dataset):
    return STUDY.encoding_groups(type_sizes(dataset))


def embedding_groups(dataset):
    return STUDY.embedding_groups(type_sizes(dataset))


def shards_of_group(wildcards):
    types = encoding_groups(wildcards.dataset)[int(wildcards.group)]
    return shard_paths(wildcards.dataset, wildcards.seed, types)


def types_of_embedding_job(wildcards):
    return embedding_groups(wildcards.dataset)[int(wildcards.group)]


def parts_of_space(wildcards):
    groups = (
        embedding_groups if SPACES[wildcards.gathered].is_embedding else encoding_groups
    )
    parts = f"results/{wildcards.dataset}/{wildcards.seed}/encoded/{wildcards.gathered}"
    return [f"{parts}/{group}.h5ad" for group in range(len(groups(wildcards.dataset)))]


def parent_space(wildcards):
    return f"results/{wildcards.dataset}/{wildcards.seed}/spaces/{SPACES[wildcards.fitted].parent}.h5ad"


def spaces_of(wildcards):
    names = STUDY.datasets[wildcards.dataset].spaces
    return [
        f"results/{wildcards.dataset}/{wildcards.seed}/spaces/{name}.h5ad"
        for name in names
    ]


def spaces_of_all_seeds(wildcards):
    names = STUDY.datasets[wildcards.dataset].spaces
    return expand(
        f"results/{wildcards.dataset}/{{seed}}/spaces/{{name}}.h5ad",
        seed=SEEDS,
        name=names,
    )


def spaces_of_first_seed(wildcards):
    names = STUDY.datasets[wildcards.dataset].spaces
    return {
        name: f"results/{wildcards.dataset}/{SEEDS[0]}/spaces/{name}.h5ad"
        for name in names
    }


def tokenised_cells(wildcards):
    """Return the report of the tokeniser, if any model reads the cells."""
    if wildcards.dataset not in STUDY.tokenised:
        return []
    return [f"results/{wildcards.dataset}/{wildcards.seed}/tokenised.parquet"]


def block_groups(dataset):
    return STUDY.block_groups(type_sizes(dataset))


def blocks_of(wildcards):
    indices = plan.block_indices(len(block_groups(wildcards.dataset)))
    return [
        f"results/{wildcards.dataset}/{wildcards.seed}/blocks/{i}-{j}.h5"
        for i, j in indices
    ]


def types_of_block(side):
    """Return a params function: the cell types on one side (`i` or `j`) of the wildcard's block."""
    return lambda wildcards: block_groups(wildcards.dataset)[int(wildcards[side])]


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
        *COLLECTED,
        "example_cell",
        "spaces",
        "gates",
        "type_relations",
    ]
    tables = "results/{dataset}/tables/{table}.parquet"
    return [
        *expand(tables, dataset=DATASETS, table=names),
        *expand(tables, dataset=STUDY.tokenised, table=TOKENISED),
        *expand(tables, dataset=STUDY.with_donors, table="donors"),
    ]


def all_tables(wildcards):
    return [*dataset_tables(), *training_tables()]


def dictionary_files(wildcards):
    """Return the wheel that holds the dictionaries, or each of them as a file."""
    if STUDY.release.wheel:
        return {"wheel": STUDY.release.wheel}
    return {role: STUDY.release.path(role) for role in STUDY.release.dictionaries}


def published_file(role):
    """Return a file of the published model; the configuration refuses its spaces where the release has none."""
    return STUDY.release.path(role) if role in STUDY.release.members else []


def model_of_space(wildcards):
    """Return the files of the model whose embedding the wildcard's space is."""
    model = SPACES[wildcards.embedding].model
    about = f"results/models/{model}/about.json"
    if model == "published":
        files = {role: published_file(role) for role in ("config", "weights")}
    else:
        files = {
            "config": f"results/models/{model}/config.json",
            "weights": f"results/models/{model}/model.safetensors",
        }
    return {**files, "about": about}


def training_tokens(wildcards):
    return [
        f"results/models/training_tokens/{name}/{part}.parquet"
        for name in STUDY.tokenised
        for part in STUDY.datasets[name].parts
    ]


def training_tables():
    """Return the tables of the model that the study trains, which belong to no data set."""
    if "trained-here" not in STUDY.models:
        return []
    return [
        "results/models/training_cells.parquet",
        "results/models/trained-here/training_loss.parquet",
    ]


def dataset_figures(format):
    return [
        f"results/figures/{name}/{figure}.{format}"
        for name, dataset in STUDY.datasets.items()
        for figure in dataset.figures
    ]


def training_figures(format):
    if "trained-here" not in STUDY.models:
        return []
    return [f"results/figures/models/training_loss.{format}"]


def all_figures(wildcards):
    return [
        path
        for format in ("svg", "png")
        for path in (*dataset_figures(format), *training_figures(format))
    ]
