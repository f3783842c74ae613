# Input: a release of the Cell Ontology, and the cell types of the data sets. Output: the release as tables, and which
# types are similar: results/<dataset>/tables/type_relations.parquet.


rule convert_ontology:
    """Read a release of the Cell Ontology once, and write its terms, parents and synonyms."""
    input:
        release=lambda wildcards: as_written(STUDY.ontology.path),
    output:
        terms="resources/ontology/{ontology}/terms.parquet",
        parents="resources/ontology/{ontology}/parents.parquet",
        synonyms="resources/ontology/{ontology}/synonyms.parquet",
    log:
        "logs/ontology/{ontology}/convert_ontology.log",
    benchmark:
        "results/benchmarks/ontology/{ontology}/convert_ontology.tsv"
    wildcard_constraints:
        ontology=STUDY.study.ontology.release,
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("convert_ontology"),
        runtime=runtime("convert_ontology"),
    params:
        member=lambda wildcards: STUDY.ontology.member,
        verified=lambda wildcards: STUDY.ontology.model.source.checks,
        root=lambda wildcards: STUDY.ontology.model.root,
        code=code_digest("rankstudy.cells.ontology.convert", "rankstudy.run.job"),
    script:
        "../scripts/convert_ontology.py"


rule relate_types:
    """Say which cell types are similar, by hand or by the ontology, and suggest terms for labels without one."""
    input:
        unpack(lambda wildcards: STUDY.ontology_tables(wildcards.dataset)),
        types="results/{dataset}/cell_types.parquet",
        cells=of_dataset("cells_with_terms"),
    output:
        type_relations="results/{dataset}/tables/type_relations.parquet",
        type_relations_tsv="results/{dataset}/tables/type_relations.tsv",
        ontology_suggestions="results/{dataset}/tables/ontology_suggestions.parquet",
        ontology_suggestions_tsv="results/{dataset}/tables/ontology_suggestions.tsv",
    log:
        "logs/{dataset}/relate_types.log",
    benchmark:
        "results/benchmarks/{dataset}/relate_types.tsv"
    conda:
        "../../envs/core.yaml"
    threads: 1
    resources:
        mem_mb=memory("relate_types"),
        runtime=runtime("relate_types"),
    params:
        terms=of_dataset("terms"),
        by_name=of_dataset("terms_by_name"),
        similar=of_dataset("model.similar"),
        rule=STUDY.study.ontology.rule,
        code=code_digest("rankstudy.cells.ontology.relate", "rankstudy.run.job"),
    script:
        "../scripts/relate_types.py"
