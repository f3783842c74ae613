"""Downloads: any file over HTTP, verified and resumable, and the wheels of the Python package index."""

from rankstudy.download.http import Download, fetch
from rankstudy.download.patience import Patience

__all__ = ["Download", "Patience", "fetch"]
