from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.make import make_control

    make_control(
        snakemake.input.cells,
        space=snakemake.wildcards.control,
        metric=snakemake.params.metric,
        function=snakemake.params.function,
        columns=snakemake.params.columns,
        seed=int(snakemake.wildcards.seed),
        output=snakemake.output.space,
    )
