from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.texts.gene_texts import read_gene_vectors

    read_gene_vectors(
        snakemake.input.archive,
        snakemake.params.members,
        snakemake.params.verified,
        form=snakemake.params.form,
        output=snakemake.output.vectors,
    )
