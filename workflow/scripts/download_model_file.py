from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.sources.download import Download, fetch

    fetch(
        Download(
            what=f"Geneformer {snakemake.wildcards.release}: {snakemake.wildcards.file}", **snakemake.params.known
        ),
        snakemake.output.file,
        snakemake.output.manifest,
    )
