"""Numbers as the text that R makes of them."""

from __future__ import annotations

import math

import numpy as np

from rankstudy.sources.readers.rds.objects import NA_INTEGER


def as_r_writes(values: np.ndarray, scientific_penalty: int = 0) -> list[str | None]:
    """Return what `as.character` of R gives for integers (int32) or numbers (float64); NA is None, NaN is "NaN"."""
    if values.dtype.kind == "i":
        return [None if v == NA_INTEGER else str(v) for v in values.tolist()]
    missing = is_na(values).tolist()
    return [None if na else _number(v, scientific_penalty) for v, na in zip(values.tolist(), missing, strict=True)]


def as_label(values: np.ndarray) -> list[str | None]:
    """Return numbers as labels: like `as_r_writes`, but whole numbers with all their digits, and NaN as None."""
    if values.dtype.kind == "i":
        return as_r_writes(values)
    return [None if math.isnan(v) else str(int(v)) if v.is_integer() else _number(v, 0) for v in values.tolist()]


def is_na(values: np.ndarray) -> np.ndarray:
    """Whether float64 values are R's NA_real_: a NaN whose lower half is 1954."""
    return np.isnan(values) & (np.ascontiguousarray(values).view(np.uint64) & np.uint64(0xFFFFFFFF) == 1954)


def _number(value: float, scientific_penalty: int) -> str:
    """Return a number with as few digits as show it, at most 15, in the shorter of two notations, fixed if equal."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.14e}".split("e")
    mantissa, power = mantissa.rstrip("0").rstrip("."), int(exponent)
    digits = sum(c.isdigit() for c in mantissa)
    scientific = f"{mantissa}e{power:+03d}"
    decimals = max(0, digits - power - 1)
    # the length is worked out before the text is made: 1e300 has 301 digits
    sign = value < 0
    length = sign + max(power, 0) + 1 + (decimals + 1 if decimals else 0)
    return f"{value:.{decimals}f}" if length <= len(scientific) + scientific_penalty else scientific
