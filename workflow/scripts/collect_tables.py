from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.collection import collect_tables

    collect_tables(
        snakemake.input.reports,
        snakemake.input.cells,
        snakemake.input.sparsity,
        outputs=dict(snakemake.output.items()),
    )
