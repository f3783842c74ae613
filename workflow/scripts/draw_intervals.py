from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.report.figures.intervals import draw_intervals
    from rankstudy.spaces.descriptions import read_descriptions

    draw_intervals(
        snakemake.input.intervals,
        snakemake.input.differences,
        spaces=read_descriptions(snakemake.input.spaces),
        seed=snakemake.params.seed,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
