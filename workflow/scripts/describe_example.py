from rankstudy.job import start

with start(snakemake):
    from rankstudy.example import describe_example

    describe_example(
        snakemake.input.shards,
        snakemake.input.genes,
        snakemake.input.sparsity,
        dataset=snakemake.wildcards.dataset,
        seed=snakemake.params.seed,
        output=snakemake.output.example,
    )
