from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.sources.download.source import download_source

    known = snakemake.params.known
    download_source(
        snakemake.wildcards.place,
        known["source"],
        snakemake.output.file,
        snakemake.output.manifest,
        licence=known["licence"],
    )
