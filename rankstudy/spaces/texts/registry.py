"""Text models, and the spaces that a study makes with them, as declarations.

Names only, so that Snakemake can read it without the packages that compute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rankstudy.spaces.registry import MEASURES, Metric, SpaceSpec, umap_of

TRANSFORMER = "rankstudy.spaces.texts.transformer"
# gene vectors that come from no file
RANDOM = "random"
# texts of genes that come from no file: their symbols
SYMBOLS_AS_TEXTS = "symbols"


@dataclass(frozen=True, kw_only=True)
class TextModel:
    """A model that turns a text into a vector.

    Attributes
    ----------
    title
        What it is called in full.
    short
        The same in a word or two, for figures and text; empty where the title is short.
    module
        `load(files, how)`, `embed(texts, model)` and, where it can tell, `lengths(texts, model)` and `room(model)`
        (`rankstudy.spaces.texts.vectors`); of a plug-in, the file that declares it.
    environment
        The environment of its jobs, a file of conda: in `envs`, or beside the plug-in.
    settings
        What `load` gets as `how`, besides `threads`.
    price
        What a million characters cost, in the currency of the service; 0 where nobody is paid. Jobs whose texts cost
        more than `text.accepted_cost` stop before the first one is sent.
    memory
        MB that a job asks for, besides what its inputs take.
    methods
        What the article says of it, in a sentence or two.
    """

    title: str
    short: str = ""
    module: str = ""
    environment: str = "core.yaml"
    settings: Mapping[str, Any] = field(default_factory=dict)
    price: float = 0.0
    memory: int = 2000
    methods: str = ""


def list_space(
    name: str, title: str, *, as_text: bool, metric: Metric, varies: str | None, methods: str
) -> dict[str, SpaceSpec]:
    """Return the two spaces of a list of genes that is read as a text, or as a plain vector, and UMAP of it."""
    title = _literal(title)
    space = SpaceSpec(
        title=title,
        measure=MEASURES[metric][0] if as_text or metric == "cosine" else "correlation of ranks",
        metric=metric,
        role="model" if as_text else "encoding",
        needs="order",
        text="list",
        varies=varies,
        meaning="a text of a cell’s genes" if as_text else "the genes of a text, as a plain vector",
        methods=_literal(methods),
    )
    return {name: space, f"{name}-umap": umap_of(name, title, needs="order")}


def weighted_space(name: str, title: str, *, methods: str) -> dict[str, SpaceSpec]:
    """Return the two spaces of vectors of genes, weighted by a cell's expression, and UMAP of it."""
    title = _literal(title)
    space = SpaceSpec(
        title=title,
        measure=MEASURES["cosine"][0],
        metric="cosine",
        role="model",
        parent="expression",
        text="genes",
        varies="expression",
        meaning="what vectors of its genes say of a cell, weighted by expression",
        methods=_literal(methods),
    )
    return {name: space, f"{name}-umap": umap_of(name, title)}


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
