"""Forecasts of studies whose jobs are written down here, as Snakemake would announce them."""

from rankstudy.run.plan import forecast as forecasting
from rankstudy.run.plan.costs import Costs
from rankstudy.run.plan.forecast import forecast
from rankstudy.run.plan.jobs import Plan, jobs_of

SAID = """
rule scan_part:
    input: {source}
    output: results/toy/index/0.cells.parquet, results/toy/index/0.genes.parquet
    benchmark: results/benchmarks/toy/scan_part/0.tsv
    wildcards: dataset=toy, part=0
[Mon Nov 30 01:25:45 2026]
checkpoint index_cells:
    input: results/toy/index/0.cells.parquet, results/toy/index/0.genes.parquet
    output: results/toy/cell_types.tsv, results/toy/cells.parquet
    benchmark: results/benchmarks/toy/index_cells.tsv
    wildcards: dataset=toy
DAG of jobs will be updated after completion.

rule write_shard:
    input: results/toy/0/parts/0.h5ad, results/toy/0/selection.parquet
    output: results/toy/0/shards/type-0.h5ad
    benchmark: results/benchmarks/toy/0/write_shard/type-0.tsv
    wildcards: dataset=toy, seed=0, cell_type=type-0
rule encode_shards:
    input: results/toy/0/shards/type-0.h5ad, results/toy/0/shards/type-1.h5ad
    output: results/toy/0/encoded/rank/0.h5ad
    benchmark: results/benchmarks/toy/0/encode_shards/rank/0.tsv
    wildcards: dataset=toy, seed=0, encoding=rank, group=0
rule fit_space:
    input: results/toy/0/spaces/expression.h5ad
    output: results/toy/0/spaces/expression-umap.h5ad
    benchmark: results/benchmarks/toy/0/fit_space/expression-umap.tsv
    wildcards: dataset=toy, seed=0, fitted=expression-umap
rule compare_block:
    input: results/toy/0/spaces/rank.h5ad, results/toy/0/spaces/expression.h5ad
    output: results/toy/0/blocks/0-0.h5
    benchmark: results/benchmarks/toy/0/compare_block/0-0.tsv
    wildcards: dataset=toy, seed=0, i=0, j=0
    threads: 2
rule merge_blocks:
    input: results/toy/0/blocks/0-0.h5
    output: results/toy/0/pairs.h5
    benchmark: results/benchmarks/toy/0/merge_blocks.tsv
    wildcards: dataset=toy, seed=0
localrule write_article:
    output: results/article/index.html
    benchmark: results/benchmarks/article/write_article.tsv
localrule all:
    input: results/article/index.html
"""
DOWNLOAD = """
rule download_file:
    output: resources/toy/toy.h5ad, resources/toy/toy.h5ad.json
    benchmark: results/benchmarks/toy/download_file/toy.h5ad.tsv
    wildcards: place=toy, file=toy.h5ad
"""


def plan_of(study, *_):
    """Return the plan of the study `toy`, of which a job of each kind stands for all."""
    [part] = study.datasets["toy"].parts.values()
    said = SAID.format(source=part.path) + (DOWNLOAD if study.datasets["toy"].downloads else "")
    return Plan([job for job in jobs_of(said) if job.benchmark], ["core"])


def use(monkeypatch):
    """Have forecasts take the plan that is written down here for Snakemake's."""
    monkeypatch.setattr(forecasting, "plan", plan_of)


def forecast_of(study):
    """Return the forecast of a study; `use` comes first."""
    return forecast(study, Costs.read(), [])
