from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.report.figures.type_relations import draw_type_relations

    draw_type_relations(snakemake.input.relations, outputs=[snakemake.output.svg, snakemake.output.png])
