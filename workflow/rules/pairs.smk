# Input: the spaces of a seed. Output: reductions over all pairs of cells, block by block, then merged; and, of the
# pairs of each seed, tables of relations at cutoffs, neighbours and label transfer.


rule compare_block:
    """Compare all pairs of cells of two groups of cell types in every space, and reduce them on the spot."""
    input:
        spaces=spaces_of,
        relations="results/{dataset}/tables/type_relations.parquet",
        types="results/{dataset}/cell_types.tsv",
    output:
        block="results/{dataset}/{seed}/blocks/{i}-{j}.h5",
    log:
        "logs/{dataset}/{seed}/compare_block/{i}-{j}.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/compare_block/{i}-{j}.tsv"
    priority: 1  # all that is said of a data set waits for it
    conda:
        "../../envs/core.yaml"
    threads: STUDY.study.pairs.threads
    resources:
        mem_mb=memory("compare_block"),
        runtime=runtime_of_block,
    params:
        rows=types_of_block("i"),
        columns=types_of_block("j"),
        joint=of_compared("joint"),
        hexagons=STUDY.study.pairs.hexagons,
        neighbours=max(STUDY.study.pairs.neighbours),
        cutoffs=STUDY.study.pairs.cutoffs,
        code=code_digest(
            "rankstudy.pairs.engine",
            "rankstudy.pairs.relation_matrix",
            "rankstudy.pairs.space_files",
            "rankstudy.run.job",
        ),
    script:
        "../scripts/compare_block.py"


rule merge_blocks:
    """Add up the reductions of all blocks of a seed."""
    input:
        blocks=blocks_of,
    output:
        pairs="results/{dataset}/{seed}/pairs.h5",
    log:
        "logs/{dataset}/{seed}/merge_blocks.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/merge_blocks.tsv"
    priority: 1  # all that is said of a data set waits for it
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("merge_blocks"),
        runtime=runtime("merge_blocks"),
    params:
        code=code_digest("rankstudy.measures.separation", "rankstudy.run.job"),
    script:
        "../scripts/merge_blocks.py"


rule summarise_relations:
    """Count, at each cutoff, of which types and batches the cells are that lie beyond it, with intervals."""
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
        reference=of_dataset("first_reference"),
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
