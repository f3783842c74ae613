# Input: the merged pairs of each seed. Output: tables and figures of relations at cutoffs, neighbours and label transfer.


rule summarise_relations:
    """Count, at each cutoff of likeness, of which types and batches the cells are that lie beyond it, with intervals."""
    input:
        pairs=expand("results/{{dataset}}/{seed}/pairs.h5", seed=SEEDS),
        cells=expand("results/{{dataset}}/{seed}/analysed_cells.parquet", seed=SEEDS),
        donors=index_with_donors,
    output:
        relations="results/{dataset}/tables/relations.parquet",
        operating_points="results/{dataset}/tables/operating_points.parquet",
        operating_points_tsv="results/{dataset}/tables/operating_points.tsv",
    log:
        "logs/{dataset}/summarise_relations.log",
    benchmark:
        "results/benchmarks/{dataset}/summarise_relations.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("summarise_relations"),
        runtime=runtime("summarise_relations"),
    params:
        seeds=SEEDS,
        unit=of_dataset("resampled_units"),
        level=STUDY.study.uncertainty.level,
        code=code_digest("rankstudy.measures.relations.curves", "rankstudy.run.job"),
    script:
        "../scripts/summarise_relations.py"


rule summarise_neighbours:
    """Say of which types and batches the nearest cells are, how far spaces agree on them, and what they predict."""
    input:
        pairs=expand("results/{{dataset}}/{seed}/pairs.h5", seed=SEEDS),
        cells=expand("results/{{dataset}}/{seed}/analysed_cells.parquet", seed=SEEDS),
        donors=index_with_donors,
    output:
        neighbourhoods="results/{dataset}/tables/neighbourhoods.parquet",
        neighbourhoods_tsv="results/{dataset}/tables/neighbourhoods.tsv",
        batch_driven="results/{dataset}/tables/batch_driven.parquet",
        batch_driven_tsv="results/{dataset}/tables/batch_driven.tsv",
        neighbour_cells="results/{dataset}/tables/neighbour_cells.parquet",
        neighbour_overlap="results/{dataset}/tables/neighbour_overlap.parquet",
        neighbour_overlap_tsv="results/{dataset}/tables/neighbour_overlap.tsv",
        label_transfer="results/{dataset}/tables/label_transfer.parquet",
        label_transfer_tsv="results/{dataset}/tables/label_transfer.tsv",
    log:
        "logs/{dataset}/summarise_neighbours.log",
    benchmark:
        "results/benchmarks/{dataset}/summarise_neighbours.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("summarise_neighbours"),
        runtime=runtime("summarise_neighbours"),
    params:
        seeds=SEEDS,
        sizes=STUDY.study.pairs.neighbours,
        unit=of_dataset("resampled_units"),
        level=STUDY.study.uncertainty.level,
        seed=STUDY.study.uncertainty.seed,
        code=code_digest(
            "rankstudy.measures.neighbours.neighbourhoods", "rankstudy.run.job"
        ),
    script:
        "../scripts/summarise_neighbours.py"


rule compare_batches:
    """Say how alike the cells of one type are within a batch and across batches, and those of two types."""
    input:
        spaces=lambda wildcards: [
            path
            for seed in SEEDS
            for path in space_paths(wildcards.dataset, seed).values()
        ],
        cells=expand("results/{{dataset}}/{seed}/analysed_cells.parquet", seed=SEEDS),
    output:
        batch_pairs="results/{dataset}/tables/batch_pairs.parquet",
        batch_pairs_tsv="results/{dataset}/tables/batch_pairs.tsv",
    log:
        "logs/{dataset}/compare_batches.log",
    benchmark:
        "results/benchmarks/{dataset}/compare_batches.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("compare_batches"),
        runtime=runtime("compare_batches"),
    params:
        seeds=SEEDS,
        code=code_digest("rankstudy.measures.batch_pairs", "rankstudy.run.job"),
    script:
        "../scripts/compare_batches.py"


rule draw_relation_curves:
    """Draw which shares of a cell's relations are of its own, a similar or another type, against the cutoff."""
    input:
        relations="results/{dataset}/tables/relations.parquet",
        spaces="results/{dataset}/tables/spaces.parquet",
    output:
        svg=report(
            "results/figures/{dataset}/relation_curves.svg",
            caption="../report/relation_curves.rst",
            category="Figures",
            labels={"figure": "Relations at a cutoff", "data set": "{dataset}"},
        ),
        png="results/figures/{dataset}/relation_curves.png",
    log:
        "logs/{dataset}/draw_relation_curves.log",
    benchmark:
        "results/benchmarks/{dataset}/draw_relation_curves.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("draw_relation_curves"),
        runtime=runtime("draw_relation_curves"),
    params:
        seed=SEEDS[0],
        code=code_digest(
            "rankstudy.report.figures.relation_curves",
            "rankstudy.spaces.descriptions",
            "rankstudy.run.job",
        ),
    script:
        "../scripts/draw_relation_curves.py"


rule draw_neighbour_composition:
    """Draw of which types and batches the nearest cells are, as stacked shares per space beside chance."""
    input:
        neighbourhoods="results/{dataset}/tables/neighbourhoods.parquet",
        spaces="results/{dataset}/tables/spaces.parquet",
    output:
        svg=report(
            "results/figures/{dataset}/neighbour_composition.svg",
            caption="../report/neighbour_composition.rst",
            category="Figures",
            labels={"figure": "Neighbours", "data set": "{dataset}"},
        ),
        png="results/figures/{dataset}/neighbour_composition.png",
    log:
        "logs/{dataset}/draw_neighbour_composition.log",
    benchmark:
        "results/benchmarks/{dataset}/draw_neighbour_composition.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("draw_neighbour_composition"),
        runtime=runtime("draw_neighbour_composition"),
    params:
        code=code_digest(
            "rankstudy.report.figures.neighbour_composition",
            "rankstudy.spaces.descriptions",
            "rankstudy.run.job",
        ),
    script:
        "../scripts/draw_neighbour_composition.py"


rule draw_batch_driven:
    """Draw the share of neighbours that are of another type but of the same batch, per space with intervals, beside chance."""
    input:
        batch_driven="results/{dataset}/tables/batch_driven.parquet",
        intervals="results/{dataset}/tables/intervals.parquet",
        spaces="results/{dataset}/tables/spaces.parquet",
    output:
        svg=report(
            "results/figures/{dataset}/batch_driven.svg",
            caption="../report/batch_driven.rst",
            category="Figures",
            labels={"figure": "Batch-driven neighbours", "data set": "{dataset}"},
        ),
        png="results/figures/{dataset}/batch_driven.png",
    log:
        "logs/{dataset}/draw_batch_driven.log",
    benchmark:
        "results/benchmarks/{dataset}/draw_batch_driven.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("draw_batch_driven"),
        runtime=runtime("draw_batch_driven"),
    params:
        seed=SEEDS[0],
        code=code_digest(
            "rankstudy.report.figures.batch_driven",
            "rankstudy.spaces.descriptions",
            "rankstudy.run.job",
        ),
    script:
        "../scripts/draw_batch_driven.py"


rule draw_label_transfer:
    """Draw how well the nearest cells of other batches tell a cell's type, per space."""
    input:
        transfer="results/{dataset}/tables/label_transfer.parquet",
        spaces="results/{dataset}/tables/spaces.parquet",
    output:
        svg=report(
            "results/figures/{dataset}/label_transfer.svg",
            caption="../report/label_transfer.rst",
            category="Figures",
            labels={"figure": "Label transfer", "data set": "{dataset}"},
        ),
        png="results/figures/{dataset}/label_transfer.png",
    log:
        "logs/{dataset}/draw_label_transfer.log",
    benchmark:
        "results/benchmarks/{dataset}/draw_label_transfer.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("draw_label_transfer"),
        runtime=runtime("draw_label_transfer"),
    params:
        seed=SEEDS[0],
        code=code_digest(
            "rankstudy.report.figures.label_transfer",
            "rankstudy.spaces.descriptions",
            "rankstudy.run.job",
        ),
    script:
        "../scripts/draw_label_transfer.py"
