from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.cells.ontology.relate import relate_types

    ontology = dict(snakemake.input.items())
    types, cells = ontology.pop("types"), ontology.pop("cells")
    relate_types(
        types,
        [cells] if isinstance(cells, str) else list(cells),
        dataset=snakemake.wildcards.dataset,
        terms=snakemake.params.terms,
        by_name=snakemake.params.by_name,
        similar=snakemake.params.similar,
        ontology_in=ontology,
        **snakemake.params.rule,
        outputs=dict(snakemake.output.items()),
    )
