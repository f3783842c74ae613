"""What the modules of this reader raise; the source turns each into a StudyError that names the file."""

from __future__ import annotations


class Damaged(Exception):
    """The bytes are not what R writes: cut off, changed, or made to mislead."""


class Unsupported(Exception):
    """A whole file, but of a kind, or with a part, that this reader does not read; the message says what to do."""
