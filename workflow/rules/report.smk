# Input: tables. Output: results/figures/<data set>/<figure>.svg and .png, all by one rule (a figure is a module of
# rankstudy/report/figures, which declares what it reads, of what there is one, and what it is called); then the pages
# of the article, and the tables `run` and `answer` that their text refers to.

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
        (
            ["torch", "transformers", "safetensors"]
            if STUDY.models or STUDY.text_models
            else []
        ),
    ),
}


ARTICLE = [f"results/article/{page}" for page in page_names(DATASETS)]


rule draw_figure:
    """Draw a figure from the tables that its module declares."""
    input:
        unpack(files_of_figure),
    output:
        svg=report(
            "results/figures/{folder}/{figure}.svg",
            caption="../report/figure.rst",
            category="Figures",
            labels=labels_of_figure,
        ),
        png="results/figures/{folder}/{figure}.png",
    log:
        "logs/{folder}/draw_figure/{figure}.log",
    benchmark:
        "results/benchmarks/{folder}/draw_figure/{figure}.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("draw_figure"),
        runtime=runtime("draw_figure"),
    params:
        module=lambda wildcards: drawing(wildcards).module,
        settings=lambda wildcards: drawing(wildcards).settings,
        caption=lambda wildcards: drawing(wildcards).caption(wildcards.folder),
        code=lambda wildcards: code_digest(
            "rankstudy.report.figure", "rankstudy.run.job", drawing(wildcards).module
        ),
    script:
        "../scripts/draw_figure.py"


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
