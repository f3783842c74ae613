"""The further spaces of an encoding: its vectors by another metric, or with the mean cell subtracted."""

from __future__ import annotations

from rankstudy.spaces.registry import MEASURES, Metric, SpaceSpec


def views(name: str, space: SpaceSpec) -> dict[str, SpaceSpec]:
    """Return the further spaces of an encoding over genes, by name: `rank@cosine`, `rank@cosine-centred`.

    Distances do not change when the same cell is subtracted from all, so there is no centred space of these.
    """
    kinds = [(metric, centred) for metric in MEASURES for centred in (False, True)]
    own = (space.metric, space.centred)
    return {
        f"{name}@{metric}{'-centred' * centred}": _view(name, space, metric, centred)
        for metric, centred in kinds
        if (metric, centred) not in (own, ("euclidean", True))
    }


def _view(name: str, space: SpaceSpec, metric: Metric, centred: bool) -> SpaceSpec:
    measure, short = MEASURES[metric]
    subtracted = ", mean cell subtracted" if centred else ""
    return SpaceSpec(
        title=f"{space.title}, {short}{', centred' if centred else ''}",
        measure=measure + subtracted,
        metric=metric,
        centred=centred,
        role=space.role,
        parent=name,
        needs=space.needs,
        methods="It has the vectors of its parent"
        + (", less the mean of all compared cells of the data set." if centred else "."),
        meaning="the same vectors" + (", less the mean cell" if centred else ""),
    )
