from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.texts.gene_texts import read_texts

    read_texts(
        snakemake.input.archive,
        snakemake.params.members,
        snakemake.params.verified,
        form=snakemake.params.form,
        output=snakemake.output.texts,
    )
