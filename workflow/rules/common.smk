# What the rules share: the checked configuration, the wildcards, and functions that find a rule's inputs.
# Anything with logic lives in the package (rankstudy/config/, core/cell_types.py, pairs/blocks.py), where it is tested.

from functools import cache
from operator import attrgetter

from snakemake.exceptions import WorkflowError

from rankstudy.config import FILE_NAME, load_study
from rankstudy.core.cell_types import read_type_counts
from rankstudy.core.errors import StudyError, listing
from rankstudy.pairs.blocks import block_indices
from rankstudy.report.figure import OF_STUDY, drawings
from rankstudy.run.digest import code_digest
from rankstudy.run.workflow import FOLDER, is_imported
from rankstudy.spaces.registry import MODELS, SPACES

try:
    STUDY = load_study(
        config,
        workflow.configfiles,
        FOLDER,
        # in a workflow that has this one as a module, other rules may make them
        demand_files=not is_imported(workflow.basedir),
    )
except StudyError as error:
    raise WorkflowError(f"the configuration is wrong:\n{error}") from None

DATASETS = list(STUDY.datasets)
SEEDS = STUDY.study.seeds
# what is drawn of each data set and of the study: by its folder, and by the name of the file
DRAWN = {
    **{name: drawings("dataset", dataset) for name, dataset in STUDY.datasets.items()},
    OF_STUDY: drawings("study", STUDY),
}


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
    folder="|".join(DRAWN),
    figure="|".join(sorted({name for drawn in DRAWN.values() for name in drawn})),


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


def of_part(attribute):
    """Return a params function: the attribute of the wildcards' file of a data set, as a plain value."""
    get = attrgetter(attribute)
    return lambda wildcards: get(part_of(wildcards))


def as_written(path):
    """Return a path of the configuration, which stays as it is; what is made here may lie below a module's `prefix`."""
    return path if path.startswith("resources/") else local(path)


def part_of(wildcards):
    return STUDY.datasets[wildcards.dataset].parts[wildcards.part]


def files_of_part(wildcards):
    """Return the files that a reader opens, by what they are: `matrix`, `labels` and so on."""
    files = part_of(wildcards).files
    return {name: as_written(path) for name, path in files.items()}


def how_to_read(wildcards, input):
    """Return how to read a file of a data set, with the paths that the job's inputs have."""
    part = part_of(wildcards)
    return {**part.read, **{name: input[name] for name in part.beside}}


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


@cache
def type_sizes(dataset):
    """Return the cells that will be drawn of each cell type, by file name, once the cells are indexed.

    Kept from then on: every job asks for it, and the index does not change while Snakemake runs.
    """
    types = checkpoints.index_cells.get(dataset=dataset).output.types_tsv
    try:
        return STUDY.datasets[dataset].sampled(read_type_counts(types))
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


def space_paths(dataset, seed):
    names = STUDY.datasets[dataset].spaces
    return {name: f"results/{dataset}/{seed}/spaces/{name}.h5ad" for name in names}


def spaces_of(wildcards):
    return list(space_paths(wildcards.dataset, wildcards.seed).values())


def spaces_of_all_seeds(wildcards):
    return [
        path for seed in SEEDS for path in space_paths(wildcards.dataset, seed).values()
    ]


def spaces_of_first_seed(wildcards):
    return space_paths(wildcards.dataset, SEEDS[0])


def tokenised_cells(wildcards):
    """Return the report of the tokeniser, if any model reads the cells."""
    if wildcards.dataset not in STUDY.tokenised:
        return []
    return [f"results/{wildcards.dataset}/{wildcards.seed}/tokenised.parquet"]


def index_with_donors(wildcards):
    """Return the index of the cells, if it says donors that are not the batches."""
    if not STUDY.datasets[wildcards.dataset].donors_apart:
        return []
    return [f"results/{wildcards.dataset}/cells.parquet"]


def block_groups(dataset):
    return STUDY.block_groups(type_sizes(dataset))


def blocks_of(wildcards):
    indices = block_indices(len(block_groups(wildcards.dataset)))
    return [
        f"results/{wildcards.dataset}/{wildcards.seed}/blocks/{i}-{j}.h5"
        for i, j in indices
    ]


def types_of_block(side):
    """Return a params function: the cell types on one side (`i` or `j`) of the wildcard's block."""
    return lambda wildcards: block_groups(wildcards.dataset)[int(wildcards[side])]


def dictionary_files(wildcards):
    """Return the wheel that holds the dictionaries, or each of them as a file."""
    if STUDY.release.wheel:
        return {"wheel": as_written(STUDY.release.wheel)}
    return {
        role: as_written(STUDY.release.path(role))
        for role in STUDY.release.dictionaries
    }


def training_tokens(wildcards):
    return [
        f"results/models/training_tokens/{name}/{part}.parquet"
        for name in STUDY.tokenised
        for part in STUDY.datasets[name].parts
    ]


def published_file(role):
    """Return a file of the published model; the configuration refuses its spaces where the release has none."""
    if role not in STUDY.release.members:
        return []
    return as_written(STUDY.release.path(role))


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


def drawing(wildcards):
    """Return the drawing that the wildcards name."""
    drawn = DRAWN[wildcards.folder]
    if wildcards.figure not in drawn:
        raise WorkflowError(
            f"there is no figure {wildcards.figure} of {wildcards.folder} in this study, but {listing(drawn, 30)}"
        )
    return drawn[wildcards.figure]


def files_of_figure(wildcards):
    return drawing(wildcards).files(wildcards.folder, SEEDS[0])


def labels_of_figure(wildcards):
    """Return what Snakemake's report says of a figure in its list."""
    of_study = wildcards.folder == OF_STUDY
    return {
        "figure": drawing(wildcards).figure.title,
        "data set": "all" if of_study else wildcards.folder,
    }
