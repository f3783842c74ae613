from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.cells.shards import write_shard

    write_shard(
        snakemake.input.parts,
        snakemake.input.selection,
        snakemake.wildcards.cell_type,
        snakemake.output.shard,
    )
