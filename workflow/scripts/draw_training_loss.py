from rankstudy.job import start

with start(snakemake):
    from rankstudy.figures.training_loss import draw_training_loss

    draw_training_loss(
        snakemake.input.loss,
        snakemake.input.about,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
