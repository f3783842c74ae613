# Input: tokens. Output: models, and the embeddings that `gather_space` joins. A model's rules have the environment that
# it declares; of what the study trains, only the training needs torch.

OWN = STUDY.own_release


wildcard_constraints:
    model=one_of(STUDY.models),


rule sample_training_cells:
    """Sample the cells to train on from those that no replicate selected, as long as there are enough."""
    input:
        cells=expand("results/{dataset}/cells.parquet", dataset=TRAINED_ON),
        selections=expand(
            "results/{dataset}/{seed}/selection.parquet",
            dataset=TRAINED_ON,
            seed=SEEDS,
        ),
    output:
        cells="results/models/training_cells.parquet",
    log:
        "logs/models/sample_training_cells.log",
    benchmark:
        "results/benchmarks/models/sample_training_cells.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("sample_training_cells"),
        runtime=runtime("sample_training_cells"),
    params:
        number=STUDY.study.training.cells,
        validation=STUDY.study.training.validation_cells,
        least=STUDY.study.training.least_cells,
        seed=STUDY.study.training.seed,
        code=code_digest(
            "rankstudy.spaces.models.geneformer.training_cells", "rankstudy.run.job"
        ),
    script:
        "../scripts/sample_training_cells.py"


rule tokenise_training_cells:
    """Read the training cells of one file of a data set and tokenise them."""
    input:
        unpack(files_of_part),
        cells="results/models/training_cells.parquet",
        genes=f"results/{{dataset}}/gene_tokens/{OWN.name}.parquet",
        vocabulary=f"{OWN.folder}/vocabulary.parquet",
        identity=f"{OWN.folder}/identity.json",
    output:
        tokens="results/models/training_tokens/{dataset}/{part}.parquet",
    log:
        "logs/models/tokenise_training_cells/{dataset}/{part}.log",
    benchmark:
        "results/benchmarks/models/tokenise_training_cells/{dataset}/{part}.tsv"
    priority: 1  # the longest chain of the study begins here
    conda:
        "../../envs/core.yaml"
    threads: 2
    resources:
        mem_mb=memory_of_reading,
        runtime=runtime_of_reading,
    params:
        read=how_to_read,
        values=of_dataset("model.values"),
        treatment=of_part("treatment"),
        seed=STUDY.study.training.seed,
        tokenizer=GENEFORMER_TOKENS,
        max_length=STUDY.study.training.max_length,
        code=code_digest(
            "rankstudy.spaces.models.geneformer.training_cells",
            "rankstudy.run.job",
            GENEFORMER_TOKENS,
        ),
    script:
        "../scripts/tokenise_training_cells.py"


rule initialise_model:
    """Write the untrained model: the weights that training starts from."""
    input:
        identity=f"{OWN.folder}/identity.json",
    output:
        config="results/models/untrained/config.json",
        weights="results/models/untrained/model.safetensors",
        about="results/models/untrained/about.json",
    log:
        "logs/models/initialise_model.log",
    benchmark:
        "results/benchmarks/models/initialise_model.tsv"
    conda:
        "../../envs/models.yaml"
    threads: 1
    resources:
        mem_mb=memory("initialise_model"),
        runtime=runtime("initialise_model"),
    params:
        architecture=STUDY.architecture,
        seed=STUDY.study.training.seed,
        title=STUDY.catalogue.models["untrained"].title,
        code=code_digest(
            "rankstudy.spaces.models.geneformer.training", "rankstudy.run.job"
        ),
    script:
        "../scripts/initialise_model.py"


rule train_model:
    """Train the architecture of Geneformer in small, to predict masked genes."""
    input:
        tokens=training_tokens,
        cells="results/models/training_cells.parquet",
        identity=f"{OWN.folder}/identity.json",
    output:
        config="results/models/trained-here/config.json",
        weights="results/models/trained-here/model.safetensors",
        about="results/models/trained-here/about.json",
        loss="results/models/trained-here/training_loss.parquet",
    log:
        "logs/models/train_model.log",
    benchmark:
        "results/benchmarks/models/train_model.tsv"
    priority: 1  # embeddings, their UMAP and all pairs wait for it
    conda:
        "../../envs/models.yaml"
    threads: STUDY.study.geneformer.threads
    resources:
        mem_mb=memory("train_model"),
        runtime=runtime_of_training,
    params:
        architecture=STUDY.architecture,
        epochs=STUDY.study.training.epochs,
        cells_per_batch=STUDY.study.training.cells_per_batch,
        learning_rate=STUDY.study.training.learning_rate,
        threads=STUDY.study.geneformer.threads,
        seed=STUDY.study.training.seed,
        # a function: in a plain string Snakemake would take `{cells}` for one of its own fields
        title=lambda wildcards: STUDY.catalogue.models["trained-here"].title,
        code=code_digest(
            "rankstudy.spaces.models.geneformer.training", "rankstudy.run.job"
        ),
    script:
        "../scripts/train_model.py"


rule check_model:
    """Check that a model's files are those of its release and fit the vocabulary, before any cell is embedded."""
    input:
        unpack(files_of_model),
        identity=lambda wildcards: f"{STUDY.models[wildcards.model].release.folder}/identity.json",
    output:
        about="results/models/{model}/about.json",
    log:
        "logs/models/{model}/check_model.log",
    benchmark:
        "results/benchmarks/models/{model}/check_model.tsv"
    wildcard_constraints:
        model=one_of(
            name for name, model in STUDY.models.items() if model.is_downloaded
        ),
    conda:
        environment_of_model
    threads: of_model("threads")
    resources:
        mem_mb=memory("check_model"),
        runtime=runtime("check_model"),
    params:
        known=of_model("release.weights"),
        module=of_model("model.module"),
        title=of_model("release.model.title"),
        revision=of_model("release.model.revision"),
        how=of_model("how"),
        code=lambda wildcards: code_digest(
            "rankstudy.spaces.models.checking",
            "rankstudy.run.job",
            STUDY.models[wildcards.model].model.module,
        ),
    script:
        "../scripts/check_model.py"


rule embed_shards:
    """Embed the cells of several shards with a model, in their own order."""
    input:
        unpack(model_of_space),
        types="results/{dataset}/cell_types.tsv",
        tokens=tokens_of_space,
        cells="results/{dataset}/{seed}/analysed_cells.parquet",
    output:
        vectors="results/{dataset}/{seed}/encoded/{embedding}/{group}.h5ad",
    log:
        "logs/{dataset}/{seed}/embed_shards/{embedding}/{group}.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/embed_shards/{embedding}/{group}.tsv"
    conda:
        environment_of_model
    threads: of_model("threads")
    resources:
        mem_mb=memory_of_embedding,
        runtime=runtime_of_embedding,
    params:
        types=types_of_embedding_job,
        metric=of_space("metric"),
        files=lambda wildcards: list(model_named_by(wildcards).files),
        module=of_model("model.module"),
        how=of_model("how"),
        code=lambda wildcards: code_digest(
            "rankstudy.spaces.models.embedding",
            "rankstudy.run.job",
            model_named_by(wildcards).model.module,
        ),
    script:
        "../scripts/embed_shards.py"
