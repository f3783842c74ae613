from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.run.asked import files_by_encoding
    from rankstudy.spaces.export import export_cells

    export_cells(
        snakemake.input.shards,
        snakemake.input.selection,
        files_by_encoding(snakemake),
        dict(zip(snakemake.params.releases, snakemake.input.tokens, strict=True)),
        encodings=snakemake.params.encodings,
        dataset=snakemake.wildcards.dataset,
        seed=int(snakemake.wildcards.seed),
        output=snakemake.output.cells,
    )
