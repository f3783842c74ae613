from rankstudy.run.job import start

with start(snakemake):
    from rankstudy.report.article.build import build_article, by_dataset, by_name

    tables, index = by_dataset(snakemake.input.tables, 2), by_dataset(snakemake.input.index, 1)
    of_datasets = {dataset: {**index[dataset], **tables[dataset]} for dataset in snakemake.params.about["datasets"]}
    build_article(
        {**of_datasets, "": by_name(snakemake.input.training_tables)},
        {**by_dataset(snakemake.input.figures, 1), "": by_name(snakemake.input.study_figures)},
        snakemake.params.about,
        outputs=snakemake.output.pages,
        run={"parquet": snakemake.output.run, "tsv": snakemake.output.run_tsv},
        answer={"parquet": snakemake.output.answer, "tsv": snakemake.output.answer_tsv},
    )
