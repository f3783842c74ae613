from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.tables import TOKENISED
    from rankstudy.spaces.tokens.tables import GENE_IDENTITY

    identity = GENE_IDENTITY.read_all(snakemake.input.identity)
    GENE_IDENTITY.write(identity, snakemake.output.identity, snakemake.output.identity_tsv)
    TOKENISED.write(TOKENISED.read_all(snakemake.input.reports), snakemake.output.tokenised)
