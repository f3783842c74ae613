from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.genes import keep_cells, unreadable_cells

    keep_cells(
        snakemake.input.shards,
        snakemake.input.selection,
        snakemake.input.genes,
        unreadable_cells(snakemake.input.tokenised, snakemake.input.encoded, snakemake.input.brought),
        dataset=snakemake.wildcards.dataset,
        seed=int(snakemake.wildcards.seed),
        output=snakemake.output.cells,
    )
