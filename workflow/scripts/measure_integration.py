from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.field.integration import measure_integration
    from rankstudy.measures.field.probes import by_seed

    measure_integration(
        dict(zip(snakemake.params.seeds, snakemake.input.pairs, strict=True)),
        dict(zip(snakemake.params.seeds, snakemake.input.cells, strict=True)),
        by_seed(snakemake.params.seeds, snakemake.input.spaces),
        dataset=snakemake.wildcards.dataset,
        output=snakemake.output.metrics,
        tsv=snakemake.output.metrics_tsv,
    )
