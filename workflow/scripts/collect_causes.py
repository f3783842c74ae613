from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.core.tables import put_together
    from rankstudy.measures.causes.tables import TABLES as OF_CAUSES
    from rankstudy.measures.changes.tables import TABLES as OF_CHANGES

    put_together((*OF_CAUSES, *OF_CHANGES), snakemake.input, snakemake.output)
