# Input: the shards of a seed. Output: the genes to use, and one file per space with the vectors of all its cells.


rule select_genes:
    """Choose the genes that the spaces use."""
    input:
        shards=shards_of,
        selection="results/{dataset}/{seed}/selection.parquet",
        genes="results/{dataset}/source_genes.parquet",
    output:
        genes="results/{dataset}/{seed}/genes.parquet",
    log:
        "logs/{dataset}/{seed}/select_genes.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/select_genes.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("select_genes"),
        runtime=runtime("select_genes"),
    params:
        method=of_dataset("genes.method"),
        number=of_dataset("genes.number"),
        listed=gene_list("gene_list"),
        code=code_digest(
            "rankstudy.spaces.genes", "rankstudy.run.job", "rankstudy.run.workflow"
        ),
    script:
        "../scripts/select_genes.py"


rule keep_cells:
    """Drop the cells that some space cannot hold, so that every space holds the same cells, and say why."""
    input:
        shards=shards_of,
        selection="results/{dataset}/{seed}/selection.parquet",
        genes="results/{dataset}/{seed}/genes.parquet",
        tokenised=tokenised_cells,
        encoded=encoded_cells,
        brought=brought_cells,
    output:
        cells="results/{dataset}/{seed}/analysed_cells.parquet",
    log:
        "logs/{dataset}/{seed}/keep_cells.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/keep_cells.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("keep_cells"),
        runtime=runtime("keep_cells"),
    params:
        code=code_digest("rankstudy.spaces.genes", "rankstudy.run.job"),
    script:
        "../scripts/keep_cells.py"


rule encode_shards:
    """Encode the cells of several shards, one after the other, and write their vectors."""
    input:
        unpack(genes_of_encoding),
        shards=shards_of_group,
    output:
        vectors="results/{dataset}/{seed}/encoded/{encoding}/{group}.h5ad",
        report="results/{dataset}/{seed}/encoded/{encoding}/{group}.parquet",
    log:
        "logs/{dataset}/{seed}/encode_shards/{encoding}/{group}.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/encode_shards/{encoding}/{group}.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("encode_shards"),
        runtime=runtime("encode_shards"),
    params:
        metric=of_space("metric"),
        metrics=metrics_of_vectors,
        function=of_space("function"),
        genes=of_space("genes"),
        code=lambda wildcards: code_digest(
            "rankstudy.spaces.make",
            "rankstudy.run.job",
            *SPACES[wildcards.encoding].modules,
        ),
    script:
        "../scripts/encode_shards.py"


rule collect_encoded:
    """Put the reports of all encodings and seeds together: what each makes of each cell."""
    input:
        reports=encoded_cells_of_all_seeds,
    output:
        table="results/{dataset}/tables/encoded_cells.parquet",
    log:
        "logs/{dataset}/collect_encoded.log",
    benchmark:
        "results/benchmarks/{dataset}/collect_encoded.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("collect_encoded"),
        runtime=runtime("collect_encoded"),
    params:
        code=code_digest("rankstudy.spaces.tables", "rankstudy.run.job"),
    script:
        "../scripts/collect_encoded.py"


rule gather_space:
    """Join the encoded or embedded shards into one file with exactly the cells to compare, rows sorted by cell type."""
    input:
        parts=parts_of_space,
        cells="results/{dataset}/{seed}/analysed_cells.parquet",
    output:
        space="results/{dataset}/{seed}/spaces/{gathered}.h5ad",
    log:
        "logs/{dataset}/{seed}/gather_space/{gathered}.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/gather_space/{gathered}.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("gather_space"),
        runtime=runtime("gather_space"),
    params:
        code=code_digest("rankstudy.spaces.make", "rankstudy.run.job"),
    script:
        "../scripts/gather_space.py"


rule fit_space:
    """Fit a space (PCA, Harmony, UMAP) on the vectors of another one, with a seed and on one thread."""
    input:
        parent=parent_space,
    output:
        space="results/{dataset}/{seed}/spaces/{fitted}.h5ad",
    log:
        "logs/{dataset}/{seed}/fit_space/{fitted}.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/fit_space/{fitted}.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("fit_space"),
        runtime=runtime("fit_space"),
    params:
        metric=of_space("metric"),
        function=of_space("function"),
        columns=of_space("cells"),
        options=lambda wildcards: STUDY.fit_options(wildcards.fitted),
        code=lambda wildcards: code_digest(
            "rankstudy.spaces.make",
            "rankstudy.run.job",
            *SPACES[wildcards.fitted].modules,
        ),
    script:
        "../scripts/fit_space.py"


rule view_space:
    """Write the vectors of an encoding as a space by another metric, or centred: a link to its file."""
    input:
        parent=parent_space,
    output:
        space="results/{dataset}/{seed}/spaces/{view}.h5ad",
    log:
        "logs/{dataset}/{seed}/view_space/{view}.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/view_space/{view}.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("view_space"),
        runtime=runtime("view_space"),
    params:
        metric=of_space("metric"),
        centred=of_space("centred"),
        code=code_digest("rankstudy.pairs.space_files", "rankstudy.run.job"),
    script:
        "../scripts/view_space.py"


rule make_control:
    """Make a control of the table of cells alone: of nothing that is in them, or of one label."""
    input:
        cells="results/{dataset}/{seed}/analysed_cells.parquet",
    output:
        space="results/{dataset}/{seed}/spaces/{control}.h5ad",
    log:
        "logs/{dataset}/{seed}/make_control/{control}.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/make_control/{control}.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("make_control"),
        runtime=runtime("make_control"),
    params:
        metric=of_space("metric"),
        function=of_space("function"),
        columns=of_space("cells"),
        code=lambda wildcards: code_digest(
            "rankstudy.spaces.make",
            "rankstudy.run.job",
            *SPACES[wildcards.control].modules,
        ),
    script:
        "../scripts/make_control.py"
