"""Where batches and types are hard to tell apart: types as alike in one batch as one type is across batches."""

from __future__ import annotations

from typing import Any

from rankstudy.report.article.study import Dataset

MOST_SHOWN = 3
_SIDES = ("type_a", "batch_a", "type_b", "batch_b")


def alike_by_batch(dataset: Dataset, space: str | None = None) -> list[dict[str, Any]]:
    """Return the cases in which the batch outweighs the type or, where it never does, the one that comes closest.

    Parameters
    ----------
    dataset
        The data set; values are of the first seed.
    space
        The space, by default the main one.

    Returns
    -------
    One for each type at most, the strongest first: `cell_type` and its batches `batches`; `other`, another type, in the
    batch `within`; `outweighs`, whether these two are more alike there than the type is to itself across the two
    batches; and `across` and `inside`, the conditions by which both medians stand in the table `batch_pairs`.
    """
    space = space or dataset.main
    rows = dataset.rows("batch_pairs", *_SIDES, "median", space=space, seed=dataset.study.first)
    sign = -1 if dataset.study.declared(space)["metric"] == "euclidean" else 1
    across = [row for row in rows if row["type_a"] == row["type_b"] and row["batch_a"] != row["batch_b"]]
    inside = [row for row in rows if row["type_a"] != row["type_b"] and row["batch_a"] == row["batch_b"]]
    strongest: dict[str, tuple[float, dict[str, Any]]] = {}
    for one in across:
        kind, batches = one["type_a"], (one["batch_a"], one["batch_b"])
        for two in inside:
            gap = sign * (two["median"] - one["median"])
            if kind not in (two["type_a"], two["type_b"]) or two["batch_a"] not in batches:
                continue
            other = two["type_b"] if two["type_a"] == kind else two["type_a"]
            case = {
                "cell_type": kind,
                "batches": batches,
                "other": other,
                "within": two["batch_a"],
                "outweighs": gap > 0,
            }
            case |= {"across": {k: one[k] for k in _SIDES}, "inside": {k: two[k] for k in _SIDES}}
            strongest[kind] = max(strongest.get(kind, (gap, case)), (gap, case), key=lambda found: found[0])
    ordered = sorted(strongest.values(), key=lambda found: (-found[0], found[1]["cell_type"]))
    return [case for gap, case in ordered[:MOST_SHOWN] if gap > 0] or [case for _, case in ordered[:1]]
