from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.judge.files import judge_file

    judge_file(
        snakemake.input.cells,
        dict(zip(snakemake.params.names, snakemake.input.files, strict=True)),
        given=snakemake.params.given,
        options=snakemake.params.options,
        output=snakemake.output.tables,
    )
