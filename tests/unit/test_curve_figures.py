"""The figures of specification curves: what is drawn solid and hollow, in which order, and the counts in words."""

import pytest
from matplotlib.collections import LineCollection

from rankstudy.measures.settings.tables import CURVES, SPECIFICATIONS, TABLES
from rankstudy.measures.verdict import BETTER, WORSE
from rankstudy.report import figure
from rankstudy.report.figures.style import VERDICT_COLOURS
from tests.unit.drawing import drawn
from tests.unit.made_tables import Study

MODULES = figure.modules()
NAMES = [f"e{i}" for i in range(6)]
TITLES = [f"A published encoding of cells {i}" for i in range(6)]


def made(n=6, datasets=("one", "two"), **other):
    return Study(["a", "b"], list(datasets), NAMES[: n - 1] + NAMES[-1:], controls=(), **other)


def marks(axes):
    """Return how many marks are solid, and how many are hollow."""
    lines = [line for line in axes.lines if line.get_marker() == "o"]
    solid = [line for line in lines if line.get_markerfacecolor() != "white"]
    return [sum(len(line.get_xdata()) for line in of) for of in (solid, [line for line in lines if line not in solid])]


def test_at_most_four_pairs_share_a_figure(tmp_path, monkeypatch):
    names = list(figure.drawings("dataset", made().plan))
    assert [name for name in names if name.startswith("specification_curve")] == [
        "specification_curve-1",
        "specification_curve-2",
    ]
    for part, panels in (("1", 8), ("2", 2)):
        shown, words = drawn(made(), f"specification_curve-{part}", tmp_path, monkeypatch)
        assert shown.n_panels == panels and words.count("As declared:") == panels / 2
    assert words.startswith(f"{TITLES[4]} less {TITLES[5]}: better in ")


def test_solid_is_what_has_a_claim_and_a_verdict_and_the_smallest_difference_comes_first(tmp_path, monkeypatch):
    study = made(3)
    curve = study.table(SPECIFICATIONS, "one")
    shown, _ = drawn(study, "specification_curve-1", tmp_path, monkeypatch)
    for axes, name in zip(shown.panels[:2], study.spaces[:2], strict=True):
        rows = curve[(curve["space"] == name) & (curve["statistic"] != "batch-driven neighbours")]
        solid = rows["claim"] & rows["verdict"].isin([BETTER, WORSE])
        assert marks(axes) == [solid.sum(), (~solid).sum()]
        points = sorted((x, y) for line in axes.lines if line.get_marker() == "o" for x, y in line.get_xydata())
        assert [y for _, y in points] == sorted(rows["estimate"])
        intervals = [path for of in axes.collections if isinstance(of, LineCollection) for path in of.get_paths()]
        assert len(intervals) == len(rows)
        blue = [line for line in axes.lines if line.get_markerfacecolor() == VERDICT_COLOURS[BETTER]]
        assert sum(len(line.get_xdata()) for line in blue) == (solid & (rows["verdict"] == BETTER)).sum()
        assert len(axes.patches) == 3  # the declared setting, of each statistic
        assert any(set(line.get_ydata()) == {0} for line in axes.lines)


def test_a_row_of_marks_says_what_each_setting_is(tmp_path, monkeypatch):
    study = made(2)
    shown, _ = drawn(study, "specification_curve-1", tmp_path, monkeypatch)
    _, below = shown.panels
    labels = [label.get_text() for label in below.get_yticklabels()]
    assert (
        labels[3:8] == ["correlation", "cosine", "Euclidean distance", "not centred", "centred"] and len(labels) == 12
    )
    per_row = dict.fromkeys(labels, 0)
    for line in below.lines:
        for _, y in line.get_xydata():
            per_row[labels[list(below.get_yticks()).index(y)]] += 1
    assert per_row["correlation"] == 24 and per_row["centred"] == per_row["one total"] == 36


def test_values_that_no_setting_has_get_no_row(tmp_path, monkeypatch):
    def change(frame):
        return frame[frame["depth"] == "as measured"]

    shown, _ = drawn(made(2), "specification_curve-1", tmp_path, monkeypatch, {SPECIFICATIONS: change})
    assert "one total" not in [text for text, _ in shown.texts] and len(shown.panels[1].get_yticks()) == 11


def test_the_counts_of_the_tables_are_said_and_written(tmp_path, monkeypatch):
    study = made(2)
    counts = study.table(CURVES, "one")
    row = next(counts[counts["statistic"].isna()].itertuples())
    shown, words = drawn(study, "specification_curve-1", tmp_path, monkeypatch)
    assert words.startswith(
        f"{TITLES[0]} less {TITLES[5].replace('5', '1')}: better in {row.better}, worse in {row.worse} and neither in "
        f"{row.open} of {row.settings} settings (truly better in {row.least} to {row.most}, at 95%), differences from "
    )
    assert "As declared: all pairs (AUROC) +0." in words
    texts = " ".join(" ".join(text for text, _ in shown.texts).split())
    assert f"better {row.better}, worse {row.worse}, open {row.open}" in texts


@pytest.mark.parametrize(("name", "level"), [("specification_curve-1", "dataset"), ("settings_overview", "study")])
def test_where_every_pair_had_to_be_left_out_the_figure_says_so(tmp_path, monkeypatch, name, level):
    gone = dict.fromkeys(TABLES, lambda frame: frame.iloc[:0])
    shown, words = drawn(made(2), name, tmp_path, monkeypatch, gone, level)
    assert "curve" in words and "No " in shown.texts[0][0]


def test_a_pair_that_was_left_out_leaves_no_hole(tmp_path, monkeypatch):
    gone = {CURVES: lambda frame: frame[frame["space"] != "e1"]}
    shown, words = drawn(made(5), "specification_curve-1", tmp_path, monkeypatch, gone)
    assert shown.n_panels == 6 and shown.holes() == [] and TITLES[1] not in words
    shown, words = drawn(made(5), "settings_overview", tmp_path, monkeypatch, gone, "study")
    assert len(shown.panels[0].get_yticks()) == 3 and TITLES[1] not in words


def test_without_a_pair_there_is_no_figure_of_curves():
    plan = made(2, without_curves=("one", "two")).plan
    plan.curves = []
    assert not any(name.startswith("specification_curve") for name in figure.drawings("dataset", plan))
    assert "settings_overview" not in figure.drawings("study", plan)


def test_the_overview_counts_every_pair_of_every_data_set_that_has_curves(tmp_path, monkeypatch):
    study = made(3, without_curves=("two",))
    assert figure.drawings("study", study.plan)["settings_overview"].files(["one", "two"], 0) == {
        "curves": ["results/one/tables/curves.parquet"]
    }
    shown, words = drawn(study, "settings_overview", tmp_path, monkeypatch, level="study")
    counts = study.table(CURVES, "one")
    rows = list(counts[counts["statistic"].isna()].itertuples())
    said = [f"What is called one in a few more words {r.better}, {r.open} and {r.worse} of {r.settings}." for r in rows]
    assert all(part in words for part in said) and "two" not in words
    widths = [patch.get_width() for patch in shown.panels[0].patches]
    assert widths[0] / sum(widths[:3]) == pytest.approx(rows[0].better / rows[0].settings)


def test_many_data_sets_are_called_by_their_names_and_what_is_compared_with_another_one_by_both(tmp_path, monkeypatch):
    study = made(3, datasets=("a", "b", "c", "d"))
    plan = study.plan
    for dataset in plan.datasets.values():
        dataset.curves = [*study.curves, ("e1", "e0")]
    with monkeypatch.context() as patch:
        patch.setattr(Study, "plan", plan)
        patch.setattr(Study, "curves", [*study.curves, ("e1", "e0")])
        shown, words = drawn(study, "settings_overview", tmp_path, monkeypatch, level="study")
    texts = [text.replace("\n", " ") for text, _ in shown.texts]
    assert {"a", "b", "c", "d", f"{TITLES[1]} less {TITLES[0]}"} <= set(texts) and f"{TITLES[1]} less" in words
    assert "Compared with A published encoding of cells 2, unless another one is named." in texts
