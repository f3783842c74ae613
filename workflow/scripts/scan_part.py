from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.cells.scan import scan_part

    scan_part(
        snakemake.input.matrix,
        snakemake.params.read,
        dataset=snakemake.wildcards.dataset,
        part=snakemake.wildcards.part,
        part_label=snakemake.params.part_label,
        several_parts=snakemake.params.several_parts,
        annotations=snakemake.params.annotations,
        keep=snakemake.params.keep,
        missing=snakemake.params.missing,
        values=snakemake.params["values"],
        cells_expected=snakemake.params.cells_expected,
        verified=snakemake.params.verified,
        flag_column=snakemake.params.flag_column,
        cells_out=snakemake.output.cells,
        genes_out=snakemake.output.genes,
        choices_out=snakemake.output.choices,
    )
