from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.changes.change import change_genes
    from rankstudy.run.asked import asked_by

    change_genes(
        asked_by(snakemake),
        changed_cells=snakemake.params.changed_cells,
        undetected=snakemake.params.undetected,
        outputs=dict(snakemake.output.items()),
        threads=snakemake.threads,
    )
