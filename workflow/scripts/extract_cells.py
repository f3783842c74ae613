from rankstudy.job import start

with start(snakemake):
    from rankstudy.shards import extract_cells

    extract_cells(
        snakemake.input.files[0],
        snakemake.params.read,
        snakemake.input.selection,
        snakemake.wildcards.part,
        snakemake.output.part,
    )
