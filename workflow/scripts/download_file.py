from rankstudy.job import start

with start(snakemake):
    from rankstudy.download.source import download_source

    download_source(
        snakemake.wildcards.dataset,
        snakemake.params.source,
        snakemake.output.file,
        snakemake.output.manifest,
        licence=snakemake.params.licence,
    )
