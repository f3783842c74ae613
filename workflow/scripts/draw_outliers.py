from rankstudy.job import start

with start(snakemake):
    from rankstudy.figures.outliers import draw_outliers

    draw_outliers(
        snakemake.input.types,
        snakemake.input.cells,
        space=snakemake.params.space,
        about=snakemake.params.spaces[snakemake.params.space],
        seed=snakemake.params.seed,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
