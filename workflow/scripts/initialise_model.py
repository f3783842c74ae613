from rankstudy.run.job import start

with start(snakemake):
    from pathlib import Path

    from rankstudy.spaces.models.geneformer.training import initialise_model

    initialise_model(
        snakemake.input.identity,
        architecture=snakemake.params.architecture,
        seed=snakemake.params.seed,
        title=snakemake.params.title,
        folder=str(Path(snakemake.output.config).parent),
        about_out=snakemake.output.about,
    )
