from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.tables import ENCODED_CELLS

    ENCODED_CELLS.write(ENCODED_CELLS.read_all(snakemake.input.reports), *snakemake.output)
