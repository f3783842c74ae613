from rankstudy.job import start

with start(snakemake):
    from rankstudy.spaces import gather_space

    gather_space(
        snakemake.input.parts,
        snakemake.input.cells,
        seed=int(snakemake.wildcards.seed),
        output=snakemake.output.space,
    )
