# How much memory and time the rules ask for: functions of their inputs, with the numbers of rankstudy/run/resources.py.

from rankstudy.run import resources as requested


def memory(rule):
    """Return a resources function: MB that grow with the size of the inputs and with each attempt."""
    asked = requested.REQUESTS[rule].memory
    return lambda wildcards, input, attempt: asked.mb(input.size_mb, attempt)


def memory_of_reading(wildcards, input, attempt):
    """Return the MB to read a file of a data set, which depend on its format."""
    asked = requested.reading(part_of(wildcards).format).memory
    return asked.mb(input.size_mb, attempt)


def minutes(rule):
    """Return the minutes that a rule asks for, by what makes its jobs long."""
    return requested.REQUESTS[rule].minutes


def gigabytes_of(input):
    return input.size_mb / requested.MB_PER_GB


def runtime(rule):
    """Return a resources function: minutes that grow with the size of the inputs and with each attempt."""
    return lambda wildcards, input, attempt: minutes(rule).at(
        gigabytes_of(input), attempt
    )


def runtime_of_download(known):
    """Return a resources function: minutes that grow with the size that is known of the source."""
    return lambda wildcards, attempt: requested.DOWNLOAD.at(
        requested.gigabytes(known(wildcards)["bytes"]), attempt
    )


def runtime_of_reading(wildcards, input, attempt):
    """Return the minutes to read a file of a data set, which depend on its format."""
    asked = requested.reading(part_of(wildcards).format).minutes
    return asked.at(gigabytes_of(input), attempt)


def cells_of(dataset, types):
    return sum(type_sizes(dataset)[name] for name in types)


def runtime_of_block(wildcards, input, threads, attempt):
    """Return the minutes of a block, by the cells on both sides and the size of their vectors."""
    rows, columns = (
        cells_of(wildcards.dataset, types_of_block(side)(wildcards)) for side in "ij"
    )
    cells = cells_of(wildcards.dataset, type_sizes(wildcards.dataset))
    units = requested.block_units(input.size_mb, cells, rows, columns, threads)
    return minutes("compare_block").at(units, attempt)


def runtime_of_curves(wildcards, threads, attempt):
    """Return the minutes of the curves of a seed, by the most cells that are drawn for them.

    How many there are is known only once they are indexed, and this is asked for before.
    """
    most, encodings = (
        STUDY.study.settings.cells,
        STUDY.datasets[wildcards.dataset].curve_encodings,
    )
    units = requested.curve_units(most, len(encodings), threads)
    return minutes("specify_pairs").at(units, attempt)


def runtime_of_lattice(wildcards, threads, attempt):
    """Return the minutes of the lattice of a seed, by the most cells that are drawn for it."""
    ledgers = STUDY.datasets[wildcards.dataset].ledgers
    units = requested.lattice_units(STUDY.study.settings.cells, len(ledgers), threads)
    return minutes("walk_lattice").at(units, attempt)


def runtime_of_causes(rule):
    """Return a runtime function: the minutes of a job on causes, by the most cells that are drawn for it."""

    def of_seed(wildcards, threads, attempt):
        encodings = STUDY.datasets[wildcards.dataset].cause_encodings
        units = requested.curve_units(
            STUDY.study.settings.cells, len(encodings), threads
        )
        return minutes(rule).at(units, attempt)

    return of_seed


def runtime_of_states(wildcards, attempt):
    """Return the minutes to tell states, by the spaces and the types that the data set is expected to have."""
    units = requested.state_units(STUDY.datasets[wildcards.dataset])
    return minutes("tell_states").at(units, attempt)


def memory_of_embedding(wildcards, input, attempt):
    """Return the MB to embed the cells of a job: what the model declares, and what its inputs take."""
    asked = requested.REQUESTS["embed_shards"].memory
    asked = asked._replace(base=model_named_by(wildcards).model.memory)
    return asked.mb(input.size_mb, attempt)


def runtime_of_embedding(wildcards, threads, attempt):
    """Return the minutes to embed the cells of a job, by what the model computes for each."""
    model = model_named_by(wildcards)
    cells = cells_of(wildcards.dataset, types_of_embedding_job(wildcards))
    tflop = cells * requested.tflop_per_cell(STUDY, model)
    units = requested.model_units(tflop, threads, model.device)
    return minutes("embed_shards").at(units, attempt)


def runtime_of_training(wildcards, threads, attempt):
    units = requested.model_units(requested.training_tflop(STUDY), threads)
    return minutes("train_model").at(units, attempt)


def memory_of_text_model(rule):
    """Return a resources function: the MB that a text model declares, and what the inputs of its jobs take."""
    asked = requested.REQUESTS[rule].memory

    def of_model(wildcards, input, attempt):
        base = text_model_of(wildcards).model.memory
        return asked._replace(base=base).mb(input.size_mb, attempt)

    return of_model


def runtime_of_lists(wildcards, threads, attempt):
    """Return the minutes to read the lists of a data set's cells."""
    units = requested.list_units(STUDY.datasets[wildcards.dataset], threads)
    return minutes("read_lists").at(units, attempt)


def runtime_of_gene_texts(wildcards, threads, attempt):
    """Return the minutes to read the texts of a data set's selected genes."""
    units = requested.gene_units(STUDY.datasets[wildcards.dataset], threads)
    return minutes("embed_genes").at(units, attempt)
