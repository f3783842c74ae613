"""Statistics that chance has a part in: means over draws, and what other draws would have moved them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from rankstudy.measures.settings.scores import Score
from rankstudy.measures.uncertainty.influence import Influence


class Drawn:
    """The mean of a statistic over draws, or the statistic itself where there is no chance.

    Of the influences only their sum is kept: those of every draw would be many gigabytes.

    Parameters
    ----------
    scores
        The statistic of each draw, as far as there are any yet.

    Attributes
    ----------
    estimates
        The statistic of each draw.
    """

    def __init__(self, scores: Iterable[Score] = ()) -> None:
        self.estimates: list[float] = []
        self._of_cells: np.ndarray | float = 0.0
        self._without: np.ndarray | float = 0.0
        self._binning_errors = 0.0
        for score in scores:
            self.add(score)

    def add(self, score: Score) -> None:
        """Add the statistic of one more draw."""
        self.estimates.append(score.influence.estimate)
        self._of_cells = self._of_cells + score.influence.of_cells
        self._without = self._without + score.influence.without
        self._binning_errors += score.binning_error

    @property
    def influence(self) -> Influence:
        """The mean, and what moves it."""
        n = len(self.estimates)
        return Influence(float(np.mean(self.estimates)), self._of_cells / n, self._without / n)

    @property
    def binning_error(self) -> float:
        """The most that bins can have moved the mean."""
        return self._binning_errors / len(self.estimates)


@dataclass(frozen=True)
class Draws:
    """How much several statistics differ between draws; draw by draw, chance is the same in all of them.

    Attributes
    ----------
    numbers
        (statistics,), of how many draws each is the mean.
    deviations
        (draws, statistics), what each draw has less the mean; 0 of a statistic without chance.
    """

    numbers: np.ndarray
    deviations: np.ndarray

    @classmethod
    def of(cls, drawn: Sequence[Drawn]) -> Draws:
        """Take the draws of some statistics.

        Raises
        ------
        ValueError
            If some are means of several draws, and others of more.
        """
        numbers = np.array([len(each.estimates) for each in drawn])
        n = numbers.max(initial=1)
        if not np.isin(numbers, (1, n)).all():
            raise ValueError(f"statistics of {sorted(set(numbers.tolist()))} draws do not share them")
        estimates = np.array([np.resize(each.estimates, n) for each in drawn]).reshape(len(drawn), n).T
        # exactly 0 without chance, where a mean of equal numbers can be off by rounding
        return cls(numbers, np.where(numbers > 1, estimates - estimates.mean(axis=0), 0.0))

    def moved(self, resamples: int, random: np.random.Generator) -> np.ndarray:
        """Return (resamples, statistics): what other draws would have moved each mean.

        Draws are resampled, the same ones in all statistics; deviations are stretched by the root of n / (n - 1).
        """
        n, n_statistics = self.deviations.shape
        if n == 1:
            return np.zeros((resamples, n_statistics))
        times = random.multinomial(n, np.full(n, 1 / n), resamples) / n
        return times @ self.deviations * np.sqrt(n / (n - 1))

    def numbers_of(self, weights: sp.csr_array) -> np.ndarray:
        """Return (combinations,): of how many draws linear combinations (combinations, statistics) are means."""
        return (weights != 0).multiply(self.numbers).max(axis=1).toarray().ravel()

    def errors_of(self, weights: sp.csr_array) -> np.ndarray:
        """Return (combinations,): the standard errors of linear combinations that are due to the draws."""
        n = len(self.deviations)
        return np.sqrt(np.square(weights @ self.deviations.T).sum(axis=1) / max(n * (n - 1), 1))
