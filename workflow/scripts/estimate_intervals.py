from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.measures.uncertainty.evaluation import evaluate_uncertainty

    evaluate_uncertainty(
        dict(zip(snakemake.params.seeds, snakemake.input.pairs, strict=True)),
        dict(zip(snakemake.params.seeds, snakemake.input.cells, strict=True)),
        dataset=snakemake.wildcards.dataset,
        unit=snakemake.params.unit,
        donors_in=next(iter(snakemake.input.donors), None),
        neighbours=snakemake.params.neighbours,
        resamples=snakemake.params.resamples,
        seed=snakemake.params.seed,
        level=snakemake.params.level,
        references=snakemake.params.references,
        outputs=dict(snakemake.output.items()),
    )
