"""What the spaces of a data set are called, for who draws or writes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def descriptions(spaces: pd.DataFrame) -> dict[str, dict[str, str | None]]:
    """Return what the table `spaces` says of each space, in its order; `parent` and `model` are None without any."""
    table = spaces.set_index("space")[["title", "short", "measure", "metric", "role", "parent", "model"]]
    return table.astype(object).where(table.notna(), None).to_dict("index")
