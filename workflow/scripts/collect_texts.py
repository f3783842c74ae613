from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.core.tables import put_together
    from rankstudy.spaces.texts.tables import TABLES

    put_together(TABLES, snakemake.input, snakemake.output)
