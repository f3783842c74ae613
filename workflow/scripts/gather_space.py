from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.make import gather_space

    gather_space(
        snakemake.input.parts,
        snakemake.input.cells,
        seed=int(snakemake.wildcards.seed),
        output=snakemake.output.space,
    )
