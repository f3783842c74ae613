from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.spaces.texts.make import read_lists
    from rankstudy.spaces.texts.vectors import reader_of

    read_lists(
        snakemake.input.shards,
        dict(snakemake.input.items()),
        reader_of(snakemake.input, snakemake.params.reader),
        how=snakemake.params.how,
        made=snakemake.params.made,
        dataset=snakemake.wildcards.dataset,
        space=snakemake.wildcards.gene_list,
        metric=snakemake.params.metric,
        seed=int(snakemake.wildcards.seed),
        output=snakemake.output.vectors,
        report_out=snakemake.output.report,
    )
