from rankstudy.job import start

with start(snakemake):
    from rankstudy.collection import collect_tables

    collect_tables(
        snakemake.input.reports,
        snakemake.input.cells,
        snakemake.input.sparsity,
        outputs=dict(snakemake.output.items()),
    )
