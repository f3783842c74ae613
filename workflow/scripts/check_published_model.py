from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.models.geneformer.checkpoint import check_published_model

    check_published_model(
        snakemake.input.config,
        snakemake.input.weights,
        snakemake.input.identity,
        files=snakemake.params.files,
        title=snakemake.params.title,
        revision=snakemake.params.revision,
        output=snakemake.output.about,
    )
