from rankstudy.job import start

with start(snakemake):
    from rankstudy.figures.encoding import draw_encoding

    draw_encoding(
        snakemake.input.example,
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
