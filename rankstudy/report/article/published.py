"""Rows that others have published, read from `published.yaml` and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

_FILE = Path(__file__).resolve().parent / "published.yaml"
_Share = Annotated[float, Field(ge=0, le=1)]


class PublishedRow(BaseModel):
    """What a source has printed for one method; metrics by their names in the table `integration_metrics`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    method: str
    nmi: _Share
    ari: _Share
    asw_label: _Share
    graph_connectivity: _Share
    asw_batch: _Share

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


def published_rows() -> list[PublishedRows]:
    """Return the published rows, source by source."""
    return [PublishedRows.model_validate(each) for each in yaml.safe_load(_FILE.read_text(encoding="utf-8"))]
