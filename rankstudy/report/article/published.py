"""Rows that others have published, read from `published.yaml` and checked."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from rankstudy.measures.field.metrics import INTEGRATION

_FILE = Path(__file__).resolve().parent / "published.yaml"
_Share = Annotated[float, Field(ge=0, le=1)]


class PublishedRow(BaseModel):
    """What a source has printed for one method; metrics by their names in the table `integration_metrics`."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, _Share]
    method: str
    nmi: _Share
    ari: _Share
    asw_label: _Share

    @model_validator(mode="after")
    def _are_metrics(self) -> PublishedRow:
        unknown = set(self.model_extra) - set(INTEGRATION)
        if unknown:
            raise ValueError(f"no metrics: {', '.join(sorted(unknown))}")
        return self

    @property
    def avg_bio(self) -> float:
        """AvgBIO as Kedzierska et al. (2025) define it: the mean of NMI, ARI and the silhouette of the types."""
        return (self.nmi + self.ari + self.asw_label) / 3


class PublishedRows(BaseModel):
    """Rows of one source and data set.

    Attributes
    ----------
    reference
        Group and name in `references.yaml`.
    what
        Cells, and where the values stand.
    caveat
        What a reader must know.
    rows
        One per method.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    reference: tuple[str, str]
    what: str
    caveat: str
    rows: list[PublishedRow] = Field(min_length=1)


def published_columns() -> dict[str, str]:
    """Return the metrics that every published row has, by name, with their headings."""
    rows = [row for source in published_rows() for row in source.rows]
    return {name: metric.heading for name, metric in INTEGRATION.items() if all(hasattr(row, name) for row in rows)}


@cache
def published_rows() -> tuple[PublishedRows, ...]:
    """Return the published rows, source by source."""
    return tuple(PublishedRows.model_validate(each) for each in yaml.safe_load(_FILE.read_text(encoding="utf-8")))
