from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.report.figures.label_transfer import draw_label_transfer
    from rankstudy.spaces.descriptions import read_descriptions

    draw_label_transfer(
        snakemake.input.transfer,
        spaces=read_descriptions(snakemake.input.spaces),
        seed=snakemake.params.seed,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
