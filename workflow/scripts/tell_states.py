from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.states.tell import tell_states

    tell_states(
        {name: snakemake.input[name] for name in snakemake.params.spaces},
        snakemake.input.cells,
        snakemake.input.index,
        snakemake.input.parts,
        next(iter(snakemake.input.donors), None),
        references=snakemake.params.references,
        states=snakemake.params.states,
        dataset=snakemake.wildcards.dataset,
        seed=int(snakemake.wildcards.seed),
        level=snakemake.params.level,
        outputs=dict(snakemake.output.items()),
    )
