"""The figures of ledgers and of whose order it is: what bars are, how they are coloured, and what is said of them."""

from itertools import product
from types import SimpleNamespace
from typing import get_args

import pandas as pd
import pytest

from rankstudy.measures.lattice.tables import AMONG, LEDGER, ORDER_ORIGIN, STEPS, TABLES
from rankstudy.measures.uncertainty.tables import AUROC
from rankstudy.measures.verdict import BETTER, NO_DIFFERENCE, NOT_IN_FAMILY, WORSE
from rankstudy.report import figure
from rankstudy.report.figures.style import NEUTRAL, VERDICT_COLOURS
from rankstudy.report.ledgers import step_in_words, told
from rankstudy.spaces.steps import _CHOICES
from tests.chromium.made_ledgers import EVERY
from tests.unit.drawing import drawn
from tests.unit.made_tables import Study

NAMES = [f"e{i}" for i in range(9)]
FIRST = "ledger-1"
ORIGIN = "order_origin-e0"
BARS = len(EVERY) + 2  # with those of the two ends


def made(n=3, types=("a", "b"), **other):
    return Study(list(types), ["one"], NAMES[: n - 1] + NAMES[-1:], controls=(), **other)


def as_declared(study, space="e0"):
    """Return the steps of a ledger in the declared setting."""
    rows = study.table(LEDGER, "one")
    declared = (rows["measure"] == "correlation") & ~rows["centred"] & (rows["panel"] == "selected")
    declared &= (rows["depth"] == "as measured") & (rows["statistic"] == AUROC) & (rows["seed"] == 0)
    return rows[declared & (rows["space"] == space)].sort_values("place", ignore_index=True)


def bars(axes):
    return list(axes.patches)


def steps_of(axes):
    """Return the bars of the steps, without those of the two ends."""
    first, last, *steps = bars(axes)
    return steps


def colour(bar):
    from matplotlib.colors import to_hex

    return to_hex(bar.get_facecolor()).upper()


def texts(shown):
    return " ".join(" ".join(text for text, _ in shown.texts).split())


def test_at_most_six_ledgers_share_a_figure(tmp_path, monkeypatch):
    study = made(9)
    assert [name for name in figure.drawings("dataset", study.plan) if name.startswith("ledger")] == [FIRST, "ledger-2"]
    shown, words = drawn(study, FIRST, tmp_path, monkeypatch)
    assert shown.n_panels == 6 and words.count("A published encoding of cells") == 6 * 2
    shown, words = drawn(study, "ledger-2", tmp_path, monkeypatch)
    assert shown.n_panels == 2 and "A published encoding of cells 7, from" in words


def test_bars_lead_from_the_reference_to_the_encoding_step_by_step(tmp_path, monkeypatch):
    study = made()
    rows = as_declared(study)
    shown, _ = drawn(study, FIRST, tmp_path, monkeypatch)
    panel = shown.panels[0]
    assert len(bars(panel)) == BARS
    at = rows["value_reference"].iloc[0]
    for bar, row in zip(steps_of(panel), rows.itertuples(), strict=True):
        assert bar.get_x() == pytest.approx(at) and bar.get_width() == pytest.approx(row.estimate)
        at += row.estimate
    assert at == pytest.approx(rows["value"].iloc[0])
    start, end, *_ = bars(panel)
    assert start.get_x() + start.get_width() == pytest.approx(rows["value_reference"].iloc[0])
    assert end.get_x() + end.get_width() == pytest.approx(rows["value"].iloc[0])
    labels = [label.get_text() for label in panel.get_yticklabels()]
    assert labels == ["start", *(step_in_words(row.step, row.after) for row in rows.itertuples()), "end"]
    assert "−0.031" in texts(shown) and "+0.020" in texts(shown) and "0.962" in texts(shown)


def test_every_bar_has_its_interval_and_its_range_over_settings(tmp_path, monkeypatch):
    study = made()
    rows = as_declared(study)
    shown, _ = drawn(study, FIRST, tmp_path, monkeypatch)
    lines = [tuple(line.get_xdata()) for line in shown.panels[0].lines]
    begin = rows["value_reference"].iloc[0]
    for row in rows.itertuples():
        for ends in ((row.low, row.high), (row.lowest, row.highest)):
            assert any(line == pytest.approx([begin + end for end in ends]) for line in lines if len(line) == 2), row
        begin += row.estimate


def test_colours_are_those_of_the_verdicts_and_grey_is_neither(tmp_path, monkeypatch):
    words = [WORSE, BETTER, NO_DIFFERENCE, NOT_IN_FAMILY]
    change = {LEDGER: lambda frame: frame.assign(verdict=[words[place % 4] for place in frame["place"]])}
    shown, said = drawn(made(), FIRST, tmp_path, monkeypatch, change)
    wanted = [VERDICT_COLOURS.get(words[place % 4], NEUTRAL) for place in range(len(EVERY))]
    assert [colour(bar) for bar in steps_of(shown.panels[0])] == wanted
    assert "costs, the most first: " in said and "gains: " in said and "no difference shown: " in said


def test_all_ledgers_stand_on_one_scale_and_a_wide_range_is_cut_off(tmp_path, monkeypatch):
    change = {LEDGER: lambda frame: frame.assign(lowest=frame["lowest"] - 0.4 * (frame["place"] == 1))}
    shown, _ = drawn(made(5), FIRST, tmp_path, monkeypatch, change)
    (limits,) = {panel.get_xlim() for panel in shown.panels}
    assert limits[0] > 0.8
    for panel in shown.panels:
        cut = [line for line in panel.lines if line.get_marker() == "<"]
        assert len(cut) == 1 and cut[0].get_xdata()[0] == limits[0]


def test_what_is_hardly_anything_looks_like_little(tmp_path, monkeypatch):
    numbers = ["estimate", "low", "high", "lowest", "highest"]

    def change(frame):
        shrunk = frame.assign(value=frame["value_reference"] + 1e-5 * (frame["value"] - frame["value_reference"]))
        return shrunk.assign(**{name: 1e-5 * frame[name] for name in numbers})

    shown, _ = drawn(made(), FIRST, tmp_path, monkeypatch, {LEDGER: change})
    left, right = shown.panels[0].get_xlim()
    assert right - left == pytest.approx(0.01) and "e−" not in texts(shown)


def test_the_words_name_what_costs_most_first_with_numbers(tmp_path, monkeypatch):
    _, words = drawn(made(2), FIRST, tmp_path, monkeypatch)
    assert words == (
        "AUROC, step by step. A published encoding of cells 0, from 0.962 (A published encoding of cells 1) to 0.913: "
        "costs, the most first: divide by the corpus’s medians −0.031 [−0.035, −0.027], logarithm of the place −0.026 "
        "[−0.030, −0.022] and break ties by the list of genes −0.010 [−0.014, −0.006]; gains: keep only the order "
        "+0.020 [+0.016, +0.024]; no difference shown: only the model’s genes −0.003, no logarithm +0.001, only the "
        "first 2,048 genes −0.001 and no depth normalisation +0.0004."
    )
    nothing = {LEDGER: lambda frame: frame.assign(verdict=NO_DIFFERENCE)}
    _, words = drawn(made(2), FIRST, tmp_path, monkeypatch, nothing)
    assert "no step costs anything beyond its interval; no difference shown: divide" in words and "gains" not in words


def test_a_ledger_that_was_left_out_leaves_no_hole(tmp_path, monkeypatch):
    gone = {LEDGER: lambda frame: frame[frame["space"] != "e1"]}
    shown, words = drawn(made(5), FIRST, tmp_path, monkeypatch, gone)
    assert shown.n_panels == 3 and shown.holes() == [] and "of cells 1," not in words


@pytest.mark.parametrize("name", [FIRST, ORIGIN])
def test_where_everything_had_to_be_left_out_the_figure_says_so(tmp_path, monkeypatch, name):
    gone = dict.fromkeys(TABLES, lambda frame: frame.iloc[:0])
    shown, words = drawn(made(), name, tmp_path, monkeypatch, gone)
    assert words.startswith("No ") and " ".join(shown.texts[0][0].split()) == words


def test_without_a_ledger_there_is_no_figure_of_any():
    names = figure.drawings("dataset", made(without_ledgers=True).plan)
    assert not [name for name in names if name.startswith(("ledger", "order_origin"))]


def test_every_level_that_an_encoding_can_declare_has_words_of_its_own():
    found = []
    for step, levels in {**{name: get_args(kind) for name, kind in _CHOICES.items()}, "first": ("all", "100")}.items():
        found += [step_in_words(step, level) for level in levels if level not in ("bins", "levels")]
    found += [step_in_words("kept", level) for level in ("51 bins", "5 levels")]
    found += [step_in_words(*of) for of in product(("vocabulary",), ("file", "panel", "symbols", "v1_dictionaries"))]
    found += [step_in_words("scaling", level) for level in ("none", "v1_dictionaries")]
    assert all(found) and len(set(found)) == len(found) and "{" not in "".join(found)
    assert set(STEPS) == {*_CHOICES, "first", "vocabulary", "scaling"}


def test_steps_are_told_by_verdict_the_largest_first():
    rows = [(-0.1, WORSE), (0.1, BETTER), (-0.2, WORSE), (0.3, BETTER), (-0.5, NOT_IN_FAMILY)]
    found = told([dict(zip(("estimate", "verdict"), row, strict=True)) for row in rows], of=lambda row: row)
    assert [[row["estimate"] for row in of] for of in found] == [[-0.2, -0.1], [0.3, 0.1], [-0.5]]


def origin_of(study):
    rows = study.table(ORDER_ORIGIN, "one")
    return rows[(rows["seed"] == 0) & (rows["space"] == "e0")]


def test_shares_are_means_that_add_up_and_the_dot_is_the_median_cell(tmp_path, monkeypatch):
    study = made()
    shown, words = drawn(study, ORIGIN, tmp_path, monkeypatch)
    rows = origin_of(study)
    assert shown.n_panels == len(AMONG) + 1
    for panel, among in zip(shown.panels, AMONG, strict=False):
        cells = rows[rows["among"].isna() if among is None else rows["among"] == among]
        of_all = bars(panel)[:4]
        assert of_all[0].get_width() == pytest.approx(cells["by_medians"].mean())
        assert of_all[3].get_width() == pytest.approx(cells["by_counts"].mean())
        assert of_all[3].get_x() + of_all[3].get_width() == pytest.approx(1)
        line, dot, *_ = panel.lines
        assert dot.get_xdata()[0] == pytest.approx(cells["by_medians"].median())
        assert tuple(line.get_xdata()) == pytest.approx(cells["by_medians"].quantile([0.05, 0.95]))
    names = [label.get_text() for label in shown.panels[0].get_yticklabels()]
    assert names == ["all cells", "a", "b"] and len(bars(shown.panels[0])) == 4 * 3
    medians = rows[rows["among"].isna()]["by_medians"]
    assert f"All genes: equal counts, ordered by the medians alone {medians.median():.0%} (" in words
    assert words.startswith("A published encoding of cells 0, share of pairs") and "least in" in words


def dots(shown):
    (found,) = shown.panels[-1].collections
    return found


@pytest.mark.parametrize(
    ("types", "batches", "legend", "absent"),
    [
        (["a", "b"], 1, ["a", "b"], "lib0"),
        ([f"t{i}" for i in range(7)], 3, ["lib0", "lib1", "lib2"], None),
        ([f"t{i}" for i in range(7)], 9, [], "lib0"),
        (["W" * 60, "b"], 2, ["lib0", "lib1"], None),
        (["a"], 1, [], "lib0"),
    ],
)
def test_cells_are_coloured_by_type_or_batch_where_these_are_few(tmp_path, monkeypatch, types, batches, legend, absent):
    def change(frame):
        numbers = pd.factorize(frame["cell_id"])[0]
        return frame.assign(
            batch=[f"lib{number % batches}" for number in numbers],
            cell_type=[types[number % len(types)] for number in numbers],
        )

    study = made(types=types)
    shown, _ = drawn(study, ORIGIN, tmp_path, monkeypatch, {ORDER_ORIGIN: change})
    (entries,) = shown.figure.legends
    named = [text.get_text() for text in entries.get_texts()]
    assert named[4:] == legend and absent not in named
    assert len({tuple(colour) for colour in dots(shown).get_facecolors()}) == max(len(legend), 1)
    assert len(dots(shown).get_offsets()) == origin_of(study)["cell_id"].nunique()


def test_of_very_many_types_those_with_most_cells_have_a_row(tmp_path, monkeypatch):
    names = [f"type {i:02d}" for i in range(30)]
    frames = []

    def change(frame):
        few = frame.drop_duplicates(["seed", "space", "among"])
        more = [
            few.assign(cell_type=name, cell_id=f"{name} {i}") for name in names for i in range(1 + (name > "type 05"))
        ]
        frames.append(pd.concat(more, ignore_index=True))
        return frames[-1]

    shown, _ = drawn(made(), ORIGIN, tmp_path, monkeypatch, {ORDER_ORIGIN: change})
    labels = [label.get_text() for label in shown.panels[0].get_yticklabels()]
    assert labels == ["all cells", *names[6:]]
    assert "6 types with fewer cells have no row of their own." in texts(shown)


def test_only_orders_by_medians_have_a_figure_of_whose_they_are():
    names = figure.drawings("dataset", made().plan)
    assert [name for name in names if name.startswith("order_origin")] == [ORIGIN, "order_origin-e1"]
    plan = SimpleNamespace(**{**vars(made().plan), "orders_by_medians": []})
    assert not [name for name in figure.drawings("dataset", plan) if name.startswith("order_origin")]
