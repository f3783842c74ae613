from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.models.checking import check_model

    check_model(
        {what: snakemake.input[what] for what in snakemake.params.known},
        snakemake.input.identity,
        known=snakemake.params.known,
        module=snakemake.params.module,
        title=snakemake.params.title,
        revision=snakemake.params.revision,
        how=snakemake.params.how,
        output=snakemake.output.about,
    )
