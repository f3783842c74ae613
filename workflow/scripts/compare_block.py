from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.pairs.engine import compare
    from rankstudy.pairs.relation_matrix import relation_matrix
    from rankstudy.pairs.space_files import SpaceFile

    spaces = [SpaceFile(path) for path in snakemake.input.spaces]
    compare(
        spaces,
        snakemake.params.rows,
        snakemake.params.columns,
        joint=snakemake.params.joint,
        hexagons=snakemake.params.hexagons,
        neighbours=snakemake.params.neighbours,
        across=snakemake.params.neighbours,
        cutoffs=snakemake.params.cutoffs,
        relations=relation_matrix(snakemake.input.relations, spaces[0].layout.labels),
    ).save(snakemake.output.block)
