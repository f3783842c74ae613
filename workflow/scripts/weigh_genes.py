from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.texts.make import weigh_genes

    weigh_genes(
        snakemake.input.parent,
        snakemake.input.vectors or None,
        permuted=snakemake.params.permuted,
        made=snakemake.params.made,
        dataset=snakemake.wildcards.dataset,
        space=snakemake.wildcards.weighted,
        metric=snakemake.params.metric,
        seed=int(snakemake.wildcards.seed),
        output=snakemake.output.space,
        report_out=snakemake.output.report,
    )
