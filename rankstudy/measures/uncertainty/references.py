"""What a space is compared with where a reference is named: the vectors of that, as the space has its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rankstudy.spaces.registry import SpaceSpec

# metric and centring, where the reference has no view of a space's own
OTHERWISE = ("correlation", False)


def compared_with(reference: str, spaces: Mapping[str, SpaceSpec]) -> dict[str, str]:
    """Return for each space the one that it is compared with, in place of a reference.

    Two metrics tell different things of the same vectors, and so do vectors that are centred, so like is compared with
    like: the reference or the view of its vectors whose metric and centring are the space's own. Where there is none,
    it is the one by correlation; where there is not that either, the reference as it is.

    Parameters
    ----------
    reference
        One of the spaces.
    spaces
        The spaces of a data set, as they are declared.

    Returns
    -------
    Spaces to compare with, in the order of the spaces, but for the reference and its views, and controls: what these
    score is known beforehand, and no difference is claimed.
    """
    vectors = spaces[reference].parent if spaces[reference].is_view else reference
    forms = [name for name, space in spaces.items() if name == vectors or (space.is_view and space.parent == vectors)]
    by_kind = {(spaces[name].metric, spaces[name].centred): name for name in forms}
    otherwise = by_kind.get(OTHERWISE, reference)
    return {
        name: by_kind.get((space.metric, space.centred), otherwise)
        for name, space in spaces.items()
        if name not in forms and space.role != "control"
    }
