from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.pairs.space_files import write_view

    write_view(
        snakemake.input.parent,
        snakemake.output.space,
        name=snakemake.wildcards.view,
        metric=snakemake.params.metric,
        centred=snakemake.params.centred,
    )
