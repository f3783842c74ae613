from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.texts.make import take_gene_vectors

    take_gene_vectors(
        snakemake.input.genes, snakemake.input.symbols, snakemake.input.vectors, output=snakemake.output.vectors
    )
