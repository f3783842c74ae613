"""What every change does to an encoding: by its closed form, or encoded again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from rankstudy.measures.causes.looked_at import LookedAt
from rankstudy.measures.changes.anew import Encoding
from rankstudy.measures.changes.drawn import Changed, Drawn
from rankstudy.measures.changes.read import ReadCells
from rankstudy.measures.changes.rules.rule import Changes, Rule

# draws of ties, over which blindness is averaged
DRAWS = 10


@dataclass(frozen=True)
class Outcomes:
    """What changes do to an encoding.

    Attributes
    ----------
    which
        (changes,), their numbers among all that were drawn.
    blind, displaced
        (changes,), means over draws: whether the encoding is blind, and how many entries of other genes move.
    first_blind, first_displaced
        (changes,), the same in the draw of the encoding itself.
    read
        (changes,), whether the encoding reads the gene.
    entries
        (cells,), entries of the cell before the change.
    draws
        Of how many draws they are means.
    """

    which: np.ndarray
    blind: np.ndarray
    displaced: np.ndarray
    first_blind: np.ndarray
    first_displaced: np.ndarray
    read: np.ndarray
    entries: np.ndarray
    draws: int


@dataclass(frozen=True)
class Bands:
    """How far counts may fall and rise unseen, of each gene that a cell has (`Drawn.removals`).

    Attributes
    ----------
    fall, rise
        (removals,), what is left of the count at the lower end, and how many times it the upper end is.
    gone
        Whether it may be removed.
    """

    fall: np.ndarray
    rise: np.ndarray
    gone: np.ndarray


def by_rule(looked: LookedAt, name: str, drawn: Drawn) -> tuple[Outcomes, Bands]:
    """Return what all changes do to an encoding, by the closed form of its corner."""
    corner, n = looked.corners[name], len(drawn.cell)
    draws = DRAWS if corner.by_chance else 1
    lacked = sp.csr_matrix((np.ones(n), (drawn.cell, drawn.gene)), drawn.counts.shape)
    means, first = np.empty((2, n), np.float32), np.empty((2, n), np.int32)
    read, entries, bands = np.empty(n, bool), np.empty(drawn.counts.n_obs, np.int64), []
    removed = drawn.removals
    of_cells = np.searchsorted(drawn.cell[removed], np.arange(drawn.counts.n_obs + 1))
    for row, (at, rule) in enumerate(ReadCells(looked, corner, drawn.counts, lacked, draws)):
        of = slice(drawn.begin[row], drawn.begin[row + 1])
        genes, added = at[drawn.gene[of]], drawn.after[of] - drawn.before[of]
        effects = rule.effects(Changes(genes, rule.cell.counts[genes] + added, added))
        for k, each in enumerate(effects):
            means[k, of], first[k, of] = each.mean(axis=0), each[0]
        read[of], entries[row] = genes >= 0, rule.entries
        held = removed[of_cells[row] : of_cells[row + 1]]
        bands.append(_band(rule, at[drawn.gene[held]], drawn.before[held]))
    fall, rise = np.concatenate(bands, axis=1)
    found = Outcomes(np.arange(n), *means, first[0] > 0, first[1], read, entries, draws)
    return found, Bands(fall, rise, (fall == 0) & (found.blind[removed] == 1))


def _band(rule: Rule, at: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return (2, genes): where the bands of genes with these counts begin and end, as shares of the counts.

    Of several genes of the file that are one to the encoding, one changes and the sum follows.
    """
    together = np.where(at >= 0, rule.cell.counts[at], counts)
    of_sums = zip(rule.bands(), rule.bands_unread(counts), strict=True)
    low, high = (np.where(at >= 0, read[at], unread) for read, unread in of_sums)
    return np.stack([np.clip(1 + (low - together) / counts, 0, 1), np.maximum(1 + (high - together) / counts, 1)])


def encoded_anew(looked: LookedAt, name: str, some: Changed) -> Outcomes:
    """Return what some changes do to an encoding, by encoding each changed cell again."""
    encoding, drawn = Encoding(looked, name), some.drawn
    entries = np.zeros(drawn.counts.n_obs, np.int64)
    parts = []
    for which, before, after in encoding.changes(some):
        entries[drawn.cell[which]] = np.diff(before.whole.indptr)
        moves = encoding.moves(before, after, drawn.gene[which])
        parts.append((moves.blind, moves.displaced, after.columns[drawn.gene[which]] >= 0))
    blind, displaced, read = (np.concatenate(part) for part in zip(*parts, strict=True))
    means = blind.astype(np.float32), displaced.astype(np.float32)
    return Outcomes(some.which, *means, blind, displaced, read, entries, 1)
