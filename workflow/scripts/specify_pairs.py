from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.settings.specify import specify_pairs
    from rankstudy.run.asked import asked_by, files_by_encoding

    specify_pairs(
        asked_by(snakemake),
        pairs=snakemake.params.pairs,
        spaces_in={name: files["space"] for name, files in files_by_encoding(snakemake).items() if "space" in files},
        outputs=dict(snakemake.output.items()),
        threads=snakemake.threads,
    )
