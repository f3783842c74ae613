from rankstudy.job import start

with start(snakemake):
    from rankstudy.evaluation import merge_blocks

    merge_blocks(snakemake.input.blocks, snakemake.output.pairs)
