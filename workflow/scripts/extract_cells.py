from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.cells.shards import extract_cells

    extract_cells(
        snakemake.input.matrix,
        snakemake.params.read,
        snakemake.input.selection,
        snakemake.input.genes,
        part=snakemake.wildcards.part,
        several_parts=snakemake.params.several_parts,
        output=snakemake.output.part,
        treatment=snakemake.params.treatment,
        seed=int(snakemake.wildcards.seed),
    )
