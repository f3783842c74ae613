from rankstudy.job import start

with start(snakemake):
    from rankstudy.pairs import compare
    from rankstudy.space_files import SpaceFile

    compare(
        [SpaceFile(path) for path in snakemake.input.spaces],
        snakemake.params.rows,
        snakemake.params.columns,
        joint=snakemake.params.joint,
        hexagons=snakemake.params.hexagons,
        neighbours=snakemake.params.neighbours,
        cutoffs=snakemake.params.cutoffs,
    ).save(snakemake.output.block)
