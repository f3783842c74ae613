from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.report.figures.outliers import draw_outliers
    from rankstudy.spaces.descriptions import read_descriptions

    draw_outliers(
        snakemake.input.types,
        snakemake.input.cells,
        space=snakemake.params.space,
        about=read_descriptions(snakemake.input.spaces)[snakemake.params.space],
        seed=snakemake.params.seed,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
