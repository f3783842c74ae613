# Input: the files of releases of models, and the shards. Output: vocabularies, and the tokens of each cell.


wildcard_constraints:
    release=one_of(STUDY.releases),
    tokens=one_of(STUDY.tokens),


rule download_model_file:
    """Download one file of the pinned revision and check its size and hash."""
    output:
        file="resources/models/{release}/files/{file}",
        manifest="resources/models/{release}/manifests/{file}.json",
    log:
        "logs/models/{release}/download_model_file/{file}.log",
    benchmark:
        "results/benchmarks/models/{release}/download_model_file/{file}.tsv"
    wildcard_constraints:
        release=one_of(
            name for name, release in STUDY.releases.items() if not release.wheel
        ),
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("download_model_file"),
        runtime=runtime_of_download(
            lambda wildcards: STUDY.releases[wildcards.release].download(
                wildcards.file
            )
        ),
    params:
        known=lambda wildcards: STUDY.releases[wildcards.release].download(
            wildcards.file
        ),
        code=code_digest("rankstudy.sources.download", "rankstudy.run.job"),
    script:
        "../scripts/download_model_file.py"


rule read_vocabulary:
    """Read the vocabulary of a release, without running anything in its files, and write it as tables."""
    input:
        unpack(vocabulary_files),
    output:
        vocabulary="resources/models/{tokens}/vocabulary.parquet",
        names="resources/models/{tokens}/gene_names.parquet",
        identity="resources/models/{tokens}/identity.json",
    log:
        "logs/models/{tokens}/read_vocabulary.log",
    benchmark:
        "results/benchmarks/models/{tokens}/read_vocabulary.tsv"
    conda:
        environment_of_tokens
    threads: 1
    resources:
        mem_mb=memory("read_vocabulary"),
        runtime=runtime("read_vocabulary"),
    params:
        known=of_tokens("release.dictionaries"),
        tokenizer=of_tokens("tokenizer"),
        version=of_tokens("release.version"),
        code=lambda wildcards: code_digest(
            "rankstudy.spaces.tokens.vocabulary",
            "rankstudy.run.job",
            STUDY.tokens[wildcards.tokens].tokenizer,
        ),
    script:
        "../scripts/read_vocabulary.py"


checkpoint map_genes:
    """Find the token of each gene of a data set, and report which genes and counts have none.

    A checkpoint, since a study can leave out what too few genes are known of (`on_missing`).
    """
    input:
        genes="results/{dataset}/source_genes.parquet",
        names="resources/models/{tokens}/gene_names.parquet",
        vocabulary="resources/models/{tokens}/vocabulary.parquet",
        identity="resources/models/{tokens}/identity.json",
        symbols=symbols_of_genes,
    output:
        tokens="results/{dataset}/gene_tokens/{tokens}.parquet",
        report="results/{dataset}/vocabularies/{tokens}.parquet",
        found="results/{dataset}/vocabularies/{tokens}.json",
    log:
        "logs/{dataset}/map_genes/{tokens}.log",
    benchmark:
        "results/benchmarks/{dataset}/map_genes/{tokens}.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("map_genes"),
        runtime=runtime("map_genes"),
    params:
        least_share=STUDY.study.geneformer.least_share_of_counts,
        read_by=readers_of_vocabulary,
        may_lack=lambda wildcards: wildcards.tokens in STUDY.may_lack(wildcards.dataset),
        code=code_digest("rankstudy.spaces.tokens.genes", "rankstudy.run.job"),
    script:
        "../scripts/map_genes.py"


rule map_symbols:
    """Find the symbol, in upper case, of each gene of a data set, and report which genes are one by it."""
    input:
        genes="results/{dataset}/source_genes.parquet",
        symbols=STUDY.symbols,
    output:
        tokens=f"results/{{dataset}}/gene_tokens/{SYMBOLS}.parquet",
        report=f"results/{{dataset}}/vocabularies/{SYMBOLS}.parquet",
    log:
        "logs/{dataset}/map_symbols.log",
    benchmark:
        "results/benchmarks/{dataset}/map_symbols.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("map_symbols"),
        runtime=runtime("map_symbols"),
    params:
        code=code_digest("rankstudy.spaces.tokens.genes", "rankstudy.run.job"),
    script:
        "../scripts/map_symbols.py"


rule tokenise_shards:
    """Turn the counts of the selected cells into the tokens that a model reads."""
    input:
        shards=shards_of,
        genes="results/{dataset}/gene_tokens/{tokens}.parquet",
        vocabulary="resources/models/{tokens}/vocabulary.parquet",
        identity="resources/models/{tokens}/identity.json",
    output:
        tokens="results/{dataset}/{seed}/tokens/{tokens}.parquet",
        report="results/{dataset}/{seed}/tokenised/{tokens}.parquet",
    log:
        "logs/{dataset}/{seed}/tokenise_shards/{tokens}.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/tokenise_shards/{tokens}.tsv"
    conda:
        environment_of_tokens
    threads: 1
    resources:
        mem_mb=memory("tokenise_shards"),
        runtime=runtime("tokenise_shards"),
    params:
        values=of_dataset("model.values"),
        tokenizer=of_tokens("tokenizer"),
        code=lambda wildcards: code_digest(
            "rankstudy.spaces.tokens.tokenising",
            "rankstudy.run.job",
            STUDY.tokens[wildcards.tokens].tokenizer,
        ),
    script:
        "../scripts/tokenise_shards.py"


rule collect_vocabularies:
    """Put the reports of all vocabularies together: which genes and counts of a data set are among theirs."""
    input:
        reports=lambda wildcards: [
            f"results/{wildcards.dataset}/vocabularies/{tokens}.parquet"
            for tokens in STUDY.vocabularies_of(wildcards.dataset)
        ],
    output:
        table="results/{dataset}/tables/vocabularies.parquet",
        tsv="results/{dataset}/tables/vocabularies.tsv",
    log:
        "logs/{dataset}/collect_vocabularies.log",
    benchmark:
        "results/benchmarks/{dataset}/collect_vocabularies.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("collect_vocabularies"),
        runtime=runtime("collect_vocabularies"),
    params:
        code=code_digest("rankstudy.spaces.tokens.tables", "rankstudy.run.job"),
    script:
        "../scripts/collect_vocabularies.py"


rule collect_tokenised:
    """Put the reports of all vocabularies and seeds together: what a model would read of each cell."""
    input:
        reports=tokenised_cells_of_all_seeds,
    output:
        table="results/{dataset}/tables/tokenised.parquet",
    log:
        "logs/{dataset}/collect_tokenised.log",
    benchmark:
        "results/benchmarks/{dataset}/collect_tokenised.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("collect_tokenised"),
        runtime=runtime("collect_tokenised"),
    params:
        code=code_digest("rankstudy.spaces.tables", "rankstudy.run.job"),
    script:
        "../scripts/collect_tokenised.py"
