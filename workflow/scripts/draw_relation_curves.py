from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.report.figures.relation_curves import draw_relation_curves
    from rankstudy.spaces.descriptions import read_descriptions

    draw_relation_curves(
        snakemake.input.relations,
        spaces=read_descriptions(snakemake.input.spaces),
        seed=snakemake.params.seed,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
