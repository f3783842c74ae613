from rankstudy.job import start

with start(snakemake):
    from rankstudy.neighbourhoods import summarise_neighbours

    summarise_neighbours(
        dict(zip(snakemake.params.seeds, snakemake.input.pairs, strict=True)),
        dict(zip(snakemake.params.seeds, snakemake.input.cells, strict=True)),
        dataset=snakemake.wildcards.dataset,
        sizes=snakemake.params.sizes,
        outputs=dict(snakemake.output.items()),
    )
