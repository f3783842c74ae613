from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.cells.donors import describe_donors

    describe_donors(
        snakemake.input.donors,
        snakemake.input.cells,
        dataset=snakemake.wildcards.dataset,
        key=snakemake.params.key,
        separator=snakemake.params.separator,
        verified=snakemake.params.verified,
        expected=snakemake.params.expected,
        missing=snakemake.params.missing,
        output=snakemake.output.donors,
        output_tsv=snakemake.output.donors_tsv,
    )
