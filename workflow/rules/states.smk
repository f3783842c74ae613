# Input: the spaces of a seed, and what is known of its cells. Output: how well a state is told within a type, all seeds
# together (docs/states.md).


rule tell_states:
    """Measure in every space how well a state is told within each type, with the donor as the unit."""
    input:
        unpack(lambda wildcards: space_paths(wildcards.dataset, wildcards.seed)),
        cells="results/{dataset}/{seed}/analysed_cells.parquet",
        index="results/{dataset}/cells.parquet",
        parts=of_dataset("indexed_parts"),
        donors=of_dataset("donors_with_states"),
    output:
        states="results/{dataset}/{seed}/states/states.parquet",
        state_differences="results/{dataset}/{seed}/states/state_differences.parquet",
        state_clusters="results/{dataset}/{seed}/states/state_clusters.parquet",
        state_design="results/{dataset}/{seed}/states/state_design.parquet",
    log:
        "logs/{dataset}/{seed}/tell_states.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/tell_states.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("tell_states"),
        runtime=runtime_of_states,
    params:
        spaces=lambda wildcards: list(space_paths(wildcards.dataset, wildcards.seed)),
        references=of_compared("compared_with"),
        states=of_dataset("states"),
        level=STUDY.study.uncertainty.level,
        code=code_digest("rankstudy.measures.states.tell", "rankstudy.run.job"),
    script:
        "../scripts/tell_states.py"


rule collect_states:
    """Put what was found of states in all seeds together."""
    input:
        states=expand("results/{{dataset}}/{seed}/states/states.parquet", seed=SEEDS),
        state_differences=expand(
            "results/{{dataset}}/{seed}/states/state_differences.parquet", seed=SEEDS
        ),
        state_clusters=expand(
            "results/{{dataset}}/{seed}/states/state_clusters.parquet", seed=SEEDS
        ),
        state_design=expand(
            "results/{{dataset}}/{seed}/states/state_design.parquet", seed=SEEDS
        ),
    output:
        states="results/{dataset}/tables/states.parquet",
        states_tsv="results/{dataset}/tables/states.tsv",
        state_differences="results/{dataset}/tables/state_differences.parquet",
        state_differences_tsv="results/{dataset}/tables/state_differences.tsv",
        state_clusters="results/{dataset}/tables/state_clusters.parquet",
        state_clusters_tsv="results/{dataset}/tables/state_clusters.tsv",
        state_design="results/{dataset}/tables/state_design.parquet",
        state_design_tsv="results/{dataset}/tables/state_design.tsv",
    log:
        "logs/{dataset}/collect_states.log",
    benchmark:
        "results/benchmarks/{dataset}/collect_states.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("collect_states"),
        runtime=runtime("collect_states"),
    params:
        code=code_digest("rankstudy.measures.states.tables", "rankstudy.run.job"),
    script:
        "../scripts/collect_states.py"
