# Input: the tables of a data set. Output: results/figures/<dataset>/<figure>.svg and .png, one rule per figure.


rule draw_encoding:
    """Draw the rank-value encoding from one real cell: what becomes an order, and what has none."""
    input:
        example="results/{dataset}/tables/example_cell.parquet",
    output:
        svg=report(
            "results/figures/{dataset}/encoding.svg",
            caption="../report/encoding.rst",
            category="Figures",
            labels={"figure": "The rank-value encoding", "data set": "{dataset}"},
        ),
        png="results/figures/{dataset}/encoding.png",
    log:
        "logs/{dataset}/draw_encoding.log",
    benchmark:
        "results/benchmarks/{dataset}/draw_encoding.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("draw_encoding"),
        runtime=runtime("draw_encoding"),
    params:
        code=code_digest("rankstudy.report.figures.encoding", "rankstudy.run.job"),
    script:
        "../scripts/draw_encoding.py"


rule draw_cells_per_type:
    """Draw how many cells of each type there are and how many take part."""
    input:
        types="results/{dataset}/cell_types.parquet",
        report=f"results/{{dataset}}/{SEEDS[0]}/selection_report.parquet",
    output:
        svg=report(
            "results/figures/{dataset}/cells_per_type.svg",
            caption="../report/cells_per_type.rst",
            category="Figures",
            labels={"figure": "Cells per type", "data set": "{dataset}"},
        ),
        png="results/figures/{dataset}/cells_per_type.png",
    log:
        "logs/{dataset}/draw_cells_per_type.log",
    benchmark:
        "results/benchmarks/{dataset}/draw_cells_per_type.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("draw_cells_per_type"),
        runtime=runtime("draw_cells_per_type"),
    params:
        seed=SEEDS[0],
        code=code_digest("rankstudy.report.figures.cells_per_type", "rankstudy.run.job"),
    script:
        "../scripts/draw_cells_per_type.py"


rule draw_sparsity:
    """Draw histograms of the zeros of each cell, over all genes and over the selected ones, and of its ties."""
    input:
        sparsity=f"results/{{dataset}}/{SEEDS[0]}/sparsity.parquet",
    output:
        svg=report(
            "results/figures/{dataset}/sparsity.svg",
            caption="../report/sparsity.rst",
            category="Figures",
            labels={"figure": "Sparsity", "data set": "{dataset}"},
        ),
        png="results/figures/{dataset}/sparsity.png",
    log:
        "logs/{dataset}/draw_sparsity.log",
    benchmark:
        "results/benchmarks/{dataset}/draw_sparsity.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("draw_sparsity"),
        runtime=runtime("draw_sparsity"),
    params:
        seed=SEEDS[0],
        code=code_digest("rankstudy.report.figures.sparsity", "rankstudy.run.job"),
    script:
        "../scripts/draw_sparsity.py"


rule draw_within_between:
    """Draw likeness within and between types side by side, one point per type or pair of types, per space."""
    input:
        summaries="results/{dataset}/tables/pair_summaries.parquet",
        effects="results/{dataset}/tables/effect_sizes.parquet",
        spaces="results/{dataset}/tables/spaces.parquet",
    output:
        svg=report(
            "results/figures/{dataset}/within_between.svg",
            caption="../report/within_between.rst",
            category="Figures",
            labels={"figure": "Within and between types", "data set": "{dataset}"},
        ),
        png="results/figures/{dataset}/within_between.png",
    log:
        "logs/{dataset}/draw_within_between.log",
    benchmark:
        "results/benchmarks/{dataset}/draw_within_between.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("draw_within_between"),
        runtime=runtime("draw_within_between"),
    params:
        seed=SEEDS[0],
        code=code_digest(
            "rankstudy.report.figures.within_between",
            "rankstudy.spaces.descriptions",
            "rankstudy.run.job",
        ),
    script:
        "../scripts/draw_within_between.py"


rule draw_joint_distribution:
    """Draw the joint distribution of two measures over all pairs of cells, within and between types."""
    input:
        joint="results/{dataset}/tables/joint_distribution.parquet",
        spaces="results/{dataset}/tables/spaces.parquet",
    output:
        svg=report(
            "results/figures/{dataset}/joint_distribution.svg",
            caption="../report/joint_distribution.rst",
            category="Figures",
            labels={"figure": "Joint distribution", "data set": "{dataset}"},
        ),
        png="results/figures/{dataset}/joint_distribution.png",
    log:
        "logs/{dataset}/draw_joint_distribution.log",
    benchmark:
        "results/benchmarks/{dataset}/draw_joint_distribution.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("draw_joint_distribution"),
        runtime=runtime("draw_joint_distribution"),
    params:
        pairs=of_dataset("joint"),
        seed=SEEDS[0],
        code=code_digest(
            "rankstudy.report.figures.joint_distribution",
            "rankstudy.spaces.descriptions",
            "rankstudy.run.job",
        ),
    script:
        "../scripts/draw_joint_distribution.py"


rule draw_type_matrix:
    """Draw the matrix of median likeness between types, ordered by similarity."""
    input:
        summaries="results/{dataset}/tables/pair_summaries.parquet",
        spaces="results/{dataset}/tables/spaces.parquet",
    output:
        svg=report(
            "results/figures/{dataset}/type_matrix.svg",
            caption="../report/type_matrix.rst",
            category="Figures",
            labels={"figure": "Types by similarity", "data set": "{dataset}"},
        ),
        png="results/figures/{dataset}/type_matrix.png",
    log:
        "logs/{dataset}/draw_type_matrix.log",
    benchmark:
        "results/benchmarks/{dataset}/draw_type_matrix.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("draw_type_matrix"),
        runtime=runtime("draw_type_matrix"),
    params:
        space=of_dataset("main_space"),
        seed=SEEDS[0],
        code=code_digest(
            "rankstudy.report.figures.type_matrix",
            "rankstudy.spaces.descriptions",
            "rankstudy.run.job",
        ),
    script:
        "../scripts/draw_type_matrix.py"


rule draw_type_relations:
    """Draw which types are similar by the ontology or by hand, and which nobody can relate."""
    input:
        relations="results/{dataset}/tables/type_relations.parquet",
    output:
        svg=report(
            "results/figures/{dataset}/type_relations.svg",
            caption="../report/type_relations.rst",
            category="Figures",
            labels={"figure": "Similar types", "data set": "{dataset}"},
        ),
        png="results/figures/{dataset}/type_relations.png",
    log:
        "logs/{dataset}/draw_type_relations.log",
    benchmark:
        "results/benchmarks/{dataset}/draw_type_relations.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("draw_type_relations"),
        runtime=runtime("draw_type_relations"),
    params:
        code=code_digest("rankstudy.report.figures.type_relations", "rankstudy.run.job"),
    script:
        "../scripts/draw_type_relations.py"


rule draw_outliers:
    """Draw the strongest outliers as a table: pairs of types and pairs of cells."""
    input:
        types="results/{dataset}/tables/outlier_types.parquet",
        cells="results/{dataset}/tables/outlier_cells.parquet",
        spaces="results/{dataset}/tables/spaces.parquet",
    output:
        svg=report(
            "results/figures/{dataset}/outliers.svg",
            caption="../report/outliers.rst",
            category="Figures",
            labels={"figure": "Outliers", "data set": "{dataset}"},
        ),
        png="results/figures/{dataset}/outliers.png",
    log:
        "logs/{dataset}/draw_outliers.log",
    benchmark:
        "results/benchmarks/{dataset}/draw_outliers.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("draw_outliers"),
        runtime=runtime("draw_outliers"),
    params:
        space=of_dataset("main_space"),
        seed=SEEDS[0],
        code=code_digest(
            "rankstudy.report.figures.outliers",
            "rankstudy.spaces.descriptions",
            "rankstudy.run.job",
        ),
    script:
        "../scripts/draw_outliers.py"


rule draw_training_loss:
    """Draw the loss of the study's own model while it was trained, beside that of the frequency of the genes."""
    input:
        loss="results/models/trained-here/training_loss.parquet",
        about="results/models/trained-here/about.json",
    output:
        svg=report(
            "results/figures/models/training_loss.svg",
            caption="../report/training_loss.rst",
            category="Figures",
            labels={"figure": "Training loss", "data set": "all"},
        ),
        png="results/figures/models/training_loss.png",
    log:
        "logs/models/draw_training_loss.log",
    benchmark:
        "results/benchmarks/models/draw_training_loss.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("draw_training_loss"),
        runtime=runtime("draw_training_loss"),
    params:
        code=code_digest("rankstudy.report.figures.training_loss", "rankstudy.run.job"),
    script:
        "../scripts/draw_training_loss.py"
