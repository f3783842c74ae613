# Input: the spaces of all seeds, with their neighbours and counts. Output: the metrics that others publish.
# `measure_integration` alone has the environment `metrics`, with scib-metrics and what that needs; a metric of a
# plug-in has that which it declares.


rule measure_integration:
    """Score every space with the field's metrics of integration, on the neighbours that the pairs hold."""
    input:
        pairs=expand("results/{{dataset}}/{seed}/pairs.h5", seed=SEEDS),
        cells=expand("results/{{dataset}}/{seed}/analysed_cells.parquet", seed=SEEDS),
        spaces=spaces_of_all_seeds,
    output:
        metrics="results/{dataset}/tables/integration_metrics.parquet",
        metrics_tsv="results/{dataset}/tables/integration_metrics.tsv",
    log:
        "logs/{dataset}/measure_integration.log",
    benchmark:
        "results/benchmarks/{dataset}/measure_integration.tsv"
    priority: 1  # the longest of what follows the pairs, on one core
    conda:
        "../../envs/metrics.yaml"
    threads: 1
    resources:
        mem_mb=memory("measure_integration"),
        runtime=runtime("measure_integration"),
    params:
        seeds=SEEDS,
        code=code_digest("rankstudy.measures.field.integration", "rankstudy.run.job"),
    script:
        "../scripts/measure_integration.py"


rule measure_geometry:
    """Probe the geometry of every space: neighbours kept, effective dimensions, effects of type and batch."""
    input:
        spaces=spaces_of_all_seeds,
        shards=shards_of_all_seeds,
        genes=expand("results/{{dataset}}/{seed}/genes.parquet", seed=SEEDS),
    output:
        geometry="results/{dataset}/tables/geometry.parquet",
        geometry_tsv="results/{dataset}/tables/geometry.tsv",
    log:
        "logs/{dataset}/measure_geometry.log",
    benchmark:
        "results/benchmarks/{dataset}/measure_geometry.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("measure_geometry"),
        runtime=runtime("measure_geometry"),
    params:
        seeds=SEEDS,
        counted=of_dataset("used_as_counts"),
        code=code_digest("rankstudy.measures.field.geometry", "rankstudy.run.job"),
    script:
        "../scripts/measure_geometry.py"


rule measure_metric:
    """Compute a metric that is one function, such as that of a plug-in, for every space."""
    input:
        spaces=spaces_of_all_seeds,
    output:
        metric="results/{dataset}/metrics/{metric}.parquet",
    log:
        "logs/{dataset}/measure_metric/{metric}.log",
    benchmark:
        "results/benchmarks/{dataset}/measure_metric/{metric}.tsv"
    conda:
        environment_of_metric
    threads: 1
    resources:
        mem_mb=memory("measure_metric"),
        runtime=runtime("measure_metric"),
    params:
        seeds=SEEDS,
        function=lambda wildcards: STUDY.own_metrics[wildcards.metric].function,
        sizes=lambda wildcards: STUDY.own_metrics[wildcards.metric].sizes,
        larger=lambda wildcards: STUDY.own_metrics[wildcards.metric].larger.word,
        code=lambda wildcards: code_digest(
            "rankstudy.measures.field.one_metric",
            "rankstudy.run.job",
            STUDY.own_metrics[wildcards.metric].module,
        ),
    script:
        "../scripts/measure_metric.py"


rule collect_metrics:
    """Put the metrics that are one function each into one table."""
    input:
        metrics=expand(
            "results/{{dataset}}/metrics/{metric}.parquet", metric=STUDY.own_metrics
        ),
    output:
        metrics="results/{dataset}/tables/metrics.parquet",
        metrics_tsv="results/{dataset}/tables/metrics.tsv",
    log:
        "logs/{dataset}/collect_metrics.log",
    benchmark:
        "results/benchmarks/{dataset}/collect_metrics.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("collect_metrics"),
        runtime=runtime("collect_metrics"),
    params:
        code=code_digest("rankstudy.measures.field.one_metric", "rankstudy.run.job"),
    script:
        "../scripts/collect_metrics.py"
