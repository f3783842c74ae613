from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.make import encode_shards

    encode_shards(
        snakemake.input.shards,
        {name: path for name, path in snakemake.input.items() if name not in ("shards", "cells")},
        snakemake.input.cells,
        genes=snakemake.params.genes,
        space=snakemake.wildcards.encoding,
        metric=snakemake.params.metric,
        function=snakemake.params.function,
        seed=int(snakemake.wildcards.seed),
        output=snakemake.output.vectors,
    )
