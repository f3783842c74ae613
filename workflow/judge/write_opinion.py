from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.report.judged.build import build_pages

    build_pages(snakemake.input.tables, snakemake.params.about, output=snakemake.output.pages)
