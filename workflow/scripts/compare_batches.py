from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.batch_pairs import compare_batches

    seeds, spaces = snakemake.params.seeds, list(snakemake.input.spaces)
    each = len(spaces) // len(seeds)
    compare_batches(
        {seed: spaces[i * each : (i + 1) * each] for i, seed in enumerate(seeds)},
        dict(zip(seeds, snakemake.input.cells, strict=True)),
        dataset=snakemake.wildcards.dataset,
        output=snakemake.output.batch_pairs,
        tsv=snakemake.output.batch_pairs_tsv,
    )
