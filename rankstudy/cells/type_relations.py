"""The table of which cell types are similar: filled by `rankstudy.cells.ontology.relate`, read by all that counts relations."""

from __future__ import annotations

from rankstudy.core.tables import DATASET, Column, Table

OWN, SIMILAR, OTHER, UNKNOWN = "own", "similar", "other", "unknown"
BY_ONTOLOGY, BY_HAND, SAME_LABEL, UNMAPPED = "ontology", "by hand", "same label", "unmapped"

TYPE_RELATIONS = Table(
    "type_relations",
    "Which cell types of a data set are similar: each unordered pair once, a type with itself included.",
    (
        DATASET,
        Column("type_a", "text", "cell type (label)"),
        Column("type_b", "text", "cell type (label); not before type_a in the alphabet"),
        Column(
            "relation",
            "text",
            "`own`: the same type; `similar`; `other`; `unknown`: a type has no term, one term is so broad that it may mean the "
            "other, or the ontology does not connect them",
        ),
        Column(
            "basis", "text", "`same label`, `by hand` (`similar` of the data set), `ontology`, or `unmapped`: no term"
        ),
        Column(
            "similarity",
            "number",
            "information of the shared ancestor: 0 for the root of the ontology, 1 for a term with none below it; empty where a "
            "type has no term or none is shared",
            "0 to 1",
            optional=True,
        ),
        Column(
            "ancestor_id",
            "text",
            "the most telling ancestor that both share, the terms themselves included",
            optional=True,
        ),
        Column("ancestor_name", "text", "its name", optional=True),
    ),
    ("dataset", "type_a", "type_b"),
    location="results/<dataset>/tables/type_relations.parquet, .tsv",
)
