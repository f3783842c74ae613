from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.report.figure import draw

    draw(
        snakemake.params.module,
        dict(snakemake.input.items()),
        snakemake.params.settings,
        paths=[snakemake.output.svg, snakemake.output.png],
    )
