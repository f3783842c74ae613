"""A reproducible study of rank-value encodings of single-cell RNA-seq.

`snakemake --cores N` runs the study of config/config.yaml; `--configfile FILE` lays another file over it.
"""


report: "workflow/report/study.rst"


include: "workflow/rules/package.smk"
include: "workflow/rules/common.smk"
include: "workflow/rules/declared.smk"
include: "workflow/rules/texts_declared.smk"
include: "workflow/rules/requests.smk"
include: "workflow/rules/outputs.smk"
include: "workflow/rules/download.smk"
include: "workflow/rules/cells.smk"
include: "workflow/rules/ontology.smk"
include: "workflow/rules/tokens.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/embeddings.smk"
include: "workflow/rules/texts.smk"
include: "workflow/rules/spaces.smk"
include: "workflow/rules/pairs.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/settings.smk"
include: "workflow/rules/lattice.smk"
include: "workflow/rules/causes.smk"
include: "workflow/rules/states.smk"
include: "workflow/rules/metrics.smk"
include: "workflow/rules/report.smk"


rule all:
    """The whole study: the article, and with it every table and figure."""
    default_target: True
    input:
        article="results/article/index.html",
        packed=report(
            pages_together,
            caption="workflow/report/article.rst",
            category="Article",
            htmlindex="index.html",
        ),


rule shards:
    """The raw counts of the selected cells, one file per cell type."""
    input:
        shards=all_shards,


rule tables:
    """Every table of every data set."""
    input:
        tables=all_tables,


rule figures:
    """Every figure of every data set."""
    input:
        figures=all_figures,
