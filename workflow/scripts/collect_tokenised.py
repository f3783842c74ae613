from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.tables import TOKENISED

    TOKENISED.write(TOKENISED.read_all(snakemake.input.reports), *snakemake.output)
