# Input: the shards of a seed, and the genes of encodings. Output: what depth, counting, ties and changes of one gene do
# to encodings (docs/causes.md): two jobs per data set and seed, in memory, so that the graph does not grow.


rule find_causes:
    """Encode the same cells at other depths, in halves and under other rules for ties, and say what that changes."""
    input:
        unpack(genes_of_causes),
        shards=shards_of,
        cells="results/{dataset}/{seed}/analysed_cells.parquet",
        donors=index_with_donors,
        compared=what_is_compared,
    output:
        depths="results/{dataset}/{seed}/causes/depths.parquet",
        depth_differences="results/{dataset}/{seed}/causes/depth_differences.parquet",
        twins="results/{dataset}/{seed}/causes/twins.parquet",
        reliabilities="results/{dataset}/{seed}/causes/reliabilities.parquet",
        ties="results/{dataset}/{seed}/causes/ties.parquet",
        tie_rules="results/{dataset}/{seed}/causes/tie_rules.parquet",
        reconstructions="results/{dataset}/{seed}/causes/reconstructions.parquet",
        cause_cells="results/{dataset}/{seed}/causes/cause_cells.parquet",
    log:
        "logs/{dataset}/{seed}/find_causes.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/find_causes.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 2
    resources:
        mem_mb=memory("find_causes"),
        runtime=runtime_of_causes("find_causes"),
    params:
        encodings=declared(
            "cause_encodings", "function", "genes", "order", "vocabulary", "steps"
        ),
        pairs=of_compared("cause_pairs"),
        depths=STUDY.study.causes.depths,
        tie_rules=STUDY.study.causes.tie_rules,
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
            "rankstudy.measures.causes.find",
            "rankstudy.run.asked",
            "rankstudy.run.job",
            *modules_of("cause_encodings", wildcards),
        ),
    script:
        "../scripts/find_causes.py"


rule change_genes:
    """Change one gene of a cell at a time, and say which encodings show it and what else moves."""
    input:
        unpack(genes_of_causes),
        shards=shards_of,
        cells="results/{dataset}/{seed}/analysed_cells.parquet",
        donors=index_with_donors,
        compared=what_is_compared,
    output:
        counterfactuals="results/{dataset}/{seed}/causes/counterfactuals.parquet",
        blind_bands="results/{dataset}/{seed}/causes/blind_bands.parquet",
        movements="results/{dataset}/{seed}/causes/movements.parquet",
        visibility="results/{dataset}/{seed}/causes/visibility.parquet",
        unseen_change="results/{dataset}/{seed}/causes/unseen_change.parquet",
        unseen_cell="results/{dataset}/{seed}/causes/unseen_cell.parquet",
    log:
        "logs/{dataset}/{seed}/change_genes.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/change_genes.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 2
    resources:
        mem_mb=memory("change_genes"),
        runtime=runtime_of_causes("change_genes"),
    params:
        encodings=declared(
            "cause_encodings", "function", "genes", "order", "vocabulary", "steps"
        ),
        changed_cells=STUDY.study.causes.changed_cells,
        undetected=STUDY.study.causes.undetected,
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
            "rankstudy.measures.changes.change",
            "rankstudy.run.asked",
            "rankstudy.run.job",
            *modules_of("cause_encodings", wildcards),
        ),
    script:
        "../scripts/change_genes.py"


rule collect_causes:
    """Put what was found of depth, twins and ties in all seeds together."""
    input:
        depths=of_cause_seeds("depths"),
        depth_differences=of_cause_seeds("depth_differences"),
        twins=of_cause_seeds("twins"),
        reliabilities=of_cause_seeds("reliabilities"),
        ties=of_cause_seeds("ties"),
        tie_rules=of_cause_seeds("tie_rules"),
        reconstructions=of_cause_seeds("reconstructions"),
        cause_cells=of_cause_seeds("cause_cells"),
    output:
        depths="results/{dataset}/tables/depths.parquet",
        depths_tsv="results/{dataset}/tables/depths.tsv",
        depth_differences="results/{dataset}/tables/depth_differences.parquet",
        depth_differences_tsv="results/{dataset}/tables/depth_differences.tsv",
        twins="results/{dataset}/tables/twins.parquet",
        twins_tsv="results/{dataset}/tables/twins.tsv",
        reliabilities="results/{dataset}/tables/reliabilities.parquet",
        reliabilities_tsv="results/{dataset}/tables/reliabilities.tsv",
        ties="results/{dataset}/tables/ties.parquet",
        ties_tsv="results/{dataset}/tables/ties.tsv",
        tie_rules="results/{dataset}/tables/tie_rules.parquet",
        tie_rules_tsv="results/{dataset}/tables/tie_rules.tsv",
        reconstructions="results/{dataset}/tables/reconstructions.parquet",
        reconstructions_tsv="results/{dataset}/tables/reconstructions.tsv",
        cause_cells="results/{dataset}/tables/cause_cells.parquet",
        cause_cells_tsv="results/{dataset}/tables/cause_cells.tsv",
    log:
        "logs/{dataset}/collect_causes.log",
    benchmark:
        "results/benchmarks/{dataset}/collect_causes.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("collect_causes"),
        runtime=runtime("collect_causes"),
    params:
        code=code_digest("rankstudy.measures.causes.tables", "rankstudy.run.job"),
    script:
        "../scripts/collect_causes.py"


rule collect_changes:
    """Put what changes of one gene show in all seeds together."""
    input:
        counterfactuals=of_cause_seeds("counterfactuals"),
        blind_bands=of_cause_seeds("blind_bands"),
        movements=of_cause_seeds("movements"),
        visibility=of_cause_seeds("visibility"),
        unseen_change=of_cause_seeds("unseen_change"),
        unseen_cell=of_cause_seeds("unseen_cell"),
    output:
        counterfactuals="results/{dataset}/tables/counterfactuals.parquet",
        counterfactuals_tsv="results/{dataset}/tables/counterfactuals.tsv",
        blind_bands="results/{dataset}/tables/blind_bands.parquet",
        blind_bands_tsv="results/{dataset}/tables/blind_bands.tsv",
        movements="results/{dataset}/tables/movements.parquet",
        movements_tsv="results/{dataset}/tables/movements.tsv",
        visibility="results/{dataset}/tables/visibility.parquet",
        unseen_change="results/{dataset}/tables/unseen_change.parquet",
        unseen_change_tsv="results/{dataset}/tables/unseen_change.tsv",
        unseen_cell="results/{dataset}/tables/unseen_cell.parquet",
    log:
        "logs/{dataset}/collect_changes.log",
    benchmark:
        "results/benchmarks/{dataset}/collect_changes.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("collect_changes"),
        runtime=runtime("collect_changes"),
    params:
        code=code_digest("rankstudy.measures.changes.tables", "rankstudy.run.job"),
    script:
        "../scripts/collect_changes.py"
