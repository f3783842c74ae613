from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.models.geneformer.training_cells import sample_training_cells

    sample_training_cells(
        snakemake.input.cells,
        snakemake.input.selections,
        number=snakemake.params.number,
        validation=snakemake.params.validation,
        least=snakemake.params.least,
        seed=snakemake.params.seed,
        output=snakemake.output.cells,
    )
