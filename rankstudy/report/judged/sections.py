"""The sections of a page on an embedding, from the answer down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import Markup

from rankstudy.measures.neighbours.tables import TRANSFERRED
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, BATCH_DRIVEN, OWN_TYPE
from rankstudy.report.article.sentences.verdicts import badge, beside
from rankstudy.report.article.text import NONE, Bullets, Section, code, grid, label, text
from rankstudy.report.judged.found import Found

_ASKED = {
    AUROC: "AUROC of pairs",
    OWN_TYPE: "Own type, nearest",
    ACROSS: "Own type, other batches",
    BATCH_DRIVEN: "Batch-driven",
}


def headline(found: Found, space: str) -> Markup:
    """Return the answer in a sentence: effect, interval, verdict, and what it was compared with."""
    if not found.embeddings[space]:
        return text("{} failed its audit: nothing is computed of it.", found.title(space))
    own = {"space": space, "statistic": AUROC, "cell_type": None}
    words = text(
        "A pair of cells of one type is more alike in {} than a pair of two types with probability {} [{}, {}]",
        found.title(space),
        *(found.value("intervals", column, **own) for column in ("estimate", "low", "high")),
    )
    for row in found.rows("differences", "against", "verdict", space=space, statistic=AUROC):
        verdict = beside(row["verdict"], found.title(space), found.title(row["against"]))
        where = {"space": space, "statistic": AUROC}
        ends = (found.value("differences", column, **where) for column in ("estimate", "low", "high"))
        return text("{}. {}: difference {} [{}, {}].", words, verdict, *ends)
    return text("{}.", words)


def audit(found: Found, space: str) -> Section:
    """Return every check with its outcome and the threshold that was fixed beforehand."""
    columns = ("check", "subject", "outcome", "value", "threshold", "note")
    rows = []
    for row in found.rows("embedding_audit", *columns, space=space):
        where = {"space": space, "check": row["check"], "subject": row["subject"]}
        numbers = (
            NONE if row[name] is None else found.value("embedding_audit", name, style="number", **where)
            for name in ("value", "threshold")
        )
        rows.append([label(row["check"]), row["subject"] or NONE, _outcome(row["outcome"]), *numbers, row["note"]])
    caption = "Checks before any score; thresholds were fixed beforehand (section audit of the configuration)."
    table = grid(caption, ["Check", "Of", "Outcome", "Found", "Threshold", "In words"], rows, words=[1, 2, 5])
    return Section("audit", "The audit", [table])


def _outcome(outcome: str) -> Markup:
    kind = {"failed": "worse", "reported": "open"}.get(outcome, "open")
    return text('<span class="verdict {}">{}</span>', kind, outcome)


def every_space(found: Found, space: str | None = None) -> Section:
    """Return each space with its statistics and intervals, and its difference from what it is compared with."""
    sizes = _sizes(found)
    across = found.has("label_transfer", reason=TRANSFERRED, held_out=None)
    # where no type is in two batches, there is nothing to be found in others
    statistics = [name for name in _ASKED if across or name in (AUROC, OWN_TYPE)]
    rows = [
        [
            found.title(name) if name != space else text("<b>{}</b>", found.title(name)),
            *(_own(found, name, statistic, sizes) for statistic in statistics),
            _difference(found, name),
        ]
        for name in found.titles
        if found.has("intervals", space=name)
    ]
    columns = ["Space", *(_ASKED[name] for name in statistics), "AUROC: difference"]
    caption = text(
        "Every space on the same {} cells, with intervals; own type and batch-driven: share of the {} nearest cells.",
        found.value(
            "intervals", "n_cells", style="number", space=next(iter(found.titles)), statistic=AUROC, cell_type=None
        )
        if found.has("intervals", space=next(iter(found.titles)))
        else "compared",
        sizes[0],
    )
    return Section(
        "answer", "Beside expression, order and controls", [grid(caption, columns, rows), *_resampled(found)]
    )


def _resampled(found: Found) -> list[Any]:
    rows = found.rows("intervals", "levels", "note", statistic=AUROC, cell_type=None)[:1]
    return [text("Resampled for the intervals: {}. {}", row["levels"], label(row["note"] or "")) for row in rows]


def _sizes(found: Found) -> list[int]:
    return sorted(found.about["options"]["neighbours"])


def _own(found: Found, space: str, statistic: str, sizes: Sequence[int]) -> Markup:
    k = None if statistic == AUROC else sizes[0]
    return found.estimate("intervals", space=space, statistic=statistic, k=k, cell_type=None)


def _difference(found: Found, space: str) -> Markup:
    where = {"space": space, "statistic": AUROC}
    if not found.has("differences", **where):
        return NONE
    row = found.rows("differences", "against", "verdict", **where)[0]
    against = text("from {}", found.title(row["against"]))
    return text("{} {}<br><small>{}</small>", badge(row["verdict"]), found.estimate("differences", **where), against)


def batches(found: Found, space: str) -> Section | None:
    """Return how labels are transferred across batches; None with one batch."""
    rows = []
    for name in found.titles:
        where = {"space": name, "k": _sizes(found)[0], "held_out": None}
        if found.has("label_transfer", **where):
            if found.rows("label_transfer", "accuracy", **where)[0]["accuracy"] is None:
                return None
            numbers = [found.value("label_transfer", c, **where) for c in ("accuracy", "macro_f1", "expected_accuracy")]
            rows.append([text("<b>{}</b>", found.title(name)) if name == space else found.title(name), *numbers])
    caption = (
        "Each batch is held out in turn and labelled by the nearest cells of the others; chance: a label drawn there."
    )
    return Section("transfer", "Across batches", [grid(caption, ["Space", "Accuracy", "Macro F1", "Chance"], rows)])


def agreement(found: Found, space: str) -> Section:
    """Return how far its neighbourhoods are those of the other spaces."""
    rows = []
    for name in found.titles:
        for one, other in ((space, name), (name, space)):
            where = {"space_a": one, "space_b": other, "k": _sizes(found)[0], "cell_type": None}
            if found.has("neighbour_overlap", **where):
                numbers = (found.value("neighbour_overlap", c, **where) for c in ("jaccard", "expected"))
                rows.append([found.title(name), *numbers])
    caption = "Cells in both neighbourhoods over cells in either (Jaccard), mean over cells; chance: random ones."
    return Section("agreement", "Agreement of neighbourhoods", [grid(caption, ["With", "Agreement", "Chance"], rows)])


def types(found: Found, space: str) -> Section:
    """Return the AUROC of each type beside that of the reference."""
    against = [row["against"] for row in found.rows("differences", "against", space=space, statistic=AUROC)]
    shown = [space, *against]
    labels = [row["cell_type"] for row in found.rows("effect_sizes", "cell_type", space=space)]
    rows = [
        [label(name), *(found.estimate("intervals", space=of, statistic=AUROC, cell_type=name) for of in shown)]
        for name in labels
        if name is not None
    ]
    caption = "AUROC of each type: pairs of cells of it, beside pairs of one of its cells and one of another type."
    return Section("types", "Type by type", [], [grid(caption, ["Type", *map(found.title, shown)], rows)])


def leakage(found: Found, space: str) -> Section | None:
    """Return how well the depth of a cell is predicted from its vector; None without counts."""
    if not found.has("leakage"):
        return None
    rows = [
        [found.title(row["space"]), label(row["scope"]), *_r2(found, row)]
        for row in found.rows("leakage", "space", "scope", "reason")
    ]
    caption = "Share of the variance of a cell’s log total that its vector predicts on cells that were held out (R²)."
    return Section("leakage", "What it knows of depth", [grid(caption, ["Space", "Among", "R²"], rows, words=[1])])


def _r2(found: Found, row: dict[str, Any]) -> list[Markup]:
    where = {name: row[name] for name in ("space", "scope")}
    if found.rows("leakage", "r2", **where)[0]["r2"] is None:
        return [label(row["reason"])]
    ends = [found.value("leakage", name, **where) for name in ("r2", "low", "high")]
    return [text("{}<br><small>[{}, {}]</small>", *ends)]


def twins(found: Found, space: str) -> Section | None:
    """Return how far its two halves agree; None where it did not come twice."""
    if not found.has("twins", space=space, cell_type=None):
        return None
    rows = []
    for row in found.rows("twins", "statistic", space=space, cell_type=None):
        where = {"space": space, "cell_type": None, "statistic": row["statistic"]}
        ends = (found.value("twins", name, **where) for name in ("value", "low", "high"))
        chance = found.value("twins", "chance", **where)
        rows.append([label(row["statistic"]), text("{}<br><small>[{}, {}]</small>", *ends), chance])
    caption = "The embedding of two halves of each cell’s molecules: two measurements of the same cell, at half depth."
    return Section("twins", "Twins", [grid(caption, ["Statistic", "Found", "Chance"], rows)])


def done(found: Found) -> Section:
    """Return what was decided and left out, and how it is done again."""
    options = found.about["options"]
    settings = [
        [code(name), str(value)] for name, value in options.items() if name != "thresholds" and value not in ({}, [])
    ]
    thresholds = [[code(name), str(value)] for name, value in options["thresholds"].items()]
    tables = [
        grid("How it was judged.", ["Option", "Value"], settings, words=[1]),
        grid("Thresholds of the audit, fixed beforehand.", ["Threshold", "Value"], thresholds, words=[1]),
    ]
    said = [Bullets([label(note) for note in found.notes]), text("Done again by {}.", code(found.about["command"]))]
    return Section("done", "What was done", said, tables)


# of an embedding that passed its audit; one that did not has its audit alone
OF_AN_EMBEDDING: tuple[Callable[[Found, str], Section | None], ...] = (
    every_space,
    audit,
    leakage,
    twins,
    batches,
    agreement,
    types,
)
