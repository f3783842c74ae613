from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.field.one_metric import measure_metric
    from rankstudy.measures.field.probes import by_seed

    measure_metric(
        snakemake.wildcards.metric,
        snakemake.params.function,
        by_seed(snakemake.params.seeds, snakemake.input.spaces),
        sizes=snakemake.params.sizes,
        larger=snakemake.params.larger,
        dataset=snakemake.wildcards.dataset,
        output=snakemake.output.metric,
    )
