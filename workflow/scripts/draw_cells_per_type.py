from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.report.figures.cells_per_type import draw_cells_per_type

    draw_cells_per_type(
        snakemake.input.types,
        snakemake.input.report,
        seed=snakemake.params.seed,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
