# Input: tables. Output: results/figures/<data set>/<figure>.svg and .png, all by one rule: a figure is a module of
# rankstudy/report/figures, which declares what it reads, of what there is one, and what it is called.


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
