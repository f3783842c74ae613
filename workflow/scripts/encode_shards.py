from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.make import encode_shards

    encode_shards(
        snakemake.input.shards,
        snakemake.input.genes,
        snakemake.input.cells,
        space=snakemake.wildcards.encoding,
        metric=snakemake.params.metric,
        function=snakemake.params.function,
        seed=int(snakemake.wildcards.seed),
        output=snakemake.output.vectors,
    )
