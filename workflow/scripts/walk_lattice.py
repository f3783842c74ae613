from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.core.files import find_file
    from rankstudy.measures.lattice.walk import walk_lattice
    from rankstudy.run.workflow import FOLDER

    named = [(*name.split("/"), path) for name, path in snakemake.input.items() if "/" in name]
    walk_lattice(
        snakemake.input.shards,
        cells_in=snakemake.input.cells,
        genes_in={
            encoding: {what: path for name, what, path in named if name == encoding}
            for encoding in snakemake.params.encodings
        },
        encodings=snakemake.params.encodings,
        ledgers=snakemake.params.ledgers,
        shared_genes=find_file(snakemake.params.shared_genes["file"], FOLDER),
        dataset=snakemake.wildcards.dataset,
        seed=int(snakemake.wildcards.seed),
        counts=snakemake.params.counts,
        unit=snakemake.params.unit,
        donors_in=next(iter(snakemake.input.donors), None),
        cells=snakemake.params.cells,
        neighbours=snakemake.params.neighbours,
        draws=snakemake.params.draws,
        resamples=snakemake.params.resamples,
        resampling_seed=snakemake.params.seed,
        level=snakemake.params.level,
        outputs=dict(snakemake.output.items()),
        threads=snakemake.threads,
    )
