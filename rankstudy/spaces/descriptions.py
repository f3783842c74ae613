"""What the spaces of a data set are called, for who draws or writes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def descriptions(spaces: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Return title, measure, metric and role of each space of the table `spaces`, in its order."""
    return spaces.set_index("space")[["title", "measure", "metric", "role"]].to_dict("index")
