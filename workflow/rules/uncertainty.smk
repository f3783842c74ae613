# Input: the merged pairs of each seed. Output: intervals of the headline numbers and of differences between spaces, and their
# figure (docs/uncertainty.md).


rule estimate_intervals:
    """Draw batches or cells anew, ten thousand times: intervals of the headline numbers and of differences of spaces."""
    input:
        pairs=expand("results/{{dataset}}/{seed}/pairs.h5", seed=SEEDS),
        cells=expand("results/{{dataset}}/{seed}/analysed_cells.parquet", seed=SEEDS),
        donors=index_with_donors,
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
        controls=STUDY.study.controls,
        code=code_digest(
            "rankstudy.measures.uncertainty.evaluation", "rankstudy.run.job"
        ),
    script:
        "../scripts/estimate_intervals.py"


rule draw_intervals:
    """Draw the AUROC of each space and its difference from that of expression, with intervals."""
    input:
        intervals="results/{dataset}/tables/intervals.parquet",
        differences="results/{dataset}/tables/differences.parquet",
        spaces="results/{dataset}/tables/spaces.parquet",
    output:
        svg=report(
            "results/figures/{dataset}/intervals.svg",
            caption="../report/intervals.rst",
            category="Figures",
            labels={"figure": "Intervals", "data set": "{dataset}"},
        ),
        png="results/figures/{dataset}/intervals.png",
    log:
        "logs/{dataset}/draw_intervals.log",
    benchmark:
        "results/benchmarks/{dataset}/draw_intervals.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("draw_intervals"),
        runtime=runtime("draw_intervals"),
    params:
        seed=SEEDS[0],
        code=code_digest(
            "rankstudy.report.figures.intervals",
            "rankstudy.spaces.descriptions",
            "rankstudy.run.job",
        ),
    script:
        "../scripts/draw_intervals.py"
