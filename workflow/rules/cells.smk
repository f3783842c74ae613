# Input: the files of a data set. Output: its index, and per seed the selection and the shards (raw counts by type).


rule scan_part:
    """Read a file of a data set once, check every value, and list its cells and genes."""
    input:
        unpack(files_of_part),
    output:
        cells="results/{dataset}/index/{part}.cells.parquet",
        genes="results/{dataset}/index/{part}.genes.parquet",
        choices="results/{dataset}/index/{part}.choices.parquet",
    log:
        "logs/{dataset}/scan_part/{part}.log",
    benchmark:
        "results/benchmarks/{dataset}/scan_part/{part}.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 2
    resources:
        mem_mb=memory_of_reading,
        runtime=runtime_of_reading,
    params:
        read=how_to_read,
        verified=of_part("verified"),
        cells_expected=of_part("model.cells"),
        part_label=of_part("own_name"),
        several_parts=of_dataset("several_parts"),
        annotations=of_part("annotations"),
        keep=of_part("keep"),
        missing=of_part("missing"),
        values=of_part("values"),
        flag_column=of_dataset("flag_column"),
        code=code_digest("rankstudy.cells.scan", "rankstudy.run.job"),
    script:
        "../scripts/scan_part.py"


checkpoint index_cells:
    """Put the files of a data set together and list its cells, cell types, batches, genes and what each file lacks.

    A checkpoint: which cell types there are, and so which jobs follow, is known only from here on.
    """
    input:
        cells=index_of_parts("cells"),
        genes=index_of_parts("genes"),
        choices=index_of_parts("choices"),
    output:
        # first: it is the input by which a job that runs by itself, as on a cluster, finds the checkpoint
        types_tsv="results/{dataset}/cell_types.tsv",
        cells="results/{dataset}/cells.parquet",
        types="results/{dataset}/cell_types.parquet",
        batches="results/{dataset}/tables/batches.parquet",
        batches_tsv="results/{dataset}/tables/batches.tsv",
        genes="results/{dataset}/source_genes.parquet",
        source_parts="results/{dataset}/tables/source_parts.parquet",
        source_parts_tsv="results/{dataset}/tables/source_parts.tsv",
        type_batches="results/{dataset}/tables/type_batches.parquet",
        type_batches_tsv="results/{dataset}/tables/type_batches.tsv",
    log:
        "logs/{dataset}/index_cells.log",
    benchmark:
        "results/benchmarks/{dataset}/index_cells.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("index_cells"),
        runtime=runtime("index_cells"),
    params:
        values=of_dataset("model.values"),
        needs=of_dataset("needs"),
        expect=of_dataset("expected"),
        membership=of_dataset("membership"),
        code=code_digest("rankstudy.cells.index", "rankstudy.run.job"),
    script:
        "../scripts/index_cells.py"


rule describe_donors:
    """Write down what is known of the donors, and check that those of all cells are among them."""
    input:
        donors=lambda wildcards: as_written(
            STUDY.datasets[wildcards.dataset].donors_file
        ),
        cells="results/{dataset}/cells.parquet",
    output:
        donors="results/{dataset}/tables/donors.parquet",
        donors_tsv="results/{dataset}/tables/donors.tsv",
    log:
        "logs/{dataset}/describe_donors.log",
    benchmark:
        "results/benchmarks/{dataset}/describe_donors.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("describe_donors"),
        runtime=runtime("describe_donors"),
    params:
        key=of_dataset("model.donors.key"),
        separator=of_dataset("model.donors.separator"),
        verified=of_dataset("model.donors.source.checks"),
        expected=of_dataset("model.expect.donors"),
        missing=of_dataset("model.missing"),
        code=code_digest("rankstudy.cells.donors", "rankstudy.run.job"),
    script:
        "../scripts/describe_donors.py"


rule select_cells:
    """Sample cells of each cell type, spread over batches, and say what was left out and why."""
    input:
        cells="results/{dataset}/cells.parquet",
        types="results/{dataset}/cell_types.parquet",
    output:
        selection="results/{dataset}/{seed}/selection.parquet",
        report="results/{dataset}/{seed}/selection_report.parquet",
    log:
        "logs/{dataset}/{seed}/select_cells.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/select_cells.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("select_cells"),
        runtime=runtime("select_cells"),
    params:
        min_cells=of_dataset("selection.min_cells"),
        cells_per_type=of_dataset("selection.cells_per_type"),
        cell_types=of_dataset("selection.cell_types"),
        types_expected=of_dataset("model.expect.qualifying_types"),
        code=code_digest("rankstudy.cells.selection", "rankstudy.run.job"),
    script:
        "../scripts/select_cells.py"


rule extract_cells:
    """Copy the selected cells out of one source file, in one pass over it, and treat their counts if they are to be."""
    input:
        unpack(files_of_part),
        selection="results/{dataset}/{seed}/selection.parquet",
        genes="results/{dataset}/source_genes.parquet",
    output:
        part="results/{dataset}/{seed}/parts/{part}.h5ad",
    log:
        "logs/{dataset}/{seed}/extract_cells/{part}.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/extract_cells/{part}.tsv"
    priority: 1  # every later stage of a data set waits for it
    conda:
        "../../envs/core.yaml"
    threads: 2
    resources:
        mem_mb=memory_of_reading,
        runtime=runtime_of_reading,
    params:
        read=how_to_read,
        several_parts=of_dataset("several_parts"),
        treatment=of_part("treatment"),
        code=code_digest("rankstudy.cells.shards", "rankstudy.run.job"),
    script:
        "../scripts/extract_cells.py"


rule write_shard:
    """Write the raw counts of the selected cells of one cell type, all genes."""
    input:
        parts=parts_of_dataset,
        selection="results/{dataset}/{seed}/selection.parquet",
    output:
        shard="results/{dataset}/{seed}/shards/{cell_type}.h5ad",
    log:
        "logs/{dataset}/{seed}/write_shard/{cell_type}.log",
    benchmark:
        "results/benchmarks/{dataset}/{seed}/write_shard/{cell_type}.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("write_shard"),
        runtime=runtime("write_shard"),
    params:
        code=code_digest("rankstudy.cells.shards", "rankstudy.run.job"),
    script:
        "../scripts/write_shard.py"
