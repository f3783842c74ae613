from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.core.files import find_file
    from rankstudy.run.workflow import FOLDER
    from rankstudy.spaces.genes import select_genes

    listed = snakemake.params.listed
    select_genes(
        snakemake.input.shards,
        snakemake.input.genes,
        dataset=snakemake.wildcards.dataset,
        seed=int(snakemake.wildcards.seed),
        method=snakemake.params.method,
        number=snakemake.params.number,
        output=snakemake.output.genes,
        listed=listed and find_file(listed["file"], FOLDER),
    )
