from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.report.figures.type_matrix import draw_type_matrix
    from rankstudy.spaces.descriptions import read_descriptions

    draw_type_matrix(
        snakemake.input.summaries,
        space=snakemake.params.space,
        about=read_descriptions(snakemake.input.spaces)[snakemake.params.space],
        seed=snakemake.params.seed,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
