from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.genes import select_genes

    select_genes(
        snakemake.input.shards,
        snakemake.input.genes,
        dataset=snakemake.wildcards.dataset,
        seed=int(snakemake.wildcards.seed),
        method=snakemake.params.method,
        number=snakemake.params.number,
        output=snakemake.output.genes,
        listed=snakemake.input.get("listed") or None,
    )
