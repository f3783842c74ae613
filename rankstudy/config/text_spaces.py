"""The spaces that the section `text` declares: what they are called, and what the article says of them."""

from __future__ import annotations

from rankstudy.config.text_model import GeneList, GeneVectors
from rankstudy.config.texts import TextPlan
from rankstudy.spaces.registry import SpaceSpec
from rankstudy.spaces.texts.registry import list_space, weighted_space

_AS_A_TEXT = (
    "The way of GenePT-s ([genept]) with another text model: the genes of a cell with a count are written one after "
    "the other, and the model turns this text into a vector. Which genes stand in the list is settled first, as many "
    "as were asked for and as the model’s window holds, and in which order afterwards."
)
_AS_A_VECTOR = "The genes of a cell that stand in the text, as a vector over all genes; no text model is involved."
_WEIGHTED = (
    "The way of GenePT-w ([genept]): the vectors of a cell’s genes, each times the gene’s value in expression, are "
    "summed. Genes without a vector add nothing."
)
_CONTROLS = {None: "no control", "cells": "lists of other cells", "symbols": "symbols permuted"}


def text_spaces(plan: TextPlan) -> dict[str, SpaceSpec]:
    """Return the spaces of the lists and of the vectors of genes, by name."""
    found: dict[str, SpaceSpec] = {}
    for name, entry in plan.section.lists.items():
        found |= _of_list(name, entry, plan)
    for name, vectors in plan.section.genes.items():
        found |= weighted_space(name, vectors.title or _title_of_vectors(name, vectors, plan), methods=_WEIGHTED)
    return found


def _of_list(name: str, entry: GeneList, plan: TextPlan) -> dict[str, SpaceSpec]:
    base = plan.section.base_of(name)
    different = differences(entry, GeneList() if base is None else plan.section.lists[base])
    said = f": {', '.join(different)}" if different else ""
    if entry.read_as == "text":
        title = entry.title or f"{plan.model_of(name).model.short}, list of genes{said}"
        return list_space(name, title, as_text=True, metric="cosine", varies=base, methods=_AS_A_TEXT)
    kind, metric = ("places", "correlation") if entry.read_as == "places" else ("genes", "cosine")
    title = f"The list’s {kind} as a vector{said}"
    return list_space(name, entry.title or title, as_text=False, metric=metric, varies=base, methods=_AS_A_VECTOR)


def _title_of_vectors(name: str, entry: GeneVectors, plan: TextPlan) -> str:
    source, model = entry.texts or entry.vectors, plan.model_of(name)
    kind = plan.sources[source].model.title if source in plan.sources else source
    permuted = ", permuted" if entry.permuted else ""
    if model is None:
        return f"{kind[0].upper()}{kind[1:]} vectors of genes{permuted}"
    return f"{model.model.short}, texts of genes: {kind}{permuted}"


def differences(entry: GeneList, base: GeneList) -> list[str]:
    """Return in what a list differs from another, in a few words each."""
    words = {
        "genes": "as many as fit" if entry.genes is None else f"first {entry.genes}",
        "by": f"by {entry.by}",
        "order": entry.order,
        "words": entry.words,
        "counts": "with counts" if entry.counts else "without counts",
        "panel": f"{entry.panel} genes",
        "prefix": "another prefix" if entry.prefix else "no prefix",
        "control": _CONTROLS[entry.control],
    }
    return [said for key, said in words.items() if getattr(entry, key) != getattr(base, key)]
