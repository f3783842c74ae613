from rankstudy.job import start

with start(snakemake):
    from rankstudy.descriptions import read_descriptions
    from rankstudy.figures.neighbour_composition import draw_neighbour_composition

    draw_neighbour_composition(
        snakemake.input.neighbourhoods,
        spaces=read_descriptions(snakemake.input.spaces),
        outputs=[snakemake.output.svg, snakemake.output.png],
    )
