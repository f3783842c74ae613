from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.field.geometry import measure_geometry
    from rankstudy.measures.field.probes import by_seed

    measure_geometry(
        by_seed(snakemake.params.seeds, snakemake.input.spaces),
        by_seed(snakemake.params.seeds, snakemake.input.shards),
        dict(zip(snakemake.params.seeds, snakemake.input.genes, strict=True)),
        counted=snakemake.params.counted,
        dataset=snakemake.wildcards.dataset,
        output=snakemake.output.geometry,
        tsv=snakemake.output.geometry_tsv,
    )
