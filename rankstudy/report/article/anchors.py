"""Names of places in a page, and addresses outside of it."""

from __future__ import annotations

import re
from urllib.parse import quote


def anchor(words: str) -> str:
    """Return words as the name of a place in a page."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def doi_address(doi: str) -> str:
    """Return the address of a DOI; whatever the DOI holds, it stays a path at the resolver."""
    return "https://doi.org/" + quote(doi, safe="/().:;-_")
