"""Small tables of what models and encodings read of the cells of a made-up data set."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from rankstudy.core.tables import Table
from rankstudy.spaces.registry import SpaceSpec
from rankstudy.spaces.tables import ENCODED, ENCODED_CELLS, HAS_TOKENS, TOKENISED
from rankstudy.spaces.texts.tables import GENE_VECTORS, LISTS
from rankstudy.spaces.tokens.genes import NO_TOKEN, SYMBOL, TOKEN, UNKNOWN
from rankstudy.spaces.tokens.tables import VOCABULARIES
from rankstudy.spaces.tokens.tokenising import NO_TOKENS


def reading_tables(spaces: Mapping[str, SpaceSpec], cells: pd.DataFrame, release: str) -> dict[Table, pd.DataFrame]:
    """Return the tables of vocabularies, tokens and encoded cells that a run with these spaces has."""
    frames = {}
    if any(space.model for space in spaces.values()):
        frames |= {VOCABULARIES: _vocabularies(release), TOKENISED: _tokenised(cells, release)}
    if reading := [name for name, space in spaces.items() if space.vocabulary]:
        frames[ENCODED_CELLS] = _encoded(cells, reading)
    if written := [name for name, space in spaces.items() if space.text == "list"]:
        frames[LISTS] = _lists(cells, written)
    if weighted := [name for name, space in spaces.items() if space.text == "genes"]:
        frames[GENE_VECTORS] = _gene_vectors(cells, weighted)
    return frames


def _vocabularies(release: str) -> pd.DataFrame:
    rows = [(UNKNOWN, None, 1652, 393245.0), (NO_TOKEN, SYMBOL, 898, 72881.0), (TOKEN, SYMBOL, 17575, 10778605.0)]
    frame = pd.DataFrame(rows, columns=["outcome", "found_by", "n_genes", "n_counts"]).assign(vocabulary="V1")
    shares = {f"share_{what}": frame[f"n_{what}"] / frame[f"n_{what}"].sum() for what in ("genes", "counts")}
    return frame.assign(tokens=release, **shares)


def _tokenised(cells: pd.DataFrame, release: str) -> pd.DataFrame:
    frame = cells[["seed", "cell_id", "cell_type"]].assign(n_genes=2500, n_tokens=2048, truncated=True, tokens=release)
    frame = frame.assign(share_counts=0.95, reason=HAS_TOKENS)
    frame.loc[frame["cell_id"] == frame["cell_id"].iloc[0], ["n_genes", "n_tokens", "truncated"]] = [0, 0, False]
    return frame.assign(reason=frame["reason"].mask(frame["n_tokens"] == 0, NO_TOKENS))


def _encoded(cells: pd.DataFrame, spaces: list[str]) -> pd.DataFrame:
    frame = cells[["seed", "cell_id", "cell_type"]].assign(
        n_genes=1800, n_listed=100, share_counts=0.954, reason=ENCODED
    )
    frames = [frame.assign(space=space, n_compared=19 + k) for k, space in enumerate(spaces)]
    frames[0].loc[frame["cell_id"] == frame["cell_id"].iloc[0], "n_compared"] = 0
    return pd.concat(frames, ignore_index=True)


def _lists(cells: pd.DataFrame, spaces: list[str]) -> pd.DataFrame:
    frame = cells[["seed", "cell_id"]].assign(n_genes=812, n_listed=71, n_cut=741, n_pieces=253, share_counts=0.4312)
    return pd.concat([frame.assign(space=space) for space in spaces])


def _gene_vectors(cells: pd.DataFrame, spaces: list[str]) -> pd.DataFrame:
    frame = cells[["seed"]].drop_duplicates().assign(n_selected=2000, n_genes=1871, share_weights=0.9712, n_cut=3)
    return pd.concat([frame.assign(space=space, n_genes=1871 + k) for k, space in enumerate(spaces)])
