"""The tables of an ontology, apart from those of the cells: a study may name none."""

from __future__ import annotations

from rankstudy.core.tables import (
    CELL_TYPE,
    DATASET,
    Column,
    Table,
)

_ID = Column("term_id", "text", "id of the term in the Cell Ontology, such as CL:0000169")

ONTOLOGY_TERMS = Table(
    "ontology_terms",
    "The cell types of a release of the Cell Ontology.",
    (
        _ID,
        Column("name", "text", "name; empty where an id has been merged into another term", optional=True),
        Column("deprecated", "boolean", "whether the release has withdrawn the term"),
        Column(
            "replaced_by", "text", "term to use instead of a withdrawn one, if the release names one", optional=True
        ),
        Column("n_terms", "integer", "the term itself and all terms below it, withdrawn ones left out", "terms"),
        Column(
            "information",
            "number",
            "how much the term says: 0 for the root, 1 for a term with none below it; empty for terms that are not "
            "below "
            "the root",
            "0 to 1",
            optional=True,
        ),
    ),
    ("term_id",),
    location="resources/ontology/<release>/terms.parquet",
)

ONTOLOGY_PARENTS = Table(
    "ontology_parents",
    "Which term is a kind of which, directly (`is_a`); neither of them withdrawn.",
    (_ID, Column("parent_id", "text", "the more general term")),
    ("term_id", "parent_id"),
    location="resources/ontology/<release>/parents.parquet",
)

ONTOLOGY_SYNONYMS = Table(
    "ontology_synonyms",
    "Exact synonyms of the terms that are not withdrawn.",
    (_ID, Column("synonym", "text", "another name that means the same")),
    ("term_id", "synonym"),
    location="resources/ontology/<release>/synonyms.parquet",
)

ONTOLOGY_SUGGESTIONS = Table(
    "ontology_suggestions",
    "Terms of the Cell Ontology that labels without one may mean, for a person to choose from: none of them is "
    "applied.",
    (
        DATASET,
        CELL_TYPE,
        Column("term_id", "text", "id of the term"),
        Column("name", "text", "name of the term", optional=True),
        Column("found_by", "text", "`name` or `synonym`"),
        Column(
            "text", "text", "the name or synonym that is the label, but for case, plural, punctuation and the word cell"
        ),
    ),
    ("cell_type", "term_id"),
    location="results/<dataset>/tables/ontology_suggestions.parquet, .tsv",
)
