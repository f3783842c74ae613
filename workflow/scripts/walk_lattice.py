from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.lattice.walk import walk_lattice
    from rankstudy.run.asked import asked_by

    walk_lattice(
        asked_by(snakemake),
        ledgers=snakemake.params.ledgers,
        outputs=dict(snakemake.output.items()),
        threads=snakemake.threads,
    )
