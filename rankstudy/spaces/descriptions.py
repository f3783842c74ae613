"""What the spaces of a data set are called, for who draws or writes of them."""

from __future__ import annotations

from rankstudy.spaces.tables import SPACES_TABLE


def read_descriptions(path: str) -> dict[str, dict[str, str]]:
    """Return title, measure, metric and role of each space, in the order of the table."""
    rows = SPACES_TABLE.read(path).set_index("space")
    return rows[["title", "measure", "metric", "role"]].to_dict("index")
