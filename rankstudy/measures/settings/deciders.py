"""What decides: how much each part of a setting makes of the differences of two encodings, and whether it turns them.

In a full factorial of parts with two levels, the variance over the settings is the sum of the squares of orthogonal
contrasts, one for each set of parts (Sobol' 1993, Mathematical Modelling and Computational Experiments 1:407-414).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from rankstudy.measures.settings.family import adjusted
from rankstudy.measures.settings.tables import DECIDERS, PARTS
from rankstudy.measures.uncertainty.intervals import interval
from rankstudy.measures.verdict import BETTER, WORSE

_COLUMNS = DECIDERS.names[DECIDERS.names.index("part") :]
_SHARES = [f"{share}{end}" for share in ("first_order", "total") for end in ("", "_low", "_high")]


def deciders(
    settings: pd.DataFrame,
    estimates: np.ndarray,
    resampled: np.ndarray,
    freedom: float,
    verdicts: Sequence[str],
    level: float,
) -> pd.DataFrame:
    """Return what each part of the setting does to the difference of one pair in one statistic.

    A squared contrast is too large by its sampling variance, which is subtracted; in a resample by twice that. The
    variance over the settings is beyond chance if one of the contrasts is, adjusted for all of them (`adjusted`) and
    after the subtraction its sum is above 0; where it is not, the spread is 0 and there are no shares. Ends of shares
    are those of expanded percentiles; a resample without a variance above 0 could have any share, so it counts as 0 at
    the lower end and as 1 at the upper one. Chance can leave less than nothing of what parts do together; a total is
    never below the first order.

    Verdicts change where they are not both `better`, both `worse` or both neither.

    Parameters
    ----------
    settings
        The m settings, a full factorial: one row each, with the columns `measure`, `centred`, `panel` and `depth`.
    estimates
        (m,), the differences.
    resampled
        (B, m), what they are in the same B resamples.
    freedom
        Degrees of freedom.
    verdicts
        (m,), what is said of each difference.
    level
        Of the intervals, and 1 less that of the adjusted p-values.

    Returns
    -------
    pandas.DataFrame
        The columns of the table `deciders` from `part` on; a row for each part that has two levels.

    Raises
    ------
    ValueError
        If the settings are no full factorial of parts with one or two levels.
    """
    codes = _codes(settings)
    if not codes:
        return pd.DataFrame(columns=_COLUMNS)
    shares = _shares(codes, estimates, resampled, freedom, level)
    flips = _flips(codes, estimates, resampled, freedom, verdicts, level)
    frame = pd.DataFrame({"part": list(codes), "settings": len(settings), **shares, "level": level, **flips})
    return frame[_COLUMNS]


def _codes(settings: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the level of each setting, 0 or 1, in each part that has two."""
    codes = {part: pd.factorize(settings[part], sort=True)[0] for part in PARTS}
    levels = {part: int(of_part.max(initial=0)) + 1 for part, of_part in codes.items()}
    full = len(settings) == np.prod(list(levels.values())) and not settings.duplicated(list(PARTS)).any()
    if not full or max(levels.values()) > 2:
        raise ValueError(f"{len(settings)} settings are no full factorial of parts with one or two levels: {levels}")
    return {part: of_part for part, of_part in codes.items() if levels[part] == 2}


def _shares(
    codes: dict[str, np.ndarray], estimates: np.ndarray, resampled: np.ndarray, freedom: float, level: float
) -> dict[str, object]:
    """Return the standard deviation over the settings and the shares of each part."""
    sets = [set(of) for n in range(len(codes)) for of in combinations(codes, n + 1)]
    signs = np.array([np.prod([2 * codes[part] - 1 for part in of], axis=0) for of in sets]) / len(estimates)
    # settings that look at the same thing differ by nothing, not by rounding
    contrasts, moved = (np.round(of @ signs.T, 12) for of in (estimates, resampled))
    chance = moved.var(axis=0, ddof=1)
    squares, moved_squares = contrasts**2 - chance, moved**2 - 2 * chance
    beyond = squares.sum() > 0 and adjusted(contrasts, moved, freedom).min() <= 1 - level
    if not beyond:
        return {"spread": 0.0, **dict.fromkeys(_SHARES, np.nan)}
    first, total = (
        np.array([_share(squares, moved_squares, np.array(of), freedom, level) for of in members])
        for members in (
            [[of == {part} for of in sets] for part in codes],
            [[part in of for of in sets] for part in codes],
        )
    )
    shares = np.hstack([first, np.maximum(first, total)])
    return {"spread": np.sqrt(squares.sum()), **dict(zip(_SHARES, shares.T, strict=True))}


def _share(
    squares: np.ndarray, moved: np.ndarray, members: np.ndarray, freedom: float, level: float
) -> tuple[float, float, float]:
    """Return the share of some contrasts in the sum of all squares, with its interval."""
    share = squares[members].sum() / squares.sum()
    whole = moved.sum(axis=1)
    shares = np.divide(moved[:, members].sum(axis=1), whole, out=np.zeros(len(moved)), where=whole > 0)
    low, _ = interval(shares, freedom, level)
    _, high = interval(np.where(whole > 0, shares, 1.0), freedom, level)
    return tuple(np.clip([share, low, high], 0.0, 1.0))


def _flips(
    codes: dict[str, np.ndarray],
    estimates: np.ndarray,
    resampled: np.ndarray,
    freedom: float,
    verdicts: Sequence[str],
    level: float,
) -> dict[str, object]:
    """Return what changes between settings that differ in one part alone, part by part."""
    signs = np.array([{BETTER: 1, WORSE: -1}.get(words, 0) for words in verdicts])
    numbers = sum(of_part << bit for bit, of_part in enumerate(codes.values()))
    at = np.argsort(numbers)
    one = np.array([at[(numbers[at] >> bit) % 2 == 0] for bit in range(len(codes))])
    other = np.array([at[(numbers[at] >> bit) % 2 == 1] for bit in range(len(codes))])
    moves = estimates[one] - estimates[other]
    p = adjusted(moves.ravel(), resampled[:, one.ravel()] - resampled[:, other.ravel()], freedom).reshape(moves.shape)
    changed = signs[one] != signs[other]
    beyond = (changed & (p <= 1 - level)).sum(axis=1)
    return {
        "flips": one.shape[1],
        "changed": changed.sum(axis=1),
        "turned": (signs[one] * signs[other] < 0).sum(axis=1),
        "beyond": beyond,
        "decides": beyond > 0,
    }
