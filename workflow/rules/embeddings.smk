# Input: embeddings that a user brings, and cells for models that run elsewhere. Output: spaces, audits, exports.


rule audit_embedding:
    """Check an embedding before anything is computed of it: a failure stops the run and says what is wrong."""
    input:
        files=files_of_embedding,
        cells="results/{dataset}/cells.parquet",
        selections=expand("results/{{dataset}}/{seed}/selection.parquet", seed=SEEDS),
    output:
        audit="results/{dataset}/audits/{brought}.parquet",
    log:
        "logs/{dataset}/audit_embedding/{brought}.log",
    benchmark:
        "results/benchmarks/{dataset}/audit_embedding/{brought}.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("audit_embedding"),
        runtime=runtime("audit_embedding"),
    params:
        parts=parts_of_embedding,
        how=lambda wildcards: embedding_named_by(wildcards).how,
        thresholds=STUDY.study.audit.model_dump(),
        seed=SEEDS[0],
        code=code_digest("rankstudy.measures.audit.brought", "rankstudy.run.job"),
    script:
        "../scripts/audit_embedding.py"


rule bring_embedding:
    """Join the rows of an embedding that was made elsewhere to the selected cells, by their ids."""
    input:
        files=files_of_embedding,
        cells="results/{dataset}/cells.parquet",
        selection="results/{dataset}/{seed}/selection.parquet",
        audit="results/{dataset}/audits/{brought}.parquet",
    output:
        vectors="results/{dataset}/{seed}/encoded/{brought}/0.h5ad",
        report="results/{dataset}/{seed}/encoded/{brought}/0.parquet",
    log:
        "logs/{dataset}/{seed}/bring_embedding/{brought}.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/bring_embedding/{brought}.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("bring_embedding"),
        runtime=runtime("bring_embedding"),
    params:
        parts=parts_of_embedding,
        how=lambda wildcards: embedding_named_by(wildcards).how,
        metric=of_space("metric"),
        made=lambda wildcards: {"title": SPACES[wildcards.brought].title},
        code=code_digest("rankstudy.spaces.brought.bring", "rankstudy.run.job"),
    script:
        "../scripts/bring_embedding.py"


rule collect_audits:
    """Put the audits of all embeddings that a data set brings into one table."""
    input:
        audits=of_dataset("audits"),
    output:
        audit="results/{dataset}/tables/embedding_audit.parquet",
        audit_tsv="results/{dataset}/tables/embedding_audit.tsv",
    log:
        "logs/{dataset}/collect_audits.log",
    benchmark:
        "results/benchmarks/{dataset}/collect_audits.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("collect_audits"),
        runtime=runtime("collect_audits"),
    params:
        code=code_digest("rankstudy.measures.audit.tables", "rankstudy.run.job"),
    script:
        "../scripts/collect_audits.py"


rule export_cells:
    """Write the selected cells for models that run elsewhere: counts, tokens, what published encodings make of them."""
    input:
        unpack(genes_of_exported),
        shards=shards_of,
        selection="results/{dataset}/{seed}/selection.parquet",
        tokens=lambda wildcards: [
            f"results/{wildcards.dataset}/{wildcards.seed}/tokens/{release}.parquet"
            for release in STUDY.tokens_of(wildcards.dataset)
        ],
        compared=what_is_compared,
    output:
        cells="results/{dataset}/{seed}/export/cells.h5ad",
    log:
        "logs/{dataset}/{seed}/export_cells.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/export_cells.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("export_cells"),
        runtime=runtime("export_cells"),
    params:
        releases=lambda wildcards: STUDY.tokens_of(wildcards.dataset),
        encodings=declared(
            "exported_encodings", "function", "genes", "order", "vocabulary"
        ),
        code=lambda wildcards: code_digest(
            "rankstudy.spaces.export",
            "rankstudy.run.asked",
            "rankstudy.run.job",
            *modules_of("exported_encodings", wildcards),
        ),
    script:
        "../scripts/export_cells.py"
