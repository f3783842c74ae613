"""What separates the columns of text tables, by name. Free of numerical packages: the configuration names them too."""

from __future__ import annotations

from typing import Literal

Separator = Literal["tab", "comma", "semicolon", "space"]

# in the order in which they are tried
SEPARATORS: dict[Separator, str] = {"tab": "\t", "comma": ",", "semicolon": ";", "space": " "}
