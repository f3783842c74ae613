"""The file that a download grows in, and what is known of it: `<file>.part` and `<file>.part.json`."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from rankstudy.core.files import write_json


@dataclass(frozen=True)
class Origin:
    """What the server said of the file that a part is the beginning of."""

    address: str
    """SHA-256 of the address asked (not the address, which may hold a secret)."""
    total: int | None = None
    """Bytes of the whole file, if the server told."""
    etag: str | None = None
    """The server's name for this version of the file."""
    modified: str | None = None
    """`Last-Modified`, as the server wrote it."""

    def differs_from(self, other: Origin) -> str | None:
        """Return what shows that the two are not the same bytes, or None if nothing does."""
        pairs = {"size": (self.total, other.total)}
        if self.address == other.address:  # mirrors have names and dates of their own
            pairs |= {"ETag": (self.etag, other.etag), "Last-Modified": (self.modified, other.modified)}
        changed = [name for name, (old, new) in pairs.items() if None not in (old, new) and old != new]
        return " and ".join(changed) or None


def address_digest(address: str) -> str:
    """Return an address in a form that can be compared and does not tell it."""
    return hashlib.sha256(address.encode()).hexdigest()


class PartialFile:
    """The beginning of a file, kept from attempt to attempt, and over the end of the process."""

    def __init__(self, final: str | os.PathLike):
        self.path, self._notes = Path(f"{final}.part"), Path(f"{final}.part.json")

    @property
    def size(self) -> int:
        """Bytes received so far."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def origin(self) -> Origin | None:
        """What the server said when the part was begun; None if that is not known."""
        try:
            return Origin(**json.loads(self._notes.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):  # never begun, or killed while it began
            return None

    def begin(self, origin: Origin) -> None:
        """Start with no bytes."""
        self.discard()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_json(asdict(origin), self._notes)
        self.path.touch()

    def discard(self) -> None:
        """Forget what was received."""
        self.path.unlink(missing_ok=True)
        self._notes.unlink(missing_ok=True)

    def finish(self, final: str | os.PathLike) -> None:
        """Give the complete file its final name."""
        with open(self.path, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(self.path, final)
        self._notes.unlink(missing_ok=True)
