from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.core.modules import resolve

    table = resolve(snakemake.params.table)
    table.write(table.read_all(snakemake.input.reports), *snakemake.output)
