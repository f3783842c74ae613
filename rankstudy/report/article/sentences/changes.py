"""What a change of one gene shows: which changes encodings do not see, what else moves, and how far, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from rankstudy.measures.changes.tables import ANEW, ANYWHERE, CHANGES, FACTORS, PLACES, UNDETECTED
from rankstudy.report.article.looked_at import encodings
from rankstudy.report.article.numbers import Number
from rankstudy.report.article.sentences.settings import called
from rankstudy.report.article.study import Dataset
from rankstudy.report.article.text import NONE, Grid, Section, code, grid, joined, label, text
from rankstudy.report.causes import change_in_words

HEADING = "What a change of one gene shows"
KEY = "changes"
_DOUBLED = "x2"
_HIGHEST = {"change": "x0", "position": next(iter(PLACES)), "cell_type": None}


def section(dataset: Dataset) -> Section | None:
    """Return what changes of one gene an encoding shows, and what else moves; None where no gene was changed."""
    shown = changed(dataset)
    if not shown:
        return None
    details = [
        movement(dataset, shown),
        *anew(dataset, shown),
        blind_table(dataset, shown),
        moved_table(dataset, shown),
        atlas(dataset),
    ]
    return Section(KEY, HEADING, [doubled(dataset, shown), one_cell(dataset)], details, folded=True)


def changed(dataset: Dataset) -> list[str]:
    """Return the encodings in which genes were changed."""
    first = dataset.study.first
    return [name for name in encodings(dataset) if dataset.has("counterfactuals", seed=first, space=name)]


def _of(space: str, change: str = _DOUBLED, cell_type: str | None = None) -> dict[str, Any]:
    """Return which row of a table is that of a change, of all detected genes, or of all that the cell lacks."""
    position = ANYWHERE if change in FACTORS else UNDETECTED
    return {"space": space, "change": change, "position": position, "cell_type": cell_type}


def _blind(dataset: Dataset, space: str, change: str = _DOUBLED) -> Number:
    return dataset.of_first("counterfactuals", "blind", **_of(space, change), style="percent", digits=2)


def _displaced(dataset: Dataset, space: str, change: str = _DOUBLED) -> Number:
    return dataset.of_first("counterfactuals", "displaced", **_of(space, change))


def doubled(dataset: Dataset, shown: Sequence[str]) -> Markup:
    """Return which encodings see a doubled gene least and most often, and in which most other entries move."""
    ordered = sorted(shown, key=lambda name: -_blind(dataset, name).raw)
    ends = [
        text("{} ({})", _blind(dataset, name), called(dataset, name))
        for name in dict.fromkeys(ordered[:: len(ordered) - 1 or 1])
    ]
    farthest = max(shown, key=lambda name: _displaced(dataset, name).raw)
    return text(
        "A doubled gene leaves the encoding as it was in {} of the cases; most other entries move in {}: {} on "
        "average.",
        joined(ends, " to "),
        called(dataset, farthest),
        _displaced(dataset, farthest),
    )


def one_cell(dataset: Dataset) -> Markup:
    """Return which doubled gene of which cell the fewest encodings see."""
    first = dataset.study.first
    rows = dataset.rows("unseen_change", "space", "seen", seed=first)
    if not rows:
        return Markup("")
    unseen, seen = (
        [
            called(dataset, row["space"])
            for row in rows
            if bool(row["seen"]) is of and row["space"] in encodings(dataset)
        ]
        for of in (False, True)
    )
    where = {"space": rows[0]["space"]}
    words = [
        label(dataset.of_first("unseen_change", column, style="text", **where)) for column in ("gene", "cell_type")
    ]
    counts = [dataset.of_first("unseen_change", column, **where) for column in ("count", "count_after")]
    said = [
        text("not seen by {}", joined(unseen, "; ")) if unseen else "",
        text("seen by {}", joined(seen, "; ")) if seen else "",
    ]
    return text(
        "One cell, of type {1}: the count of {0} rises from {2} to {3}. It is {4}.",
        *words,
        *counts,
        joined(said, ", and "),
    )


def movement(dataset: Dataset, shown: Sequence[str]) -> Markup:
    """Return how far a cell moves without its highest gene, in units of the distance between its twins."""
    known = [name for name in shown if _moves(dataset, name)]
    if not known:
        return Markup("")
    ordered = sorted(known, key=lambda name: -_moved(dataset, name).raw)
    ends = [
        text(
            "{} of it in {} (a distance of {})",
            _moved(dataset, name),
            called(dataset, name),
            _moved(dataset, name, "moved"),
        )
        for name in dict.fromkeys([ordered[0], ordered[-1]])
    ]
    return text(
        "How far is that? The distance between the two halves of a cell’s molecules is counting alone. Beside it the "
        "median cell, with its highest gene removed, moves by {}. A likeness close to one says nothing without that "
        "distance.",
        joined(ends, " to "),
    )


def _moves(dataset: Dataset, space: str) -> bool:
    return dataset.has("movements", seed=dataset.study.first, space=space, **_HIGHEST)


def _moved(dataset: Dataset, space: str, column: str = "ratio") -> Number:
    return dataset.of_first("movements", column, space=space, **_HIGHEST)


def anew(dataset: Dataset, shown: Sequence[str]) -> list[Markup]:
    """Return which encodings have no rule for changes and were encoded again, on fewer cells."""
    first = dataset.study.first
    found = [name for name in shown if dataset.has("counterfactuals", seed=first, space=name, by=ANEW)]
    if not found:
        return []
    cells = [
        text("{} ({} cells)", called(dataset, name), dataset.of_first("counterfactuals", "n_cells", **_of(name)))
        for name in found
    ]
    return [text("Encoded again after each change, on fewer cells, since no rule is known: {}.", joined(cells, "; "))]


def blind_table(dataset: Dataset, shown: Sequence[str]) -> Grid:
    """Return the share of changes that each encoding does not see, by change, with intervals."""
    caption = Markup(
        "Changes of one gene that leave the whole encoding as it is: the count of a gene that the cell has times so "
        "much, or so many molecules of a gene that it lacks; genes that an encoding does not read are counted, and "
        "their share stands first. Shares are of these cells."
    )
    rows = [
        [
            called(dataset, name),
            _unread(dataset, name),
            *(_blind_with_ends(dataset, name, change) for change in CHANGES),
        ]
        for name in shown
    ]
    return grid(caption, ["Encoding", "Not read", *_heads()], rows)


def _heads() -> list[Markup]:
    return [text('<span class="quoted">{}</span>', change_in_words(change)) for change in CHANGES]


def _unread(dataset: Dataset, space: str) -> Number:
    return dataset.of_first("counterfactuals", "unread", **_of(space), style="percent", digits=2)


def _blind_with_ends(dataset: Dataset, space: str, change: str) -> Markup:
    if not dataset.has("counterfactuals", seed=dataset.study.first, **_of(space, change)):
        return NONE
    low, high = (
        dataset.of_first("counterfactuals", end, **_of(space, change), style="percent", digits=2)
        for end in ("low", "high")
    )
    return text("{}<br><small>[{}, {}]</small>", _blind(dataset, space, change), low, high)


def moved_table(dataset: Dataset, shown: Sequence[str]) -> Grid:
    """Return the entries of other genes that move by change, and how far a doubled gene moves the cell."""
    caption = Markup(
        "Entries of other genes that move, on average; last, how far the median cell moves without its highest gene, "
        "in units of the distance between its twins."
    )
    rows = [
        [called(dataset, name), *(_displaced_at(dataset, name, change) for change in CHANGES), _ratio(dataset, name)]
        for name in shown
    ]
    return grid(caption, ["Encoding", *_heads(), "Highest removed"], rows)


def _displaced_at(dataset: Dataset, space: str, change: str) -> Any:
    known = dataset.has("counterfactuals", seed=dataset.study.first, **_of(space, change))
    return _displaced(dataset, space, change) if known else NONE


def _ratio(dataset: Dataset, space: str) -> Any:
    if not _moves(dataset, space):
        return NONE
    low, high = (_moved(dataset, space, end) for end in ("low", "high"))
    return text("{}<br><small>[{}, {}]</small>", _moved(dataset, space), low, high)


def atlas(dataset: Dataset) -> Markup:
    """Return where it stands what can be seen of each gene."""
    path = f"results/{dataset.name}/tables/visibility.parquet"
    how = {"seed": dataset.study.first}
    return text(
        "For each of {} genes, and each type and encoding, {} has the chance that the gene is read, how far its place "
        "spreads between twins, the fewest molecules that are seen, and its ties.",
        dataset.derived("distinct", "visibility", "gene", **how),
        code(path),
    )
