from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.report.figures.batch_driven import draw_batch_driven
    from rankstudy.spaces.descriptions import read_descriptions

    draw_batch_driven(
        snakemake.input.batch_driven,
        snakemake.input.intervals,
        spaces=read_descriptions(snakemake.input.spaces),
        seed=snakemake.params.seed,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
