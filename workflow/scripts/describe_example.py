from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.example import describe_example

    describe_example(
        snakemake.input.shards,
        snakemake.input.genes,
        snakemake.input.sparsity,
        dataset=snakemake.wildcards.dataset,
        seed=snakemake.params.seed,
        output=snakemake.output.example,
    )
