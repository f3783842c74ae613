"""The embeddings that data sets bring: the spaces that they are, and what is refused of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from rankstudy.config.dataset_plan import DatasetPlan
from rankstudy.config.embedding_model import Embedding
from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.spaces.registry import SpaceSpec, brought


def brought_spaces(files: Iterable[Mapping[str, Any]]) -> dict[str, SpaceSpec]:
    """Return the spaces of the embeddings that data sets bring, by name, from what their files hold.

    One that is not as it should be is none here: what is wrong with it is said where the whole file is checked.
    """
    found: dict[str, SpaceSpec] = {}
    for values in files:
        embeddings = values.get("embeddings")
        for name, entry in embeddings.items() if isinstance(embeddings, Mapping) else ():
            try:
                embedding = Embedding.model_validate(entry)
            except ValidationError:
                continue
            # of two data sets that differ, the first: that they do is said where each is checked
            found |= {
                k: space
                for k, space in brought(str(name), embedding.title or str(name), embedding.measure).items()
                if k not in found
            }
    return found


def embeddings_are_its_own(plan: DatasetPlan) -> None:
    """Refuse embeddings that a data set does not bring, or brings as another one does not, or cannot be read."""
    embeddings = plan.model.embeddings
    lacking = [name for name in plan.brought if name not in embeddings]
    if lacking:
        problem = (
            f"{plan.file}: spaces: {listing(lacking)}: another data set brings these embeddings, and this does not"
        )
        raise StudyError(
            advise(problem, "name the files that hold its cells under `embeddings` here", "give it `spaces` of its own")
        )
    for name, embedding in embeddings.items():
        here, known = brought(name, embedding.title or name, embedding.measure), plan.catalogue.spaces
        if any(here[space] != known.get(space) for space in here):
            problem = (
                f"{plan.file}: embeddings.{name}: another data set brings one of this name by another measure or title"
            )
            raise StudyError(advise(problem, "say the same of both", "give one of them another name"))
        if embedding.file is None and (plan.model.combine or any(p.format != "h5ad" for p in plan.parts.values())):
            problem = f"{plan.file}: embeddings.{name}: the files of this data set are no h5ad, and have no `obsm`"
            raise StudyError(advise(problem, "add `file`, the h5ad that holds it"))
