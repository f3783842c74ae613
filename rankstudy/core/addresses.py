"""Addresses as they may be shown: they can hold secrets."""

from urllib.parse import urlsplit


def shown(address: str) -> str:
    """Return an address as it may be logged and recorded: without user, password, query and fragment."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"
