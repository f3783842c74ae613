from rankstudy.run.job import start

with start(snakemake):
    from pathlib import Path

    from rankstudy.spaces.models.geneformer.embedding import embed_shards

    embed_shards(
        snakemake.input.tokens,
        snakemake.input.cells,
        str(Path(snakemake.input.config).parent),
        snakemake.input.about,
        slugs=snakemake.params.types,
        space=snakemake.wildcards.embedding,
        metric=snakemake.params.metric,
        pooling=snakemake.params.pooling,
        layer=snakemake.params.layer,
        device=snakemake.params.device,
        tokens_per_batch=snakemake.params.tokens_per_batch,
        threads=snakemake.params.threads,
        seed=int(snakemake.wildcards.seed),
        output=snakemake.output.vectors,
    )
