"""Estimates of how well a state is told, with intervals over donors and the null of relabelled states."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from rankstudy.measures.states.groups import Groups
from rankstudy.measures.states.statistics import Means, Pairs, Votes
from rankstudy.measures.states.tables import BETWEEN, EXPLAINED, NEIGHBOURS_OF_STATE
from rankstudy.measures.uncertainty.spread import interval_of_share
from rankstudy.measures.uncertainty.tables import AUROC

_AT_ONCE = 256
# sums of float32 shares in another order: what was observed is among the relabellings, and as well told as itself
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Told:
    """A statistic of some space: the estimate, without each donor, and under the null.

    Attributes
    ----------
    estimate
        What was found.
    without
        (donors,), the same without each donor.
    null
        (relabellings,), the same of relabelled states.
    exact
        Whether these are all that there are, what was observed among them.
    strata
        (donors,), the state of each donor where donors have one each; else 0.
    """

    estimate: float
    without: np.ndarray
    null: np.ndarray
    exact: bool
    strata: np.ndarray

    @property
    def error(self) -> float:
        """The standard error over donors (`error_of`)."""
        return error_of(self.without, self.strata)

    @property
    def freedom(self) -> int:
        """Degrees of freedom: donors less strata."""
        return len(self.strata) - len(np.unique(self.strata))

    @property
    def p(self) -> float:
        """One-sided p-value: the share of relabellings, what was found among them, that tell states as well.

        Of drawn ones, what was found counts as one more (Phipson and Smyth 2010).
        """
        as_well, beside = (self.null >= self.estimate - _ROUNDING).sum(), 0 if self.exact else 1
        return float((as_well + beside) / (len(self.null) + beside))

    def interval(self, level: float, *, share: bool) -> tuple[float, float]:
        """Return the interval over donors; of a share on the scale of the logit."""
        if share:
            low, high = interval_of_share(np.array(self.estimate), np.array(self.error), self.freedom, level)
            return float(low), float(high)
        half = stdtrit(self.freedom, (1 + level) / 2) * self.error
        return self.estimate - half, self.estimate + half


def error_of(without: np.ndarray, strata: np.ndarray) -> float:
    """Return the jackknife's standard error over donors, within strata: donors of a state are draws from its donors.

    The variance is the sum over strata of (n - 1) / n times the squares of the deviations from the stratum's mean
    (Efron and Stein 1981; of several samples: Arvesen 1969, Annals of Math. Statistics 40:2076-2100).
    """
    variance = 0.0
    for stratum in np.unique(strata):
        of_it = without[strata == stratum]
        n = len(of_it)
        variance += (n - 1) / n * ((of_it - of_it.mean()) ** 2).sum()
    return float(np.sqrt(variance))


def told(
    likeness: np.ndarray, vectors: np.ndarray, groups: Groups, *, neighbours: int, relabelled: np.ndarray, exact: bool
) -> dict[str, Told]:
    """Return each statistic of one space.

    Parameters
    ----------
    likeness
        (n, n), how alike the cells are; larger is more alike.
    vectors
        (n, d), of the same cells; unit vectors where the measure is one of angles.
    groups
        Donor and state of the cells.
    neighbours
        Nearest cells of other donors that vote.
    relabelled, exact
        (relabellings, groups), states under the null, and whether these are all that there are.
    """
    pairs, votes, means = Pairs.of(likeness, groups), Votes.of(likeness, groups, neighbours), Means.of(vectors, groups)
    functions = {AUROC: pairs.auroc, NEIGHBOURS_OF_STATE: votes.beyond_chance, EXPLAINED: means.explained}
    kept = np.array([groups.without(donor) for donor in range(groups.n_donors)])
    observed = np.repeat(groups.states[None], groups.n_donors, axis=0)
    strata = groups.state_of_donor if groups.design == BETWEEN else np.zeros(groups.n_donors, np.int64)
    found = {}
    for name, function in functions.items():
        null = [function(relabelled[at : at + _AT_ONCE]) for at in range(0, len(relabelled), _AT_ONCE)]
        estimate = float(function(groups.states[None])[0])
        found[name] = Told(estimate, function(observed, kept), np.concatenate(null), exact, strata)
    return found


def difference(one: Told, other: Told, level: float) -> dict[str, float]:
    """Return the difference of a statistic of two spaces on the same donors, with interval and p-value."""
    estimate = one.estimate - other.estimate
    error, freedom = error_of(one.without - other.without, one.strata), one.freedom
    half = stdtrit(freedom, (1 + level) / 2) * error
    p = 2 * stdtr(freedom, -abs(estimate) / error) if error > 0 else float(estimate == 0)
    return {"estimate": estimate, "low": estimate - half, "high": estimate + half, "p": float(p)}
