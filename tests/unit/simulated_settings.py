"""Two encodings of simulated cells, compared in every setting: batches and cells are drawn anew."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd

from rankstudy.core.threads import limited_threads
from rankstudy.measures.settings.differences import differences_of
from rankstudy.measures.settings.draws import Drawn
from rankstudy.measures.settings.scores import Cells, Score
from rankstudy.measures.settings.setting import Scored, Setting, claimed, shown
from rankstudy.measures.settings.tables import AS_MEASURED, SELECTED, SHARED
from rankstudy.measures.uncertainty.statistics import statistics_of
from rankstudy.pairs.engine import SpaceData, compare

K, LEVEL = 15, 0.95
MEASURES = (*claimed(order=False), *shown(order=False))
# numbers of the dimensions of each panel; all cells have 12
PANELS = {SELECTED: np.arange(12), SHARED: np.arange(4, 12)}
CENTRES = 1.2 * np.tile(np.eye(3), 4)
# what expression has: a mean that is not 0; correlation takes it away, cosine does not
OFFSET = 2.0


@dataclass(frozen=True)
class Simulated:
    """Simulated cells: numbers of their types and batches, and their vectors by encoding."""

    types: np.ndarray
    batches: np.ndarray
    vectors: dict[str, np.ndarray]

    @cached_property
    def looked_at(self):
        """The cells as curves take them."""
        names = np.array(list("abc"))[self.types]
        ids = [f"c:{i:05d}" for i in range(len(self.types))]
        table = pd.DataFrame({"cell_id": ids, "cell_type": names, "slug": names, "batch": self.batches})
        return Cells(table, self.batches)

    def spaces(self):
        """Return the space of each encoding and setting."""
        for (name, vectors), (panel, at) in product(self.vectors.items(), PANELS.items()):
            of_panel = np.ascontiguousarray(vectors[:, at], np.float32)
            for measure in MEASURES:
                label = f"{name} {panel} {measure}"
                of_measure = SpaceData(label, measure.metric, of_panel, self.looked_at.table, measure.centred)
                yield name, Setting(measure, panel, AS_MEASURED), of_measure

    def scored(self):
        """Return the statistics in every setting by the engine: as `scores`, which is made for more cells."""
        settings = {space.name: ((name, setting), space) for name, setting, space in self.spaces()}
        result = compare([space for _, space in settings.values()], cutoffs=100, neighbours=K, across=K)
        return {
            Scored(*settings[found.space][0], found.name): Drawn([Score(found.influence, found.binning_error)])
            for found in statistics_of(result, self.looked_at.table, self.batches, (K,))
            if found.cell_type is None
        }


def batch_effects(random, n_batches, of_batch=0.4, of_type=0.3):
    """Return what a batch adds to the cells of each type: (batches, types, dimensions)."""
    shape = n_batches, 3, 12
    return of_batch * random.normal(size=(n_batches, 1, 12)) + of_type * random.normal(size=shape)


def simulated(random, sizes, effects, *, noises=(1.0, 1.0), centres=CENTRES, common=0.0):
    """Return cells of three types, of each as many per batch as `sizes` say, in two encodings a and b.

    A cell is its type's centre, what its batch adds, and noise, half of its variance in both encodings. In a, all cells
    share `common`, (12,), too.
    """
    types = np.repeat(np.arange(3), np.sum(sizes))
    batches = np.tile(np.repeat(np.arange(len(sizes)), sizes), 3)
    at = centres[types] + effects[batches, types] + np.sqrt(0.5) * random.normal(size=(len(types), 12))
    a, b = (at + np.sqrt(noise**2 - 0.5) * random.normal(size=at.shape) for noise in noises)
    return Simulated(types, batches, {"a": a + common + OFFSET, "b": b + OFFSET})


@dataclass(frozen=True)
class Curve:
    """The curve of encoding a compared with b.

    Attributes
    ----------
    rows
        Those of the table `specifications` that carry a claim: of each statistic, of each of SETTINGS.
    resampled
        (resamples, rows), the differences in each resample.
    """

    rows: pd.DataFrame
    resampled: np.ndarray


def curve(cells, random, resamples=1000):
    """Return the curve of simulated cells: of resampled batches, or of cells where batches are few."""
    # many threads wait for each other longer than so few cells take
    with limited_threads(1):
        looked_at, scored = cells.looked_at, cells.scored()
        given = {"k": K, "unit": "batches", "resamples": resamples, "random": random, "level": LEVEL}
        rows, resampled = differences_of(scored, [("a", "b")], {"a": False, "b": False}, looked_at, **given)
    claim = rows["claim"].to_numpy()
    return Curve(rows[claim].reset_index(drop=True), resampled[:, claim])


def repeats_of(sizes, *, seed, repeats, same_batches=False, **simulation):
    """Yield a curve of each repeat; whose batches are the same ones, or drawn anew."""
    random = np.random.default_rng(seed)
    fixed = batch_effects(random, len(sizes))
    for _ in range(repeats):
        effects = fixed if same_batches else batch_effects(random, len(sizes))
        yield curve(simulated(random, sizes, effects, **simulation), random)
