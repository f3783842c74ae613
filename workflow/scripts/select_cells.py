from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.cells.selection import select_cells

    select_cells(
        snakemake.input.cells,
        snakemake.input.types,
        dataset=snakemake.wildcards.dataset,
        seed=int(snakemake.wildcards.seed),
        min_cells=snakemake.params.min_cells,
        cells_per_type=snakemake.params.cells_per_type,
        cell_types=snakemake.params.cell_types,
        types_expected=snakemake.params.types_expected,
        selection_out=snakemake.output.selection,
        report_out=snakemake.output.report,
    )
