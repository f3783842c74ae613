# Input: the merged pairs of each seed. Output: intervals of the headline numbers and of differences between spaces
# (docs/uncertainty.md).


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
