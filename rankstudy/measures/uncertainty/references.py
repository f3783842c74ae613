"""What a space is compared with where a reference is named: the vectors of that, by its own metric if possible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rankstudy.spaces.registry import SpaceSpec

# of vectors that the reference has in no space of the same metric
OTHERWISE = "correlation"


def compared_with(reference: str, spaces: Mapping[str, SpaceSpec]) -> dict[str, str]:
    """Return for each space the one that it is compared with, in place of a reference.

    Two metrics tell different things of the same vectors, so like is compared with like: that is the reference, or the
    space of its unchanged vectors, whose metric is the space's own. Where there is none, it is the one by correlation;
    where there is not that either, the reference as it is.

    Parameters
    ----------
    reference
        One of the spaces.
    spaces
        The spaces of a data set, as they are declared.

    Returns
    -------
    Spaces to compare with, in the order of the spaces, but for the reference in any metric, and controls: what these
    score is known beforehand, and no difference is claimed.
    """
    forms = [name for name, space in spaces.items() if space.unchanged == reference] + [reference]
    by_metric = {spaces[name].metric: name for name in forms}
    otherwise = by_metric.get(OTHERWISE, reference)
    return {
        name: by_metric.get(space.metric, otherwise)
        for name, space in spaces.items()
        if name not in forms and space.role != "control"
    }
