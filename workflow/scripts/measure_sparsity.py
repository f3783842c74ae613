from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.sparsity import measure_sparsity

    measure_sparsity(
        snakemake.input.shards,
        snakemake.input.genes,
        snakemake.input.cells,
        dataset=snakemake.wildcards.dataset,
        seed=int(snakemake.wildcards.seed),
        output=snakemake.output.sparsity,
    )
