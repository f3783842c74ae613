from rankstudy.job import start

with start(snakemake):
    from rankstudy.index import index_dataset

    index_dataset(
        snakemake.wildcards.dataset,
        snakemake.input.files[0],
        snakemake.params.read,
        annotations=snakemake.params.annotations,
        values=snakemake.params.values,
        expect=snakemake.params.expect,
        sha256_expected=snakemake.params.sha256,
        md5_expected=snakemake.params.md5,
        bytes_expected=snakemake.params.bytes,
        flag_column=snakemake.params.flag_column,
        cells_out=snakemake.output.cells,
        types_out=snakemake.output.types,
        types_tsv=snakemake.output.types_tsv,
        genes_out=snakemake.output.genes,
    )
