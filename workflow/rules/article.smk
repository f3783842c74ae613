# Input: all tables and figures of the run. Output: the pages of the article, and the tables `run` and `answer` that
# their text refers to.

from snakemake import __version__ as snakemake_version

from rankstudy.run import provenance
from rankstudy.report.article.page_names import page_names
from rankstudy.run.workflow import started_from

ABOUT = {
    **provenance.command(
        workflow.config_settings.configfiles,
        workflow.config_settings.config,
        started_from(workflow.basedir),
    ),
    "commit": provenance.commit(FOLDER),
    "snakemake": snakemake_version,
    "pinned": provenance.pinned(
        FOLDER / "envs" / "models.yaml",
        ["torch", "transformers", "safetensors"] if STUDY.models else [],
    ),
}


ARTICLE = [f"results/article/{page}" for page in page_names(DATASETS)]


rule write_article:
    """Write the article: self-contained pages whose every number is looked up in a table."""
    input:
        tables=dataset_tables(),
        training_tables=training_tables(),
        index=expand(
            "results/{dataset}/{table}.parquet",
            dataset=DATASETS,
            table=["cell_types", "source_genes"],
        ),
        figures=figures_of(DATASETS, "svg"),
        study_figures=figures_of([OF_STUDY], "svg"),
        compared=what_is_compared,
    output:
        pages=ARTICLE,
        run="results/article/run.parquet",
        run_tsv="results/article/run.tsv",
        answer="results/article/answer.parquet",
        answer_tsv="results/article/answer.tsv",
    log:
        "logs/article/write_article.log",
    benchmark:
        "results/benchmarks/article/write_article.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("write_article"),
        runtime=runtime("write_article"),
    params:
        about=about_of_run,
        code=code_digest("rankstudy.report.article.build", "rankstudy.run.job"),
    script:
        "../scripts/write_article.py"
