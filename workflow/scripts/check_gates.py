from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.gates.gates import check_gates

    check_gates(
        snakemake.input.effects,
        snakemake.input.neighbourhoods,
        snakemake.input.cells,
        dataset=snakemake.wildcards.dataset,
        output=snakemake.output.gates,
        tsv=snakemake.output.gates_tsv,
    )
