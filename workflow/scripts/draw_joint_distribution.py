from rankstudy.job import start

with start(snakemake):
    from rankstudy.descriptions import read_descriptions
    from rankstudy.figures.joint_distribution import draw_joint_distribution

    draw_joint_distribution(
        snakemake.input.joint,
        spaces=read_descriptions(snakemake.input.spaces),
        pairs=snakemake.params.pairs,
        seed=snakemake.params.seed,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
