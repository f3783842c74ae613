from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.models.geneformer.training_cells import tokenise_training_cells

    tokenise_training_cells(
        snakemake.input.matrix,
        snakemake.params.read,
        snakemake.input.cells,
        snakemake.input.genes,
        snakemake.input.vocabulary,
        snakemake.input.identity,
        tokenizer=snakemake.params.tokenizer,
        dataset=snakemake.wildcards.dataset,
        part=snakemake.wildcards.part,
        values=snakemake.params["values"],
        max_length=snakemake.params.max_length,
        output=snakemake.output.tokens,
        treatment=snakemake.params.treatment,
        seed=snakemake.params.seed,
    )
