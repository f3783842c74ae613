"""Which assay of a Seurat object is read: raw counts of genes, whatever was active when it was saved."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rankstudy.core.errors import advise, did_you_mean, listing
from rankstudy.sources.readers.rds.contents import Contents, slot
from rankstudy.sources.readers.rds.errors import Unsupported
from rankstudy.sources.readers.rds.objects import kind_of

_RNA = "RNA"
# by class or, in objects of older versions, by the names that Seurat and its vignettes give
_CORRECTED = re.compile(r"SCTAssay|SCT|integrated", re.IGNORECASE)
_OTHER_FEATURES = re.compile(
    r"ChromatinAssay|ADT|HTO|GDO|CMO|AB|antibod.*|prot.*|cite.*|crispr.*|guides?|multiplex.*|peaks?|ATAC|chromvar",
    re.IGNORECASE,
)


def chosen_assay(contents: Contents, assay: str | None, layer: str) -> tuple[str, object, tuple[str, ...]]:
    """Return the name of an assay of a Seurat object, the assay, and the names of the others.

    Parameters
    ----------
    contents
        The file.
    assay
        What `rds.assay` names; None takes `RNA` where that has the layer, else the active assay, else the only one that
        has it. Corrected counts (SCT) and other features than genes (antibodies, tags, peaks) are taken only if named.
    layer
        The layer that will be read.

    Raises
    ------
    Unsupported
        If there is no such assay, or none that can be taken without being named.
    """
    assays = contents.named(slot(contents.root, "assays"), "assays")
    active = contents.names(slot(contents.root, "active.assay"), "active.assay")[:1]
    if assay is None:
        assay = _of_genes(contents, assays, active, layer)
    elif assay not in assays:
        problem = f"rds.assay: there is no assay {assay!r}{did_you_mean(assay, assays)}"
        raise Unsupported(advise(problem, f"name one that the object has: {listing(assays)}"))
    others = [f"{name} (active)" if [name] == active else name for name in assays if name != assay]
    return assay, assays[assay], tuple(others)


def _of_genes(contents: Contents, assays: Mapping[str, object], active: list[str], layer: str) -> str:
    """Return the assay that holds the raw counts of genes."""
    genes = [name for name, item in assays.items() if not _is_something_else(name, item)]
    # without any that has the layer, the message about it names the layers that there are
    candidates = [name for name in genes if layers_named(layers_of(contents, assays[name]), layer)] or genes
    for name in (_RNA, *active):
        if name in candidates:
            return name
    if len(candidates) == 1:
        return candidates[0]
    problem = (
        f"rds.assay: it is not clear which assay holds the raw counts of genes: there are {listing(assays)}, and "
        "corrected counts (SCT) and other features than genes (antibodies, tags, peaks) are read only if they are named"
    )
    raise Unsupported(advise(problem, "name the one to read: `rds: {assay: ...}`"))


def _is_something_else(name: str, item: object) -> bool:
    words = (name, kind_of(item))
    return any(kind.fullmatch(word) for kind in (_CORRECTED, _OTHER_FEATURES) for word in words)


def layers_of(contents: Contents, assay: object) -> dict[str, object]:
    """Return the layers of an assay that are not empty, by name."""
    if slot(assay, "layers") is not None:
        layers = contents.named(slot(assay, "layers"), "layers")
    else:
        layers = {name: slot(assay, name) for name in ("counts", "data", "scale.data")}
    return {name: item for name, item in layers.items() if not _is_empty(item)}


def layers_named(layers: Mapping[str, object], layer: str) -> list[str]:
    """Return the layer of this name or, where Seurat 5 has split it (`counts.1`, `counts.2`), its parts."""
    return [layer] if layer in layers else [name for name in layers if name.startswith(f"{layer}.")]


def _is_empty(item: object) -> bool:
    values = slot(item, "x")
    return item is None or getattr(item if values is None else values, "length", 1) == 0
