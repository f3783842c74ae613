# Input: what the seeds of a data set computed. Output: its tables, all seeds together (docs/tables.md), and intervals of
# the headline numbers and of differences between spaces (docs/uncertainty.md).


rule measure_sparsity:
    """Count zeros and ties of each compared cell, over all genes and over the selected ones."""
    input:
        shards=shards_of,
        genes="results/{dataset}/{seed}/genes.parquet",
        cells="results/{dataset}/{seed}/analysed_cells.parquet",
    output:
        sparsity="results/{dataset}/{seed}/sparsity.parquet",
    log:
        "logs/{dataset}/{seed}/measure_sparsity.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/measure_sparsity.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("measure_sparsity"),
        runtime=runtime("measure_sparsity"),
    params:
        code=code_digest("rankstudy.measures.sparsity", "rankstudy.run.job"),
    script:
        "../scripts/measure_sparsity.py"


rule describe_example:
    """Take one typical cell of the first seed apart, gene by gene, for the drawing of the encoding."""
    input:
        shards=shards_of_first_seed,
        genes=f"results/{{dataset}}/{SEEDS[0]}/genes.parquet",
        sparsity=f"results/{{dataset}}/{SEEDS[0]}/sparsity.parquet",
    output:
        example="results/{dataset}/tables/example_cell.parquet",
    log:
        "logs/{dataset}/describe_example.log",
    benchmark:
        "results/benchmarks/{dataset}/describe_example.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("describe_example"),
        runtime=runtime("describe_example"),
    params:
        seed=SEEDS[0],
        code=code_digest("rankstudy.measures.example", "rankstudy.run.job"),
    script:
        "../scripts/describe_example.py"


rule evaluate:
    """Turn the reductions into tables: summaries per pair of types, effect sizes, outliers, joint distributions."""
    input:
        pairs=expand("results/{{dataset}}/{seed}/pairs.h5", seed=SEEDS),
        cells=expand("results/{{dataset}}/{seed}/analysed_cells.parquet", seed=SEEDS),
    output:
        pair_summaries="results/{dataset}/tables/pair_summaries.parquet",
        pair_summaries_tsv="results/{dataset}/tables/pair_summaries.tsv",
        effect_sizes="results/{dataset}/tables/effect_sizes.parquet",
        effect_sizes_tsv="results/{dataset}/tables/effect_sizes.tsv",
        outlier_types="results/{dataset}/tables/outlier_types.parquet",
        outlier_types_tsv="results/{dataset}/tables/outlier_types.tsv",
        outlier_cells="results/{dataset}/tables/outlier_cells.parquet",
        outlier_cells_tsv="results/{dataset}/tables/outlier_cells.tsv",
        joint_distribution="results/{dataset}/tables/joint_distribution.parquet",
    log:
        "logs/{dataset}/evaluate.log",
    benchmark:
        "results/benchmarks/{dataset}/evaluate.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("evaluate"),
        runtime=runtime("evaluate"),
    params:
        seeds=SEEDS,
        outliers=STUDY.study.pairs.outliers,
        code=code_digest("rankstudy.measures.separation", "rankstudy.run.job"),
    script:
        "../scripts/evaluate.py"


rule check_gates:
    """Check that the controls score what is known beforehand; a failed gate stops whatever is reported."""
    input:
        effects="results/{dataset}/tables/effect_sizes.parquet",
        neighbourhoods="results/{dataset}/tables/neighbourhoods.parquet",
        cells="results/{dataset}/tables/analysed_cells.parquet",
    output:
        gates="results/{dataset}/tables/gates.parquet",
        gates_tsv="results/{dataset}/tables/gates.tsv",
    log:
        "logs/{dataset}/check_gates.log",
    benchmark:
        "results/benchmarks/{dataset}/check_gates.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("check_gates"),
        runtime=runtime("check_gates"),
    params:
        code=code_digest("rankstudy.measures.gates.gates", "rankstudy.run.job"),
    script:
        "../scripts/check_gates.py"


rule describe_spaces:
    """Write down what the spaces are called and how they were made."""
    input:
        unpack(spaces_of_first_seed),
    output:
        spaces="results/{dataset}/tables/spaces.parquet",
        spaces_tsv="results/{dataset}/tables/spaces.tsv",
    log:
        "logs/{dataset}/describe_spaces.log",
    benchmark:
        "results/benchmarks/{dataset}/describe_spaces.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("describe_spaces"),
        runtime=runtime("describe_spaces"),
    params:
        declared=lambda wildcards: {
            name: STUDY.catalogue.described(name)
            for name in compared(wildcards.dataset).spaces
        },
        code=code_digest("rankstudy.spaces.describe", "rankstudy.run.job"),
    script:
        "../scripts/describe_spaces.py"


rule collect_tables:
    """Put the tables of all seeds together and summarise sparsity by cell type."""
    input:
        reports=expand(
            "results/{{dataset}}/{seed}/selection_report.parquet", seed=SEEDS
        ),
        cells=expand("results/{{dataset}}/{seed}/analysed_cells.parquet", seed=SEEDS),
        sparsity=expand("results/{{dataset}}/{seed}/sparsity.parquet", seed=SEEDS),
    output:
        selection_report="results/{dataset}/tables/selection_report.parquet",
        selection_report_tsv="results/{dataset}/tables/selection_report.tsv",
        analysed_cells="results/{dataset}/tables/analysed_cells.parquet",
        analysed_cells_tsv="results/{dataset}/tables/analysed_cells.tsv",
        sparsity="results/{dataset}/tables/sparsity.parquet",
        sparsity_by_type="results/{dataset}/tables/sparsity_by_type.parquet",
        sparsity_by_type_tsv="results/{dataset}/tables/sparsity_by_type.tsv",
    log:
        "logs/{dataset}/collect_tables.log",
    benchmark:
        "results/benchmarks/{dataset}/collect_tables.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("collect_tables"),
        runtime=runtime("collect_tables"),
    params:
        code=code_digest("rankstudy.measures.collection", "rankstudy.run.job"),
    script:
        "../scripts/collect_tables.py"


rule estimate_intervals:
    """Resample batches or cells, ten thousand times: intervals of the headline numbers and of differences of spaces."""
    input:
        pairs=expand("results/{{dataset}}/{seed}/pairs.h5", seed=SEEDS),
        cells=expand("results/{{dataset}}/{seed}/analysed_cells.parquet", seed=SEEDS),
        donors=index_with_donors,
        compared=what_is_compared,
    output:
        intervals="results/{dataset}/tables/intervals.parquet",
        intervals_tsv="results/{dataset}/tables/intervals.tsv",
        differences="results/{dataset}/tables/differences.parquet",
        differences_tsv="results/{dataset}/tables/differences.tsv",
    log:
        "logs/{dataset}/estimate_intervals.log",
    benchmark:
        "results/benchmarks/{dataset}/estimate_intervals.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("estimate_intervals"),
        runtime=runtime("estimate_intervals"),
    params:
        seeds=SEEDS,
        unit=of_dataset("resampled_units"),
        neighbours=STUDY.study.pairs.neighbours,
        resamples=STUDY.study.uncertainty.resamples,
        seed=STUDY.study.uncertainty.seed,
        level=STUDY.study.uncertainty.level,
        references=of_compared("compared_with"),
        code=code_digest(
            "rankstudy.measures.uncertainty.evaluation", "rankstudy.run.job"
        ),
    script:
        "../scripts/estimate_intervals.py"
