from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.report.figures.training_loss import draw_training_loss

    draw_training_loss(
        snakemake.input.loss,
        snakemake.input.about,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
