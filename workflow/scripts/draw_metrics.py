from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.report.figures.metrics import draw_metrics
    from rankstudy.spaces.descriptions import read_descriptions

    draw_metrics(
        snakemake.input.integration,
        snakemake.input.geometry,
        spaces=read_descriptions(snakemake.input.spaces),
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
