from rankstudy.job import start

with start(snakemake):
    from rankstudy.descriptions import read_descriptions
    from rankstudy.figures.intervals import draw_intervals

    draw_intervals(
        snakemake.input.intervals,
        snakemake.input.differences,
        spaces=read_descriptions(snakemake.input.spaces),
        seed=snakemake.params.seed,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
