from rankstudy.job import start

with start(snakemake):
    from rankstudy.files import verify
    from rankstudy.readers.zipped import unpack_member

    known = {f"{name}_expected": value for name, value in snakemake.params.verified.items()}
    verify(snakemake.input.archive, **known, what=snakemake.input.archive)
    unpack_member(snakemake.input.archive, snakemake.output.file, snakemake.params.member)
