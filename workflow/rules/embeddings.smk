# Input: embeddings that a user brings, and cells for models that run elsewhere. Output: spaces, their audit, and exports.


rule export_cells:
    """Write the selected cells for models that run elsewhere: counts, tokens, and what published encodings make of them."""
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
