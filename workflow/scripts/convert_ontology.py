from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.cells.ontology.convert import convert_ontology

    convert_ontology(
        snakemake.input.release,
        member=snakemake.params.member,
        verified=snakemake.params.verified,
        root=snakemake.params.root,
        outputs=dict(snakemake.output.items()),
    )
