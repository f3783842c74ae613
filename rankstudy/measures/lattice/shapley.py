"""How a difference is shared out among the steps that make it: Shapley values over the orders they can be taken in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Shapley:
    """The sets of steps that can have been taken, and what each step shares in.

    The share of a step is its Shapley value (Shapley 1953, Contributions to the Theory of Games 2:307-317) where each
    order of the steps that keeps to the precedence is as likely (Faigle and Kern 1992, Int. J. Game Theory 21:249-266).
    Orders are counted, not listed: those that take step i after the subset S are the orders of S times those of what is
    left without i.

    Attributes
    ----------
    steps
        Names of the n steps.
    subsets
        The sets of steps that can have been taken: the first is empty, the last holds all. Sets of fewer steps come
        first.
    before, after, weights
        Of each step, all ways of taking it: numbers of the subsets without and with it, and the share of the orders of
        all steps that take it there. The weights of a step add up to 1.
    """

    steps: tuple[str, ...]
    subsets: tuple[frozenset[str], ...]
    before: tuple[np.ndarray, ...]
    after: tuple[np.ndarray, ...]
    weights: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, steps: Sequence[str], precedence: Iterable[tuple[str, str]] = ()) -> Shapley:
        """Return what is shared out of steps of which some can only be taken after others.

        Parameters
        ----------
        steps
            Names of the steps, each once.
        precedence
            Pairs (a, b): step b can only be taken after step a. Pairs of which one is not among the steps do not count.

        Raises
        ------
        ValueError
            If steps wait for each other in a circle.
        """
        needs: dict[str, set[str]] = {step: set() for step in steps}
        for first, then in precedence:
            if first in needs and then in needs:
                needs[then].add(first)
        subsets, ways = _subsets_and_ways(needs)
        if len(subsets[-1]) < len(needs):
            waiting = ", ".join(step for step in steps if step not in subsets[-1])
            raise ValueError(f"steps that can never be taken, since they wait for each other: {waiting}")
        place = {subset: k for k, subset in enumerate(subsets)}
        to, on = _orders(subsets, ways)
        of_step = [[(s, t) for step, s, t in ways if step == each] for each in steps]
        return cls(
            steps=tuple(steps),
            subsets=tuple(subsets),
            before=tuple(np.array([place[s] for s, _ in found]) for found in of_step),
            after=tuple(np.array([place[t] for _, t in found]) for found in of_step),
            weights=tuple(np.array([to[s] * on[t] / to[subsets[-1]] for s, t in found]) for found in of_step),
        )

    def shares(self, values: np.ndarray) -> np.ndarray:
        """Return the share of each step in the difference between the value of all steps and that of none.

        Parameters
        ----------
        values
            (..., subsets), the value of each subset.

        Returns
        -------
        (..., steps), float64, in the unit of the values: the mean, over all orders in which the steps can be taken, of
        what the value changes by where the step is taken. Shares add up to the difference. They are linear in the
        values. A step that changes no value has exactly 0: differences are taken first.
        """
        values = np.asarray(values, np.float64)
        found = np.empty((*values.shape[:-1], len(self.steps)))
        for i, (before, after, weights) in enumerate(zip(self.before, self.after, self.weights, strict=True)):
            found[..., i] = (values[..., after] - values[..., before]) @ weights
        return found


_Way = tuple[str, frozenset[str], frozenset[str]]


def _subsets_and_ways(needs: dict[str, set[str]]) -> tuple[list[frozenset[str]], list[_Way]]:
    """Return the subsets that can be reached, fewest steps first, and all (step, subset without, subset with it)."""
    subsets, ways = [frozenset()], []
    known = set(subsets)
    for subset in subsets:  # grows meanwhile
        for step, before in needs.items():
            if step in subset or not before <= subset:
                continue
            larger = subset | {step}
            ways.append((step, subset, larger))
            if larger not in known:
                known.add(larger)
                subsets.append(larger)
    return subsets, ways


def _orders(subsets: list[frozenset[str]], ways: list[_Way]) -> tuple[Counter, Counter]:
    """Return, for each subset, in how many orders its steps can be taken, and in how many those that are left."""
    to, on = Counter({subsets[0]: 1}), Counter({subsets[-1]: 1})
    for _, without, larger in ways:
        to[larger] += to[without]
    for _, without, larger in reversed(ways):
        on[without] += on[larger]
    return to, on
