from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.causes.find import find_causes
    from rankstudy.run.asked import asked_by

    find_causes(
        asked_by(snakemake),
        pairs=snakemake.params.pairs,
        depths=snakemake.params.depths,
        tie_rules=snakemake.params.tie_rules,
        outputs=dict(snakemake.output.items()),
        threads=snakemake.threads,
    )
