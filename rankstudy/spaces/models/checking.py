"""Checking a model that others have trained, before any cell is embedded with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rankstudy.core.files import verify, write_json
from rankstudy.core.modules import load


def check_model(
    files: Mapping[str, str],
    identity_in: str,
    *,
    known: Mapping[str, Mapping[str, Any]],
    module: str,
    title: str,
    revision: str | None,
    how: Mapping[str, Any],
    output: str,
) -> None:
    """Check the files of a model, wherever they come from, load it once, and write what it is.

    Parameters
    ----------
    files
        Paths of its files, by what they are.
    identity_in
        Identity of its vocabulary.
    known
        Size and SHA-256 of each file.
    module
        The module that loads it.
    title, revision
        Title of the release, and the commit that its files come from.
    how
        Its settings.
    output
        JSON: `title`, `kind`, the identity of the vocabulary, and what the module says of the model.

    Raises
    ------
    StudyError
        If a file is not the expected one, or the model and the vocabulary do not belong together.
    """
    for what, path in files.items():
        expected = known[what]
        verify(path, sha256_expected=expected["sha256"], bytes_expected=expected["bytes"], what=f"{what}: {path}")
    identity = json.loads(Path(identity_in).read_text(encoding="utf-8"))
    model = load(module)
    described = model.describe(files, identity) if hasattr(model, "describe") else {}
    weights = {"weights_sha256": known["weights"]["sha256"]} if "weights" in known else {}
    about = {"title": title, "kind": "published", **weights, "revision": revision, **identity, **described}
    model.load(files, about, how)
    write_json(about, output)
