"""What is said of a difference between a space and a reference: one meaning of better and worse, everywhere.

Figures colour these words, the article and the tables write them. Light: whoever only names a verdict loads nothing.
"""

from __future__ import annotations

BETTER, WORSE = "better", "worse"
NO_DIFFERENCE = "no difference beyond the interval"
NOT_IN_FAMILY = "not after adjusting for the family"
NOT_RESOLVED = "not resolved by the bins"
# of batch-driven neighbours, where those of the own type say the opposite
FEWER_OF_BOTH, MORE_OF_BOTH = "fewer, and fewer of the own type", "more, and more of the own type"
VERDICTS = (BETTER, WORSE, FEWER_OF_BOTH, MORE_OF_BOTH, NO_DIFFERENCE, NOT_IN_FAMILY, NOT_RESOLVED)


def verdict(
    difference: float,
    interval: tuple[float, float],
    p_adjusted: float,
    *,
    level: float,
    larger_is_better: bool,
    binning_error: float = 0.0,
) -> str:
    """Return in words whether a space is better than the reference that it is compared with.

    Bins never make a space better or worse: where they can have moved the difference across 0, and its interval is not
    so wide that this does not matter, nothing is resolved.

    Parameters
    ----------
    difference
        The space's statistic less that of the reference, of the same cells.
    interval
        Its ends, of this difference looked at alone.
    p_adjusted
        Two-sided p-value, adjusted for all differences that are looked at together.
    level
        That of the interval, and 1 less the p-value from which on a difference is chance.
    larger_is_better
        Whether more of the statistic is better.
    binning_error
        The most that binning can have moved the difference; 0 where nothing is binned.
    """
    low, high = interval
    if abs(difference) <= binning_error and not low <= -binning_error <= binning_error <= high:
        return NOT_RESOLVED
    if low <= 0 <= high:
        return NO_DIFFERENCE
    if p_adjusted > 1 - level:
        return NOT_IN_FAMILY
    return BETTER if (difference > 0) == larger_is_better else WORSE


def verdict_beside_own_types(driven: str, own: str) -> str:
    """Return the verdict on batch-driven neighbours beside that on those of the own type, of the same space.

    A space that keeps types less apart has more neighbours of other types, from everywhere, and so may have fewer from
    the same batch; one that keeps them better apart may have more. Neither is better or worse at telling batches from
    types.
    """
    return {(BETTER, WORSE): FEWER_OF_BOTH, (WORSE, BETTER): MORE_OF_BOTH}.get((driven, own), driven)
