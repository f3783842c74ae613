# Input: tokens. Output: models, and the embeddings that `gather_space` joins. The rules that need torch have the
# environment `models`; all others do without it.


rule sample_training_cells:
    """Sample the cells to train on from those that no replicate selected, as long as there are enough."""
    input:
        cells=expand("results/{dataset}/cells.parquet", dataset=STUDY.tokenised),
        selections=expand(
            "results/{dataset}/{seed}/selection.parquet",
            dataset=STUDY.tokenised,
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
        genes="results/{dataset}/gene_tokens.parquet",
        vocabulary=f"{STUDY.release.folder}/vocabulary.parquet",
        identity=f"{STUDY.release.folder}/identity.json",
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
        max_length=STUDY.study.training.max_length,
        code=code_digest(
            "rankstudy.spaces.models.geneformer.training_cells", "rankstudy.run.job"
        ),
    script:
        "../scripts/tokenise_training_cells.py"


rule initialise_model:
    """Write the untrained model: the weights that training starts from."""
    input:
        identity=f"{STUDY.release.folder}/identity.json",
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
        title=MODELS["untrained"].title,
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
        identity=f"{STUDY.release.folder}/identity.json",
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
        title=lambda wildcards: MODELS["trained-here"].title,
        code=code_digest(
            "rankstudy.spaces.models.geneformer.training", "rankstudy.run.job"
        ),
    script:
        "../scripts/train_model.py"


rule check_published_model:
    """Check that the published weights and the vocabulary belong together, before any cell is embedded."""
    input:
        config=published_file("config"),
        weights=published_file("weights"),
        identity=f"{STUDY.release.folder}/identity.json",
    output:
        about="results/models/published/about.json",
    log:
        "logs/models/check_published_model.log",
    benchmark:
        "results/benchmarks/models/check_published_model.tsv"
    conda:
        "../../envs/models.yaml"
    threads: 1
    resources:
        mem_mb=memory("check_published_model"),
        runtime=runtime("check_published_model"),
    params:
        files=STUDY.release.weights,
        title=STUDY.release.model.title,
        revision=STUDY.release.model.revision,
        code=code_digest(
            "rankstudy.spaces.models.geneformer.checkpoint", "rankstudy.run.job"
        ),
    script:
        "../scripts/check_published_model.py"


rule embed_shards:
    """Embed the cells of several shards with a model, in their own order."""
    input:
        unpack(model_of_space),
        types="results/{dataset}/cell_types.tsv",
        tokens="results/{dataset}/{seed}/tokens.parquet",
        cells="results/{dataset}/{seed}/analysed_cells.parquet",
    output:
        vectors="results/{dataset}/{seed}/encoded/{embedding}/{group}.h5ad",
    log:
        "logs/{dataset}/{seed}/embed_shards/{embedding}/{group}.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/embed_shards/{embedding}/{group}.tsv"
    conda:
        "../../envs/models.yaml"
    threads: STUDY.study.geneformer.threads
    resources:
        mem_mb=memory("embed_shards"),
        runtime=runtime_of_embedding,
    params:
        types=types_of_embedding_job,
        metric=of_space("metric"),
        pooling=STUDY.study.geneformer.pooling,
        layer=STUDY.study.geneformer.layer,
        device=STUDY.study.geneformer.device,
        tokens_per_batch=STUDY.study.geneformer.tokens_per_batch,
        threads=STUDY.study.geneformer.threads,
        code=code_digest(
            "rankstudy.spaces.models.geneformer.embedding", "rankstudy.run.job"
        ),
    script:
        "../scripts/embed_shards.py"
