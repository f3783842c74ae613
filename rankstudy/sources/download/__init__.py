"""Downloads: any file over HTTP, verified and resumable, and the wheels of the Python package index."""

from rankstudy.sources.download.http import Download, fetch
from rankstudy.sources.download.patience import Patience

__all__ = ["Download", "Patience", "fetch"]
