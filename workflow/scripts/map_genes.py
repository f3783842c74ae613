from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.models.geneformer.genes import map_genes

    map_genes(
        snakemake.input.genes,
        snakemake.input.vocabulary,
        snakemake.input.names,
        snakemake.input.identity,
        dataset=snakemake.wildcards.dataset,
        least_share=snakemake.params.least_share,
        tokens_out=snakemake.output.tokens,
        report_out=snakemake.output.report,
        report_tsv=snakemake.output.report_tsv,
    )
