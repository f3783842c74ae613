"""Terms that may be meant by labels without one: found by name and exact synonym, reported, and never applied."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

import pandas as pd

from rankstudy.cells.ontology.tables import ONTOLOGY_SUGGESTIONS
from rankstudy.cells.ontology.terms import Ontology


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

    Lower case; punctuation as spaces, but for the signs of markers (CD4+); words in the singular, `cell` left out
    unless nothing else is there.
    """
    words = [_singular(word) for word in re.sub(r"[^\w+-]|_|-(?=\w)", " ", label.lower()).split()]
    return " ".join(word for word in words if word != "cell") or " ".join(words)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
