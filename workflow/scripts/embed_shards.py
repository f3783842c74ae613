from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.models.embedding import embed_shards

    embed_shards(
        snakemake.input.tokens,
        snakemake.input.cells,
        {what: snakemake.input[what] for what in snakemake.params.files},
        snakemake.input.about,
        module=snakemake.params.module,
        how=snakemake.params.how,
        slugs=snakemake.params.types,
        space=snakemake.wildcards.embedding,
        metric=snakemake.params.metric,
        seed=int(snakemake.wildcards.seed),
        output=snakemake.output.vectors,
    )
