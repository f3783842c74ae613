# Input: the spaces of a seed. Output: reductions over all pairs of cells, block by block, then merged.


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
