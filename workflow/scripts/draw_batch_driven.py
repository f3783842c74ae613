from rankstudy.job import start

with start(snakemake):
    from rankstudy.descriptions import read_descriptions
    from rankstudy.figures.batch_driven import draw_batch_driven

    draw_batch_driven(
        snakemake.input.batch_driven,
        spaces=read_descriptions(snakemake.input.spaces),
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
