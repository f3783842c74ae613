from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.report.figures.encoding import draw_encoding

    draw_encoding(
        snakemake.input.example,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
