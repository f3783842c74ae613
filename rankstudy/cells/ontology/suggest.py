"""Terms that may be meant by labels without one: found by name and exact synonym, reported, and never applied."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

import pandas as pd

from rankstudy.cells.ontology.terms import Ontology
from rankstudy.core.tables import CELL_TYPE, DATASET, Column, Table

ONTOLOGY_SUGGESTIONS = Table(
    "ontology_suggestions",
    "Terms of the Cell Ontology that labels without one may mean, for a person to choose from: none of them is applied.",
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


def suggestions(labels: Iterable[str], ontology: Ontology, dataset: str) -> pd.DataFrame:
    """Return the table `ontology_suggestions` for labels without a term; names go before synonyms of the same term."""
    known = defaultdict(list)
    for term, name in ontology.names.items():
        texts = [("name", name)] if name else []
        texts += [("synonym", synonym) for synonym in ontology.synonyms.get(term, [])]
        for found_by, text in texts:
            known[normalised(text)].append((term, name, found_by, text))
    rows = [(dataset, label, *match) for label in sorted(labels) for match in known[normalised(label)]]
    found = pd.DataFrame(rows, columns=ONTOLOGY_SUGGESTIONS.names)
    return found.drop_duplicates(["cell_type", "term_id"]).sort_values(["cell_type", "term_id"], ignore_index=True)


def normalised(label: str) -> str:
    """Return what of a label says which cells are meant: `T_Cells`, `T cell` and `t` are all `t`.

    Lower case; punctuation as spaces, but for the signs of markers (CD4+); words in the singular, `cell` left out unless
    nothing else is there.
    """
    words = [_singular(word) for word in re.sub(r"[^\w+-]|_|-(?=\w)", " ", label.lower()).split()]
    return " ".join(word for word in words if word != "cell") or " ".join(words)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
