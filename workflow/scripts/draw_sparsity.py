from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.report.figures.sparsity import draw_sparsity

    draw_sparsity(
        snakemake.input.sparsity,
        seed=snakemake.params.seed,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
