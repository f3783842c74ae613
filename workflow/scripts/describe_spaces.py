from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.describe import describe_spaces

    describe_spaces(
        dict(snakemake.input.items()),
        snakemake.params.declared,
        dataset=snakemake.wildcards.dataset,
        output=snakemake.output.spaces,
        tsv=snakemake.output.spaces_tsv,
    )
