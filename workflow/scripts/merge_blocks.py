from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.separation import merge_blocks

    merge_blocks(snakemake.input.blocks, snakemake.output.pairs)
