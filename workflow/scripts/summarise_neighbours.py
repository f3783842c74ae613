from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.neighbours.neighbourhoods import summarise_neighbours

    summarise_neighbours(
        dict(zip(snakemake.params.seeds, snakemake.input.pairs, strict=True)),
        dict(zip(snakemake.params.seeds, snakemake.input.cells, strict=True)),
        dataset=snakemake.wildcards.dataset,
        unit=snakemake.params.unit,
        donors_in=next(iter(snakemake.input.donors), None),
        level=snakemake.params.level,
        seed=snakemake.params.seed,
        sizes=snakemake.params.sizes,
        reference=snakemake.params.reference,
        outputs=dict(snakemake.output.items()),
    )
