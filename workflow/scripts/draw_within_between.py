from rankstudy.job import start

with start(snakemake):
    from rankstudy.figures.within_between import draw_within_between

    draw_within_between(
        snakemake.input.summaries,
        snakemake.input.effects,
        spaces=snakemake.params.spaces,
        seed=snakemake.params.seed,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
