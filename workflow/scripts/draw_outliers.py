from rankstudy.job import start

with start(snakemake):
    from rankstudy.descriptions import read_descriptions
    from rankstudy.figures.outliers import draw_outliers

    draw_outliers(
        snakemake.input.types,
        snakemake.input.cells,
        space=snakemake.params.space,
        about=read_descriptions(snakemake.input.spaces)[snakemake.params.space],
        seed=snakemake.params.seed,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
