from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.audit.tables import AUDIT

    AUDIT.write(AUDIT.read_all(snakemake.input.audits), *snakemake.output)
