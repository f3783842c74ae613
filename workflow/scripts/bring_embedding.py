from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.brought.bring import bring_embedding

    bring_embedding(
        dict(zip(snakemake.params.parts, snakemake.input.files, strict=True)),
        snakemake.input.cells,
        snakemake.input.selection,
        how=snakemake.params.how,
        made=snakemake.params.made,
        dataset=snakemake.wildcards.dataset,
        space=snakemake.wildcards.brought,
        metric=snakemake.params.metric,
        seed=int(snakemake.wildcards.seed),
        output=snakemake.output.vectors,
        report_out=snakemake.output.report,
    )
