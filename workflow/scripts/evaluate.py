from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.separation import evaluate

    evaluate(
        dict(zip(snakemake.params.seeds, snakemake.input.pairs, strict=True)),
        dict(zip(snakemake.params.seeds, snakemake.input.cells, strict=True)),
        dataset=snakemake.wildcards.dataset,
        outliers=snakemake.params.outliers,
        outputs=dict(snakemake.output.items()),
    )
