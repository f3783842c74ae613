# How much memory and time the rules ask for: functions of their inputs, with the numbers of rankstudy/run/resources.py and
# rankstudy/run/runtimes.py.

from rankstudy.run import runtimes
from rankstudy.run.plan.job import tflop_per_cell, training_tflop
from rankstudy.run.resources import MEMORY, reading
from rankstudy.run.runtimes import MB_PER_GB, MINUTES


def memory(rule):
    """Return a resources function: MB that grow with the size of the inputs and with each attempt."""
    return lambda wildcards, input, attempt: MEMORY[rule].mb(input.size_mb, attempt)


def memory_of_reading(wildcards, input, attempt):
    """Return the MB to read a file of a data set, which depend on its format."""
    return reading(part_of(wildcards).format).mb(input.size_mb, attempt)


def runtime(rule):
    """Return a resources function: minutes that grow with the size of the inputs and with each attempt."""
    return lambda wildcards, input, attempt: MINUTES[rule].at(
        input.size_mb / MB_PER_GB, attempt
    )


def runtime_of_download(known):
    """Return a resources function: minutes that grow with the size that the source states, given what is known of it."""
    return lambda wildcards, attempt: runtimes.DOWNLOAD.at(
        runtimes.gigabytes(known(wildcards)["bytes"]), attempt
    )


def runtime_of_reading(wildcards, input, attempt):
    """Return the minutes to read a file of a data set, which depend on its format."""
    minutes = runtimes.reading(part_of(wildcards).format)
    return minutes.at(input.size_mb / MB_PER_GB, attempt)


def cells_of(dataset, types):
    return sum(type_sizes(dataset)[name] for name in types)


def runtime_of_block(wildcards, input, threads, attempt):
    """Return the minutes of a block, by the cells on both sides and the size of their vectors."""
    rows, columns = (
        cells_of(wildcards.dataset, types_of_block(side)(wildcards)) for side in "ij"
    )
    cells = cells_of(wildcards.dataset, type_sizes(wildcards.dataset))
    units = runtimes.block_units(input.size_mb, cells, rows, columns, threads)
    return MINUTES["compare_block"].at(units, attempt)


def runtime_of_embedding(wildcards, threads, attempt):
    """Return the minutes to embed the cells of a job, by what the model computes for each."""
    published = SPACES[wildcards.embedding].model == "published"
    cells = cells_of(wildcards.dataset, types_of_embedding_job(wildcards))
    units = runtimes.model_units(
        cells * tflop_per_cell(STUDY, published),
        threads,
        STUDY.study.geneformer.device,
    )
    return MINUTES["embed_shards"].at(units, attempt)


def runtime_of_training(wildcards, threads, attempt):
    units = runtimes.model_units(training_tflop(STUDY), threads)
    return MINUTES["train_model"].at(units, attempt)
