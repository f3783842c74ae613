from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.tokens.genes import map_symbols

    map_symbols(
        snakemake.input.genes,
        snakemake.input.symbols,
        dataset=snakemake.wildcards.dataset,
        tokens_out=snakemake.output.tokens,
        report_out=snakemake.output.report,
    )
