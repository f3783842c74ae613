# Input: the shards of a seed, and the genes of encodings. Output: what each step from counts to an encoding costs, and
# whose order it is (docs/encodings.md): one job per data set and seed, in memory, so that the graph does not grow.


rule walk_lattice:
    """Score all combinations of steps on the way to the encodings of the ledgers, and share out what they cost."""
    input:
        unpack(genes_of_corners),
        shards=shards_of,
        cells="results/{dataset}/{seed}/analysed_cells.parquet",
        donors=index_with_donors,
        compared=what_is_compared,
    output:
        lattice="results/{dataset}/{seed}/lattice/lattice.parquet",
        lattice_steps="results/{dataset}/{seed}/lattice/lattice_steps.parquet",
        ledger="results/{dataset}/{seed}/lattice/ledger.parquet",
        order_origin="results/{dataset}/{seed}/lattice/order_origin.parquet",
    log:
        "logs/{dataset}/{seed}/walk_lattice.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/walk_lattice.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 2
    resources:
        mem_mb=memory("walk_lattice"),
        runtime=runtime_of_lattice,
    params:
        encodings=declared(
            "corner_encodings", "function", "genes", "order", "vocabulary", "steps"
        ),
        ledgers=of_compared("ledgers"),
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
            "rankstudy.measures.lattice.walk",
            "rankstudy.run.asked",
            "rankstudy.run.job",
            *modules_of("corner_encodings", wildcards),
        ),
    script:
        "../scripts/walk_lattice.py"


rule collect_lattice:
    """Put the ledgers of all seeds that have them together."""
    input:
        lattice=of_lattice_seeds("lattice"),
        lattice_steps=of_lattice_seeds("lattice_steps"),
        ledger=of_lattice_seeds("ledger"),
        order_origin=of_lattice_seeds("order_origin"),
    output:
        lattice="results/{dataset}/tables/lattice.parquet",
        lattice_tsv="results/{dataset}/tables/lattice.tsv",
        lattice_steps="results/{dataset}/tables/lattice_steps.parquet",
        lattice_steps_tsv="results/{dataset}/tables/lattice_steps.tsv",
        ledger="results/{dataset}/tables/ledger.parquet",
        ledger_tsv="results/{dataset}/tables/ledger.tsv",
        order_origin="results/{dataset}/tables/order_origin.parquet",
    log:
        "logs/{dataset}/collect_lattice.log",
    benchmark:
        "results/benchmarks/{dataset}/collect_lattice.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("collect_lattice"),
        runtime=runtime("collect_lattice"),
    params:
        code=code_digest("rankstudy.measures.lattice.tables", "rankstudy.run.job"),
    script:
        "../scripts/collect_lattice.py"
