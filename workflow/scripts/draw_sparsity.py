from rankstudy.job import start

with start(snakemake):
    from rankstudy.figures.sparsity import draw_sparsity

    draw_sparsity(
        snakemake.input.sparsity,
        seed=snakemake.params.seed,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
