from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.tokens.tables import VOCABULARIES

    VOCABULARIES.write(VOCABULARIES.read_all(snakemake.input.reports), *snakemake.output)
