from rankstudy.job import start

with start(snakemake):
    from rankstudy.geneformer.tokenising import TOKENISED

    TOKENISED.write(TOKENISED.read_all(snakemake.input.reports), snakemake.output.tokenised)
