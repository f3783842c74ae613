from rankstudy.job import start

with start(snakemake):
    from rankstudy.gates import check_gates

    check_gates(
        snakemake.input.effects,
        snakemake.input.neighbourhoods,
        snakemake.input.cells,
        dataset=snakemake.wildcards.dataset,
        output=snakemake.output.gates,
        tsv=snakemake.output.gates_tsv,
    )
