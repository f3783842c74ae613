# Input: the shards of a seed, and the genes of encodings. Output: specification curves of pairs of encodings, and what
# decides (docs/uncertainty.md): one job per data set and seed, in memory, so that the graph does not grow.


rule specify_pairs:
    """Compare each pair of encodings in every setting, on the same cells, and say which parts of the setting decide."""
    input:
        unpack(files_of_curves),
        shards=shards_of,
        cells="results/{dataset}/{seed}/analysed_cells.parquet",
        donors=index_with_donors,
        compared=what_is_compared,
    output:
        specifications="results/{dataset}/{seed}/settings/specifications.parquet",
        curves="results/{dataset}/{seed}/settings/curves.parquet",
        deciders="results/{dataset}/{seed}/settings/deciders.parquet",
        curve_cells="results/{dataset}/{seed}/settings/curve_cells.parquet",
        curve_omissions="results/{dataset}/{seed}/settings/curve_omissions.parquet",
    log:
        "logs/{dataset}/{seed}/specify_pairs.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/specify_pairs.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 2
    resources:
        mem_mb=memory("specify_pairs"),
        runtime=runtime_of_curves,
    params:
        encodings=declared("curve_encodings", "function", "genes", "order"),
        pairs=of_compared("curves"),
        shared_genes=gene_list("shared_genes"),
        counts=of_dataset("has_whole_counts"),
        unit=of_dataset("resampled_units"),
        cells=STUDY.study.settings.cells,
        neighbours=STUDY.study.settings.neighbours,
        draws=STUDY.study.settings.draws,
        resamples=STUDY.study.uncertainty.resamples,
        seed=STUDY.study.uncertainty.seed,
        level=STUDY.study.uncertainty.level,
        code=lambda wildcards: code_digest(
            "rankstudy.measures.settings.specify",
            "rankstudy.run.asked",
            "rankstudy.run.job",
            *modules_of("curve_encodings", wildcards),
        ),
    script:
        "../scripts/specify_pairs.py"


rule collect_settings:
    """Put the specification curves of all seeds that have one together."""
    input:
        specifications=of_curve_seeds("specifications"),
        curves=of_curve_seeds("curves"),
        deciders=of_curve_seeds("deciders"),
        curve_cells=of_curve_seeds("curve_cells"),
        curve_omissions=of_curve_seeds("curve_omissions"),
    output:
        specifications="results/{dataset}/tables/specifications.parquet",
        specifications_tsv="results/{dataset}/tables/specifications.tsv",
        curves="results/{dataset}/tables/curves.parquet",
        curves_tsv="results/{dataset}/tables/curves.tsv",
        deciders="results/{dataset}/tables/deciders.parquet",
        deciders_tsv="results/{dataset}/tables/deciders.tsv",
        curve_cells="results/{dataset}/tables/curve_cells.parquet",
        curve_cells_tsv="results/{dataset}/tables/curve_cells.tsv",
        curve_omissions="results/{dataset}/tables/curve_omissions.parquet",
        curve_omissions_tsv="results/{dataset}/tables/curve_omissions.tsv",
    log:
        "logs/{dataset}/collect_settings.log",
    benchmark:
        "results/benchmarks/{dataset}/collect_settings.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("collect_settings"),
        runtime=runtime("collect_settings"),
    params:
        code=code_digest("rankstudy.measures.settings.tables", "rankstudy.run.job"),
    script:
        "../scripts/collect_settings.py"
