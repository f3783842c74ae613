# What the rules of texts share: how a wildcard names a text model, texts of genes or a list, and their files.

from rankstudy.spaces.texts.registry import SYMBOLS_AS_TEXTS


def text_model_of(wildcards):
    """Return the text model that the wildcards name, or that reads the list they name."""
    if "text_model" in wildcards.keys():
        return STUDY.text_models[wildcards.text_model]
    return STUDY.texts.model_of(wildcards.gene_list)


def environment_of_text_model(wildcards):
    return environment(text_model_of(wildcards).model.environment)


def files_of_text_model(wildcards):
    """Return the files of the wildcards' text model as `model/<what>`."""
    files = text_model_of(wildcards).files
    return {f"model/{what}": as_written(path) for what, path in files.items()}


def reader_of_texts(wildcards):
    """Return a params value: what reads the wildcards' texts, but for its files."""
    model, text = text_model_of(wildcards), STUDY.study.text
    return {
        "known": model.members,
        "module": model.model.module,
        "how": {**model.model.settings, "threads": text.threads},
        "title": model.model.title,
        "price": model.model.price,
        "accepted": text.accepted_cost,
        "folder": f"resources/models/{model.name}/vectors",
        "dimensions": model.dimensions,
    }


def module_of_texts(wildcards):
    return text_model_of(wildcards).model.module


def of_gene_texts(attribute):
    """Return a params function: the attribute of the wildcard's texts or vectors of genes."""
    get = attrgetter(attribute)
    return lambda wildcards: get(STUDY.gene_texts[wildcards.gene_texts])


def archive_of_gene_texts(wildcards):
    return as_written(STUDY.gene_texts[wildcards.gene_texts].archive)


def texts_of_genes(wildcards):
    """Return the table of the wildcard's texts of genes; nothing where symbols themselves are read."""
    known = STUDY.gene_texts.get(wildcards.gene_texts)
    return [] if known is None else known.table


def gene_vectors_of_space(wildcards):
    """Return the vectors of genes that a space weighs; nothing where they are drawn."""
    name = STUDY.texts.vectors_of(wildcards.weighted)
    folder = f"results/{wildcards.dataset}/{wildcards.seed}/gene_vectors"
    return [] if name is None else f"{folder}/{name}.h5ad"


def files_of_list(wildcards):
    """Return the files of the text model that reads a list, and those that say how genes are called and chosen."""
    entry, own = STUDY.study.text.lists[wildcards.gene_list], STUDY.own_release.name
    tokens = f"results/{wildcards.dataset}/gene_tokens"
    files = {"symbols": f"{tokens}/{SYMBOLS}.parquet"}
    if entry.words == "names":
        files["names"] = STUDY.gene_texts[STUDY.study.text.names_from].table
    if entry.panel == "selected":
        files["genes"] = f"results/{wildcards.dataset}/{wildcards.seed}/genes.parquet"
    if entry.by == "medians":
        files["gene_tokens"] = f"{tokens}/{own}.parquet"
    return files_of_text_model(wildcards) | files


def reports_of_texts(kind, path):
    """Return an input function: the reports on all lists, or all vectors of genes, of a data set."""

    def of_dataset(wildcards):
        named = STUDY.datasets[wildcards.dataset].spaces
        return [
            f"results/{wildcards.dataset}/{seed}/{path.format(space=name)}"
            for seed in SEEDS
            for name in named
            if SPACES[name].text == kind
        ]

    return of_dataset
