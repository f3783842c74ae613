# Input: the files of a release of Geneformer and the shards. Output: the vocabulary, and the tokens of each cell.


wildcard_constraints:
    release=STUDY.release.name,


rule download_model_file:
    """Download one file of the pinned revision and check its size and hash."""
    output:
        file="resources/geneformer/{release}/files/{file}",
        manifest="resources/geneformer/{release}/manifests/{file}.json",
    log:
        "logs/geneformer/{release}/download_model_file/{file}.log",
    benchmark:
        "results/benchmarks/geneformer/{release}/download_model_file/{file}.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("download_model_file"),
        runtime=runtime_of_download(
            lambda wildcards: STUDY.release.download(wildcards.file)
        ),
    params:
        known=lambda wildcards: STUDY.release.download(wildcards.file),
        code=code_digest("rankstudy.sources.download", "rankstudy.run.job"),
    script:
        "../scripts/download_model_file.py"


rule convert_dictionaries:
    """Open the authors' pickled dictionaries without running anything in them, and write them as tables."""
    input:
        unpack(dictionary_files),
    output:
        vocabulary="resources/geneformer/{release}/vocabulary.parquet",
        names="resources/geneformer/{release}/gene_names.parquet",
        identity="resources/geneformer/{release}/identity.json",
    log:
        "logs/geneformer/{release}/convert_dictionaries.log",
    benchmark:
        "results/benchmarks/geneformer/{release}/convert_dictionaries.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("convert_dictionaries"),
        runtime=runtime("convert_dictionaries"),
    params:
        dictionaries=STUDY.release.dictionaries,
        version=STUDY.release.model.version,
        code=code_digest(
            "rankstudy.spaces.models.geneformer.vocabulary", "rankstudy.run.job"
        ),
    script:
        "../scripts/convert_dictionaries.py"


rule map_genes:
    """Find the token of each gene of a data set, and report which genes and counts have none."""
    input:
        genes="results/{dataset}/source_genes.parquet",
        names=f"{STUDY.release.folder}/gene_names.parquet",
        vocabulary=f"{STUDY.release.folder}/vocabulary.parquet",
        identity=f"{STUDY.release.folder}/identity.json",
    output:
        tokens="results/{dataset}/gene_tokens.parquet",
        report="results/{dataset}/tables/gene_identity.parquet",
        report_tsv="results/{dataset}/tables/gene_identity.tsv",
    log:
        "logs/{dataset}/map_genes.log",
    benchmark:
        "results/benchmarks/{dataset}/map_genes.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("map_genes"),
        runtime=runtime("map_genes"),
    params:
        least_share=STUDY.study.geneformer.least_share_of_counts,
        code=code_digest(
            "rankstudy.spaces.models.geneformer.genes", "rankstudy.run.job"
        ),
    script:
        "../scripts/map_genes.py"


rule tokenise_shards:
    """Turn the counts of the selected cells into the tokens that Geneformer reads."""
    input:
        shards=shards_of,
        genes="results/{dataset}/gene_tokens.parquet",
        vocabulary=f"{STUDY.release.folder}/vocabulary.parquet",
        identity=f"{STUDY.release.folder}/identity.json",
    output:
        tokens="results/{dataset}/{seed}/tokens.parquet",
        report="results/{dataset}/{seed}/tokenised.parquet",
    log:
        "logs/{dataset}/{seed}/tokenise_shards.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/tokenise_shards.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("tokenise_shards"),
        runtime=runtime("tokenise_shards"),
    params:
        values=of_dataset("model.values"),
        code=code_digest(
            "rankstudy.spaces.models.geneformer.tokenising", "rankstudy.run.job"
        ),
    script:
        "../scripts/tokenise_shards.py"


rule collect_tokenised:
    """Put the tokeniser's reports of all seeds together."""
    input:
        reports=expand("results/{{dataset}}/{seed}/tokenised.parquet", seed=SEEDS),
    output:
        tokenised="results/{dataset}/tables/tokenised.parquet",
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
