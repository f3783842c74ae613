from rankstudy.job import start

with start(snakemake):
    from rankstudy.donors import describe_donors

    describe_donors(
        snakemake.input.donors,
        snakemake.input.cells,
        dataset=snakemake.wildcards.dataset,
        key=snakemake.params.key,
        verified=snakemake.params.verified,
        expected=snakemake.params.expected,
        output=snakemake.output.donors,
        output_tsv=snakemake.output.donors_tsv,
    )
