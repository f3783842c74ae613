from rankstudy.job import start

with start(snakemake):
    from rankstudy.descriptions import read_descriptions
    from rankstudy.figures.metrics import draw_metrics

    draw_metrics(
        snakemake.input.integration,
        snakemake.input.geometry,
        spaces=read_descriptions(snakemake.input.spaces),
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
