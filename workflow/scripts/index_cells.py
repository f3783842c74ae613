from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.cells.index import index_cells

    index_cells(
        snakemake.input.cells,
        snakemake.input.genes,
        snakemake.input.choices,
        dataset=snakemake.wildcards.dataset,
        values=snakemake.params["values"],
        needs=snakemake.params.needs,
        expect=snakemake.params.expect,
        membership=snakemake.params.membership,
        outputs=dict(snakemake.output.items()),
    )
