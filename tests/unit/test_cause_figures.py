"""The figures of causes: which curves, fields, bands and rows there are, and what is said of them."""

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from rankstudy.measures.causes.tables import AS_MEASURED, CONTROLS, DEPTH_DIFFERENCES, DEPTHS, TWINS
from rankstudy.measures.changes.tables import BLIND_BANDS, COUNTERFACTUALS, PLACES, UNSEEN_CHANGE
from rankstudy.report import figure
from tests.chromium.made_causes import causes
from tests.unit.drawing import drawn
from tests.unit.made_tables import Study

NAMES = [f"e{i}" for i in range(12)]
EMPTY = {
    "depth_curves": "No encoding was looked at by depth.",
    "encoding_depth": "No encoding was looked at by depth.",
    "blind_bands-1": "No encoding has a blind band that follows from its rule.",
    "displacement": "No gene was changed.",
    "unseen_change": "No change of one gene was looked at.",
}


def made(n=4, **other):
    return Study(["a", "b"], ["one"], NAMES[:n], controls=(), **other)


def texts(shown):
    return " ".join(" ".join(text for text, _ in shown.texts).split())


def title(place):
    return f"A published encoding of cells {place}"


@pytest.mark.parametrize("name", sorted(EMPTY))
def test_a_figure_of_nothing_says_so(name, tmp_path, monkeypatch):
    change = {table: lambda frame: frame.iloc[:0] for table in causes("one", ["a"], "a", ["x"])}
    shown, words = drawn(made(), name, tmp_path, monkeypatch, change)
    assert words == EMPTY[name] and words in texts(shown)


# -- depth curves ------------------------------------------------------------------------------------------------------


def curves(panel):
    """Return the curves of a panel, by their colours."""
    return {to_hex(line.get_color()): line for line in panel.lines}


def test_every_encoding_has_a_curve_over_the_shares_that_are_kept(tmp_path, monkeypatch):
    study = made()
    shown, _ = drawn(study, "depth_curves", tmp_path, monkeypatch)
    assert shown.n_panels == 7
    panel = shown.panels[0]
    assert len(panel.lines) == len(study.spaces) + len(CONTROLS) and panel.get_xscale() == "log"
    line = curves(panel)["#000000"]
    rows = study.table(DEPTHS, "one")
    rows = rows[(rows["space"] == "e3") & (rows["statistic"] == "AUROC") & (rows["seed"] == 0) & ~rows["centred"]]
    rows = rows[(rows["measure"] == "correlation") & rows["treatment"].isin([AS_MEASURED, "thinned"])]
    wanted = rows.sort_values("keep", ascending=False)["value"]
    assert line.get_ydata() == pytest.approx(wanted.to_numpy()) and list(line.get_xdata()) == [1, 0.5, 0.25, 0.1, 0.05]
    assert sum(line.get_ls() == "--" for line in panel.lines) == len(CONTROLS)


def test_marks_say_better_worse_or_open_at_each_depth(tmp_path, monkeypatch):
    below = -0.3, -0.1, -0.2
    ends = {1.0: (-1, 1, 0), 0.5: (0.1, 0.3, 0.2), **dict.fromkeys((0.4, 0.25, 0.1, 0.05), below)}

    def change(frame):
        of = pd.DataFrame(frame["keep"].map(ends).tolist(), frame.index, ["low", "high", "estimate"])
        return frame.assign(**of)

    shown, words = drawn(made(2), "depth_curves", tmp_path, monkeypatch, {DEPTH_DIFFERENCES: change})
    marks = {line.get_xdata()[0]: line for line in shown.panels[4].lines}
    assert [marks[keep].get_marker() for keep in (1.0, 0.5, 0.25)] == ["o", "^", "v"]
    assert marks[1.0].get_markerfacecolor() == "white" != marks[0.5].get_markerfacecolor()
    assert f"{title(0)}: 0.960 at 100%, 0.804 at 5%; open at the deep end, at 100%." in words


def test_of_many_encodings_those_of_the_study_have_colours_and_the_others_are_grey(tmp_path, monkeypatch):
    shown, _ = drawn(made(12), "depth_curves", tmp_path, monkeypatch)
    colours = [to_hex(line.get_color()) for line in shown.panels[0].lines]
    assert colours.count("#c4c4c4") == 4 and "other encodings" in texts(shown)
    shown, _ = drawn(made(3), "depth_curves", tmp_path, monkeypatch)
    assert "other encodings" not in texts(shown)


def test_an_encoding_alone_has_curves_and_no_marks(tmp_path, monkeypatch):
    shown, words = drawn(made(1), "depth_curves", tmp_path, monkeypatch)
    assert shown.n_panels == 4 and "open" not in words


# -- encoding by depth -------------------------------------------------------------------------------------------------


def test_fields_hold_the_numbers_with_marks_of_verdicts_and_twins_beside_them(tmp_path, monkeypatch):
    shown, words = drawn(made(), "encoding_depth", tmp_path, monkeypatch)
    left, right = shown.panels
    assert [label.get_text() for label in left.get_xticklabels()] == [
        "100",
        "50",
        "25",
        "10",
        "5",
        "one\ntotal",
        "same\nmean",
    ]
    fields = [text.get_text() for text in left.texts]
    # the first row: equal to the reference as measured, worse below
    assert fields[0].startswith(".9") and fields[4] == ".804▾" and len(fields) == (4 + len(CONTROLS)) * 7
    # controls have no reliability, and one of the encodings none at full depth: quarters do not predict its halves
    assert len(right.texts) == (4 + len(CONTROLS)) * 3 + 4 + 3
    assert f"the nearest is the twin most often by {title(0)} (97%), least by {title(3)} (76%)" in words
    assert words.endswith("twins bound nothing.")


def test_the_words_say_what_depth_mends(tmp_path, monkeypatch):
    _, words = drawn(made(), "encoding_depth", tmp_path, monkeypatch)
    assert words.startswith(f"Worse at a lower depth alone: {title(0)}; ")
    _, words = drawn(made(1), "encoding_depth", tmp_path, monkeypatch)
    assert words.startswith("Of the halves of cells")
    _, words = drawn(made(), "encoding_depth", tmp_path, monkeypatch, {TWINS: lambda frame: frame.iloc[:0]})
    assert "halves" not in words


# -- blind bands -------------------------------------------------------------------------------------------------------


def test_bands_lead_from_one_to_both_sides_and_end_in_arrows(tmp_path, monkeypatch):
    study = made(12)
    names = [name for name in figure.drawings("dataset", study.plan) if name.startswith("blind_bands")]
    assert names == ["blind_bands-1", "blind_bands-2"]
    shown, words = drawn(study, names[0], tmp_path, monkeypatch)
    # two of eight have no closed form
    assert shown.n_panels == 6 and f"{title(0)}: may fall to 24%, rise 4.2-fold" in words
    panel = shown.panels[0]
    assert [label.get_text() for label in panel.get_yticklabels()] == ["1", "2-10", "11-100", "101-1000", "from 1001"]
    rows = study.table(BLIND_BANDS, "one")
    row = rows[
        (rows["space"] == "e0") & (rows["position"] == "1") & rows["cell_type"].isna() & (rows["seed"] == 0)
    ].iloc[0]
    dots = [line for line in panel.lines if line.get_marker() == "o"]
    assert len(dots) == 2 * len(PLACES)
    assert [dots[0].get_xdata()[0], dots[1].get_xdata()[0]] == pytest.approx([row["fall_q50"], row["rise_q50"]])
    arrows = [line for line in panel.lines if line.get_marker() in "<>"]
    assert {arrow.get_xdata()[0] for arrow in arrows} == set(panel.get_xlim()) and len(arrows) == 3


def test_a_band_without_end_at_the_median_is_an_arrow_and_said_to_be(tmp_path, monkeypatch):
    shown, words = drawn(
        made(2), "blind_bands-1", tmp_path, monkeypatch, {BLIND_BANDS: lambda f: f.assign(rise_q50=None, rise_q95=None)}
    )
    assert ", rise without end" in words
    assert sum(line.get_marker() == ">" for line in shown.panels[0].lines) == len(PLACES)


# -- displacement ------------------------------------------------------------------------------------------------------


def test_blind_changes_and_displacement_stand_by_change_and_by_place(tmp_path, monkeypatch):
    study = made()
    shown, words = drawn(study, "displacement", tmp_path, monkeypatch)
    by_change, moved, by_place, _ = shown.panels
    assert [label.get_text() for label in moved.get_xticklabels()] == ["×0", "×0.5", "×2", "×5", "×10", "+1", "+3"]
    assert [label.get_text() for label in by_place.get_xticklabels()][-1] == "from 1001"
    rows = study.table(COUNTERFACTUALS, "one")
    rows = rows[rows["cell_type"].isna()]
    row = rows.query("space == 'e1' and change == 'x2' and position == 'all' and seed == 0").iloc[0]
    assert by_change.get_xticklabels()[0].get_text() == "not\nread" and by_change.texts[8].get_text() == "2"
    assert by_change.texts[8 + 1 + 2].get_text() == f"{100 * row['blind']:.0f}"
    assert moved.texts[7 + 2].get_text() == f"{row['displaced']:.1f}"
    assert f"{title(1)}: {row['blind']:.1%} unseen, {row['displaced']:.1f} others move" in words


# -- one cell ----------------------------------------------------------------------------------------------------------


def test_one_cell_has_its_gene_marked_and_those_that_do_not_see_it_stand_first(tmp_path, monkeypatch):
    shown, words = drawn(made(5), "unseen_change", tmp_path, monkeypatch)
    cell, table = shown.panels
    assert "INS: 40 to 80" in texts(shown) and len(cell.lines[0].get_xdata()) == 300
    rows = [text.get_text() for text in table.texts[2:]]
    names, seen, entries, others = rows[::4], rows[1::4], rows[2::4], rows[3::4]
    assert names[-1] == title(3) and seen == ["no", "no", "no", "no", "yes"]
    assert entries[-1] == "15 → 10" and entries[0] == "12" and entries[3] == "none"
    assert others[-1] == "31 of 900" and words.endswith(f"and seen by {title(3)}.")
    assert f"the count of INS rises from 40 to 80: not seen by {title(0)}; " in words


def test_where_all_see_it_nobody_is_said_not_to(tmp_path, monkeypatch):
    _, words = drawn(made(2), "unseen_change", tmp_path, monkeypatch, {UNSEEN_CHANGE: lambda f: f.assign(seen=True)})
    assert f": seen by {title(0)}; {title(1)}." in words
