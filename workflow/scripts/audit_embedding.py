from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.audit.brought import audit_embedding

    audit_embedding(
        dict(zip(snakemake.params.parts, snakemake.input.files, strict=True)),
        snakemake.input.cells,
        snakemake.input.selections,
        how=snakemake.params.how,
        thresholds=snakemake.params.thresholds,
        dataset=snakemake.wildcards.dataset,
        space=snakemake.wildcards.brought,
        seed=snakemake.params.seed,
        output=snakemake.output.audit,
    )
