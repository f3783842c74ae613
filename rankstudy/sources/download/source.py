"""The file of a data set's source: what the rule `download_file` does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rankstudy.sources.download import kept
from rankstudy.sources.download.http import fetch
from rankstudy.sources.download.resolve import resolve
from rankstudy.sources.source import Source


def download_source(dataset: str, source: Mapping[str, Any], path: str, manifest: str, *, licence: str | None) -> None:
    """Put the file of a source at `path`, downloaded now or before, with its manifest.

    Parameters
    ----------
    dataset
        Name of the data set, for messages.
    source
        The section `source` of its YAML, as plain values.
    path, manifest
        Where the file and its manifest go.
    licence
        For the manifest.

    Raises
    ------
    StudyError
        As `resolve` and `fetch` do.
    """
    of = Source.model_validate(source)
    known = {"sha256": of.sha256, "bytes": of.bytes, "md5": of.md5}
    if not kept.restore(path, manifest, source=of.recorded_origin, licence=licence, **known):
        fetch(resolve(of, what=f"source.{of.origin} of {dataset}", licence=licence), path, manifest)
        kept.keep(path, manifest)
