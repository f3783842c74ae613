"""Which experiment of a SingleCellExperiment is read: the main one, or an alternative (`altExps`) that is named."""

from __future__ import annotations

from rankstudy.core.errors import advise, did_you_mean, listing
from rankstudy.sources.readers.rds.contents import Contents, slot
from rankstudy.sources.readers.rds.errors import Unsupported

_MAIN = "main"  # without a name of its own (`mainExpName`)


def chosen_experiment(contents: Contents, assay: str | None) -> tuple[str, object, tuple[str, ...]]:
    """Return the name of an experiment, the experiment, and the names of the others.

    Parameters
    ----------
    contents
        The file.
    assay
        What `rds.assay` names; None takes the main experiment.

    Raises
    ------
    Unsupported
        If there is no such experiment.
    """
    main = _main_name(contents)
    experiments = {main: contents.root, **_alternatives(contents)}
    name = main if assay is None else assay
    if name not in experiments:
        problem = f"rds.assay: there is no experiment {name!r}{did_you_mean(name, experiments)}"
        raise Unsupported(
            advise(
                problem,
                f"name one that the object has: {listing(experiments)}",
                "remove the key, and name an assay of the main experiment in `rds.layer`",
            )
        )
    return name, experiments[name], tuple(other for other in experiments if other != name)


def _main_name(contents: Contents) -> str:
    metadata = slot(contents.root, "int_metadata")
    named = None if metadata is None else contents.named(metadata, "int_metadata").get("mainExpName")
    return _MAIN if named is None else contents.names(named, "mainExpName")[0]


def _alternatives(contents: Contents) -> dict[str, object]:
    """Return the alternative experiments: they have the same cells, and usually other features than genes."""
    internal = slot(contents.root, "int_colData")
    held = {} if internal is None else contents.named(slot(internal, "listData"), "int_colData")
    if "altExps" not in held:
        return {}
    return {
        name: slot(item, "se") for name, item in contents.named(slot(held["altExps"], "listData"), "altExps").items()
    }
