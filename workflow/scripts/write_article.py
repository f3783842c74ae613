from rankstudy.job import start

with start(snakemake):
    from rankstudy.article.build import build_article, by_dataset

    tables, index = by_dataset(snakemake.input.tables, 2), by_dataset(snakemake.input.index, 1)
    build_article(
        {dataset: {**index[dataset], **tables[dataset]} for dataset in snakemake.params.about["datasets"]},
        by_dataset(snakemake.input.figures, 1),
        snakemake.params.about,
        output=snakemake.output.article,
        run_out=snakemake.output.run,
        run_tsv=snakemake.output.run_tsv,
    )
