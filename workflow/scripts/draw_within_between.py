from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.report.figures.within_between import draw_within_between
    from rankstudy.spaces.descriptions import read_descriptions

    draw_within_between(
        snakemake.input.summaries,
        snakemake.input.effects,
        spaces=read_descriptions(snakemake.input.spaces),
        seed=snakemake.params.seed,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
