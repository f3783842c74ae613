from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.report.figures.neighbour_composition import draw_neighbour_composition
    from rankstudy.spaces.descriptions import read_descriptions

    draw_neighbour_composition(
        snakemake.input.neighbourhoods,
        spaces=read_descriptions(snakemake.input.spaces),
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
