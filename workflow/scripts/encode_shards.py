from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.make import encode_shards

    encode_shards(
        snakemake.input.shards,
        {name: path for name, path in snakemake.input.items() if name != "shards"},
        genes=snakemake.params.genes,
        dataset=snakemake.wildcards.dataset,
        space=snakemake.wildcards.encoding,
        metric=snakemake.params.metric,
        metrics=snakemake.params.metrics,
        function=snakemake.params.function,
        seed=int(snakemake.wildcards.seed),
        output=snakemake.output.vectors,
        report_out=snakemake.output.report,
    )
