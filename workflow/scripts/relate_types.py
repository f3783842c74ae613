from rankstudy.job import start

with start(snakemake):
    from rankstudy.type_relations import relate_types

    relate_types(
        snakemake.input.types,
        dataset=snakemake.wildcards.dataset,
        similar=snakemake.params.similar,
        output=snakemake.output.type_relations,
        tsv=snakemake.output.type_relations_tsv,
    )
