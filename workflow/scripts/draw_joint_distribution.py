from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.report.figures.joint_distribution import draw_joint_distribution
    from rankstudy.spaces.descriptions import read_descriptions

    draw_joint_distribution(
        snakemake.input.joint,
        spaces=read_descriptions(snakemake.input.spaces),
        pairs=snakemake.params.pairs,
        seed=snakemake.params.seed,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
