from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.tokens.genes import map_genes

    map_genes(
        snakemake.input.genes,
        snakemake.input.vocabulary,
        snakemake.input.names,
        snakemake.input.identity,
        snakemake.input.get("symbols") or None,
        dataset=snakemake.wildcards.dataset,
        tokens=snakemake.wildcards.tokens,
        least_share=snakemake.params.least_share,
        read_by=snakemake.params.read_by,
        may_lack=snakemake.params.may_lack,
        tokens_out=snakemake.output.tokens,
        report_out=snakemake.output.report,
        found_out=snakemake.output.found,
    )
