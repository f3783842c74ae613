from rankstudy.run.job import start

with start(snakemake):
    from pathlib import Path

    from rankstudy.spaces.models.geneformer.training import train_model

    train_model(
        snakemake.input.tokens,
        snakemake.input.cells,
        snakemake.input.identity,
        architecture=snakemake.params.architecture,
        epochs=snakemake.params.epochs,
        cells_per_batch=snakemake.params.cells_per_batch,
        learning_rate=snakemake.params.learning_rate,
        threads=snakemake.params.threads,
        seed=snakemake.params.seed,
        title=snakemake.params.title,
        folder=str(Path(snakemake.output.config).parent),
        about_out=snakemake.output.about,
        loss_out=snakemake.output.loss,
    )
