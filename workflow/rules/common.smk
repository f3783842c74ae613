# What the rules share: the checked configuration, the wildcards, and functions that find a rule's inputs.
# Anything with logic lives in the package (rankstudy/config/, core/cell_types.py, pairs/blocks.py), where it is tested.

import json
from functools import cache
from operator import attrgetter
from pathlib import Path

from snakemake.exceptions import WorkflowError

from rankstudy.config import FILE_NAME, load_study
from rankstudy.core.cell_types import read_type_counts
from rankstudy.core.errors import StudyError, listing
from rankstudy.core.files import sha256
from rankstudy.pairs.blocks import block_indices
from rankstudy.report.figure import OF_STUDY, drawings
from rankstudy.run.digest import code_digest
from rankstudy.run.workflow import FOLDER, is_imported
from rankstudy.spaces.models.registry import GENEFORMER_TOKENS
from rankstudy.spaces.tokens.tables import SYMBOLS

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
SPACES = STUDY.catalogue.spaces
# the data sets from which the study's own models take the cells to train on
TRAINED_ON = [name for name, dataset in STUDY.datasets.items() if dataset.models]
# what is drawn of each data set and of the study: by its folder, and by the name of the file
DRAWN = {
    **{
        name: drawings("dataset", dataset, STUDY.study.plugins)
        for name, dataset in STUDY.datasets.items()
    },
    OF_STUDY: drawings("study", STUDY, STUDY.study.plugins),
}


def one_of(names):
    """Return what a wildcard can be that stands for one of these names; of none, nothing matches."""
    return "|".join(names) or "(?!)"


def spaces_that(are):
    return [name for name, space in SPACES.items() if are(space)]


wildcard_constraints:
    dataset="|".join(DATASETS),
    part=r"[a-z0-9_]+",
    seed=r"\d+",
    cell_type=r"[a-z0-9-]+",
    encoding=one_of(spaces_that(lambda space: space.is_encoding)),
    embedding=one_of(spaces_that(lambda space: space.is_embedding)),
    brought=one_of(spaces_that(attrgetter("is_brought"))),
    gene_list=one_of(spaces_that(lambda space: space.text == "list")),
    weighted=one_of(spaces_that(lambda space: space.text == "genes")),
    gathered=one_of(spaces_that(attrgetter("is_gathered"))),
    fitted=one_of(spaces_that(lambda space: space.is_fitted)),
    view=one_of(spaces_that(lambda space: space.is_view)),
    control=one_of(spaces_that(lambda space: space.is_of_cells)),
    group=r"\d+",
    i=r"\d+",
    j=r"\d+",
    metric=one_of(STUDY.own_metrics),
    folder="|".join(DRAWN),
    figure="|".join(sorted({name for drawn in DRAWN.values() for name in drawn})),


def of_dataset(attribute):
    """Return a params function: the attribute (`selection.min_cells`) of the wildcard's data set, as a plain value."""
    get = attrgetter(attribute)
    return lambda wildcards: get(STUDY.datasets[wildcards.dataset])


def space_named_by(wildcards):
    """Return the space that the wildcards name, whatever kind it is of."""
    kinds = "encoding embedding brought gene_list weighted fitted view control".split()
    return SPACES[next(wildcards[kind] for kind in kinds if kind in wildcards.keys())]


def of_space(attribute):
    """Return a params function: the attribute of the wildcard's space."""
    get = attrgetter(attribute)
    return lambda wildcards: get(space_named_by(wildcards))


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


def gene_list(attribute):
    """Return a params function: a list of genes by its name and its content, wherever the workflow lies, or None.

    As an input, a list beside the workflow would be another one in each clone.
    """

    def named(wildcards):
        path = getattr(STUDY.datasets[wildcards.dataset], attribute)
        name = path and f"config/genes/{Path(path).name}"
        return path and {"file": name, "sha256": sha256(path)}

    return named


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


def embedding_groups(dataset, space):
    return STUDY.embedding_groups(SPACES[space].model, type_sizes(dataset))


def shards_of_group(wildcards):
    types = encoding_groups(wildcards.dataset)[int(wildcards.group)]
    return shard_paths(wildcards.dataset, wildcards.seed, types)


def types_of_embedding_job(wildcards):
    groups = embedding_groups(wildcards.dataset, wildcards.embedding)
    return groups[int(wildcards.group)]


def parts_of_space(wildcards):
    dataset, space = wildcards.dataset, wildcards.gathered
    if SPACES[space].is_embedding:
        jobs = len(embedding_groups(dataset, space))
    else:
        jobs = len(encoding_groups(dataset)) if SPACES[space].is_encoding else 1
    parts = f"results/{dataset}/{wildcards.seed}/encoded/{space}"
    return [f"{parts}/{job}.h5ad" for job in range(jobs)]


def parent_space(wildcards):
    return f"results/{wildcards.dataset}/{wildcards.seed}/spaces/{space_named_by(wildcards).parent}.h5ad"


def found_of_vocabularies(dataset):
    """Return the files that say whether enough of a vocabulary is in a data set, of those that it may do without."""
    return [
        checkpoints.map_genes.get(dataset=dataset, tokens=tokens).output.found
        for tokens in STUDY.may_lack(dataset)
    ]


def left_out(dataset):
    """Return the spaces that are left out of a data set, which too few of its genes are known of, by vocabulary."""
    found = zip(STUDY.may_lack(dataset), found_of_vocabularies(dataset))
    lacking = [
        tokens
        for tokens, path in found
        if not json.loads(Path(path).read_text(encoding="utf-8"))["enough"]
    ]
    return {tokens: STUDY.made_of(dataset, tokens) for tokens in lacking}


def compared(dataset):
    """Return the plan of a data set without the spaces that are left out."""
    names = [name for spaces in left_out(dataset).values() for name in spaces]
    return STUDY.datasets[dataset].without(names)


def of_compared(attribute):
    """Return a params function: the attribute of the wildcard's data set, without the spaces that are left out."""
    get = attrgetter(attribute)
    return lambda wildcards: get(compared(wildcards.dataset))


def what_is_compared(wildcards):
    """Return the files that say what is left out; a job that waits for them knows what is compared."""
    named = [wildcards.dataset] if "dataset" in wildcards.keys() else DATASETS
    return [path for name in named for path in found_of_vocabularies(name)]


def space_paths(dataset, seed):
    names = compared(dataset).spaces
    return {name: f"results/{dataset}/{seed}/spaces/{name}.h5ad" for name in names}


def spaces_of(wildcards):
    return list(space_paths(wildcards.dataset, wildcards.seed).values())


def spaces_of_all_seeds(wildcards):
    return [
        path for seed in SEEDS for path in space_paths(wildcards.dataset, seed).values()
    ]


def spaces_of_first_seed(wildcards):
    return space_paths(wildcards.dataset, SEEDS[0])


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
