"""Downloads: any file over HTTP, verified and resumable, and the wheels of the Python package index."""

from rankstudy.download.http import Download, Patience, fetch

__all__ = ["Download", "Patience", "fetch"]
