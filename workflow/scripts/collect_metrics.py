from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.field.one_metric import collect_metrics

    collect_metrics(snakemake.input.metrics, snakemake.output.metrics, snakemake.output.metrics_tsv)
