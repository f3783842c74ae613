from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.texts.make import embed_genes
    from rankstudy.spaces.texts.vectors import reader_of

    embed_genes(
        snakemake.input.genes,
        snakemake.input.symbols,
        snakemake.input.texts or None,
        reader_of(snakemake.input, snakemake.params.reader),
        output=snakemake.output.vectors,
    )
