from rankstudy.job import start

with start(snakemake):
    from rankstudy.descriptions import read_descriptions
    from rankstudy.figures.type_matrix import draw_type_matrix

    draw_type_matrix(
        snakemake.input.summaries,
        space=snakemake.params.space,
        about=read_descriptions(snakemake.input.spaces)[snakemake.params.space],
        seed=snakemake.params.seed,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
