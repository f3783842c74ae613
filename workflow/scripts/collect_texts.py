from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.core.tables import put_together, write_empty
    from rankstudy.spaces.texts.tables import TABLES

    # a study may have lists alone, or vectors of genes alone
    put_together([table for table in TABLES if snakemake.input[table.name]], snakemake.input, snakemake.output)
    write_empty([table for table in TABLES if not snakemake.input[table.name]], snakemake.output)
