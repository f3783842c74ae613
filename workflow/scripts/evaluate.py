from rankstudy.job import start

with start(snakemake):
    from rankstudy.evaluation import evaluate

    evaluate(
        dict(zip(snakemake.params.seeds, snakemake.input.pairs, strict=True)),
        dict(zip(snakemake.params.seeds, snakemake.input.cells, strict=True)),
        dataset=snakemake.wildcards.dataset,
        outliers=snakemake.params.outliers,
        outputs=dict(snakemake.output.items()),
    )
