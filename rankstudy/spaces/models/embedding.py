"""Embeddings: what a model makes of each cell, joined by id, and checked to stand in the row of its cell."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rankstudy.core.errors import StudyError, advise
from rankstudy.core.modules import load
from rankstudy.core.seeds import generator
from rankstudy.pairs.space import SpaceData, require_finite
from rankstudy.pairs.space_files import write_part
from rankstudy.spaces.tables import ANALYSED_CELLS
from rankstudy.spaces.tokens.token_files import TokenisedCells, read_tokens, require_same_vocabulary

log = logging.getLogger(__name__)

# settings that change no vector beyond rounding
_OF_THE_JOB = ("device", "threads", "tokens_per_batch")
_REPRODUCED = 3
# largest difference, relative to the largest value, between a cell in a batch and alone: float32, and the bfloat16 of
# accelerators
_ROUNDING, _ROUNDING_OF_BFLOAT16 = 1e-4, 1e-2


def embed_shards(
    tokens_in: str,
    cells_in: str,
    files: Mapping[str, str],
    about_in: str,
    *,
    module: str,
    how: Mapping[str, Any],
    slugs: Sequence[str],
    space: str,
    metric: str,
    seed: int,
    output: str,
) -> None:
    """Embed the analysed cells of some cell types and write them as a part of a space.

    Parameters
    ----------
    tokens_in, cells_in
        Tokens and the table `analysed_cells` of the replicate.
    files, about_in
        The model's files by what they are, and what it is (JSON).
    module, how
        The module that loads it and embeds with it, and its settings (see `rankstudy.spaces.models`).
    slugs
        The cell types, by the names of their files.
    space, metric
        Name and metric of the space.
    seed
        The replicate's seed, recorded in the file.
    output
        h5ad, readable by `read_space`.

    Raises
    ------
    StudyError
        If tokens and model do not belong together, a vector is not finite, or a cell embedded again alone has another
        one.
    """
    about = json.loads(Path(about_in).read_text(encoding="utf-8"))
    analysed = ANALYSED_CELLS.read(cells_in)
    wanted = analysed[analysed["used"] & analysed["slug"].isin(slugs)]
    cells = read_tokens(tokens_in, slugs).by_id(wanted["cell_id"], f"{tokens_in}: cells of space {space}")
    require_same_vocabulary(cells.about, about, tokens_in)
    require_tokens(cells)
    of_model = load(module)
    model = of_model.load(files, about, how)

    def embed(some: TokenisedCells) -> np.ndarray:
        return np.asarray(of_model.embed(some, model), np.float32)

    # of no cells, a model need not know how wide their vectors would be
    vectors = embed(cells) if len(cells.cells) else np.zeros((0, about.get("hidden", 0)), np.float32)
    if vectors.ndim != 2 or len(vectors) != len(cells.cells):
        raise StudyError(f"{about['title']}: gave an array {vectors.shape} for {len(cells.cells)} cells")
    require_finite(vectors, cells.cells["cell_id"], f"{about['title']}: embeddings")
    rounding = _ROUNDING if how.get("device", "cpu") == "cpu" else _ROUNDING_OF_BFLOAT16
    require_reproduced(vectors, cells, embed, about["title"], rounding, seed=seed)
    names = [f"hidden-{i + 1}" for i in range(vectors.shape[1])]
    frame = cells.cells[["cell_id", "cell_type", "slug", "batch"]]
    made = {**about, **{key: value for key, value in how.items() if key not in _OF_THE_JOB}}
    write_part(SpaceData(space, metric, vectors, frame), output, dimensions=names, seed=seed, made=made)


def require_tokens(cells: TokenisedCells) -> None:
    """Raise StudyError if a cell has nothing to read."""
    if (cells.lengths == 0).any():
        problem = f"embedding: {int((cells.lengths == 0).sum())} cells have no token"
        raise StudyError(advise(problem, "leave them out first"))


def require_reproduced(
    vectors: np.ndarray,
    cells: TokenisedCells,
    embed: Callable[[TokenisedCells], np.ndarray],
    title: str,
    agreement: float = _ROUNDING,
    *,
    seed: int,
) -> None:
    """Embed a few cells again, each alone, and raise StudyError unless they have the vectors that stand in their rows.

    The sorting into batches and back is the step in which embeddings can come to stand beside the wrong cells, and no
    later step could tell.

    Parameters
    ----------
    vectors
        Cells x dimensions, row i for cell i.
    cells
        The cells.
    embed
        What they were made by.
    title
        Title of the model.
    agreement
        Largest difference that is rounding, relative to the largest value of a vector.
    seed
        Seed of the choice of cells.
    """
    ids = cells.cells["cell_id"].tolist()
    chosen = generator(seed, "reproduced", *ids[:1]).choice(len(ids), min(_REPRODUCED, len(ids)), replace=False)
    for row in chosen:
        alone = embed(cells.take(np.array([row])))
        if alone.shape != (1, vectors.shape[1]):
            of_several = f"{vectors.shape[1]} numbers for each of several"
            raise StudyError(f"{title}: gave an array {alone.shape} for 1 cells, and {of_several}")
        size = max(np.abs(alone).max(), np.finfo(np.float32).tiny)
        apart = np.abs(alone[0] - vectors[row]).max() / size
        if not apart <= agreement:
            raise StudyError(
                f"{title}: {ids[row]}, embedded again alone, differs from the vector in its row by {apart:.2g} of its "
                f"size (at most {agreement:g} is rounding): the embeddings do not stand in the order of the cells; "
                "this is a fault of the code that embeds them, and nothing was written"
            )
