from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.core.files import verify
    from rankstudy.sources.readers.zipped import unpack_member

    known = {f"{name}_expected": value for name, value in snakemake.params.verified.items()}
    verify(snakemake.input.archive, **known, what=snakemake.input.archive)
    unpack_member(snakemake.input.archive, snakemake.output.file, snakemake.params.member)
