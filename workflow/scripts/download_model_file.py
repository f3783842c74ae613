from rankstudy.job import start

with start(snakemake):
    from rankstudy.download import Download, fetch

    fetch(
        Download(
            what=f"Geneformer {snakemake.wildcards.release}: {snakemake.wildcards.file}", **snakemake.params.known
        ),
        snakemake.output.file,
        snakemake.output.manifest,
    )
