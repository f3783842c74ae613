from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.make import fit_space

    fit_space(
        snakemake.input.parent,
        space=snakemake.wildcards.fitted,
        metric=snakemake.params.metric,
        function=snakemake.params.function,
        columns=snakemake.params.columns,
        options=snakemake.params.options,
        seed=int(snakemake.wildcards.seed),
        output=snakemake.output.space,
    )
