"""The figure of the first screen: which comparisons it shows, of how many data sets, and what it says of them."""

from importlib import import_module
from types import SimpleNamespace

import pytest

from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, DIFFERENCES, OWN_TYPE
from rankstudy.measures.verdict import BETTER, WORSE
from rankstudy.report import figure
from rankstudy.report.tables import ANSWERED, VARIES
from rankstudy.spaces.tables import SPACES_TABLE
from tests.unit.drawn_text import recorded_figures
from tests.unit.made_tables import Study

ANSWER = import_module(figure.modules()["answer"])
MANY = ["d0", "d1", "d2", "d3"]


def drawn(datasets, tmp_path, monkeypatch, change=lambda frame: frame):
    """Draw the figure of a made-up study after a change to its differences; return texts and words."""
    study = Study(["a", "b"], datasets, ["one", "other"], controls=())
    (settings,) = ANSWER.FIGURE.drawings(study.plan).values()
    drawing = figure.Drawing(figure.modules()["answer"], ANSWER.FIGURE.of(study.plan), settings)
    files = study.files(drawing, tmp_path)
    for path in files["differences"]:
        DIFFERENCES.write(change(DIFFERENCES.read(path)), path)
    with recorded_figures(monkeypatch) as found:
        figure.draw(drawing.module, files, settings, paths=[str(tmp_path / "a.svg")])
    frames = {
        "differences": DIFFERENCES.read_all(files["differences"]),
        "spaces": SPACES_TABLE.read_all(files["spaces"]),
    }
    return found[0], ANSWER.finding(**frames, **settings)


def verdict(frame, word, **where):
    here = (frame[list(where)] == list(where.values())).all(axis=1)
    return frame.assign(verdict=frame["verdict"].mask(here, word))


def test_few_data_sets_have_a_panel_each_with_every_statistic(tmp_path, monkeypatch):
    shown, words = drawn(MANY[:2], tmp_path, monkeypatch)
    texts = [text.replace("\n", " ") for text, _ in shown.texts]
    assert shown.n_panels == 2 and all(texts.count(name) == 2 for name in ANSWERED.values())
    titles = [f"What is called {name} in a few more words" for name in MANY[:2]]
    assert all(title in texts and f"{title}: All pairs of cells" in words for title in titles)


def test_many_data_sets_have_a_row_each_for_the_first_statistic(tmp_path, monkeypatch):
    shown, words = drawn(MANY, tmp_path, monkeypatch)
    texts = [text for text, _ in shown.texts]
    assert shown.n_panels == 1 and set(MANY) < set(texts) and texts.count(ANSWERED[AUROC]) == 1
    assert ANSWERED[OWN_TYPE] not in words and ANSWERED[ACROSS] not in words


@pytest.mark.parametrize(("changed", "said"), [((0, 1), BETTER), ((0,), VARIES), ((1,), VARIES)])
def test_a_verdict_is_that_of_every_seed(tmp_path, monkeypatch, changed, said):
    def change(frame):
        for seed in (0, 1):
            frame = verdict(frame, BETTER if seed in changed else WORSE, statistic=AUROC, seed=seed)
        return frame

    shown, words = drawn(MANY, tmp_path, monkeypatch, change)
    assert words.count(f"({said})") == len(MANY)
    legend = "better" if said == BETTER else "neither better nor worse"
    assert legend in [text for text, _ in shown.texts]


def test_it_says_the_numbers_of_the_first_seed_and_what_is_compared_by_the_same_metric(tmp_path, monkeypatch):
    def change(frame):
        return frame.assign(estimate=frame["estimate"].where(frame["seed"] != 0, -0.0123), against="other")

    _, words = drawn(MANY, tmp_path, monkeypatch, change)
    assert words.startswith("Of few words 0 less Of few words 1. All pairs of cells: d0 -0.012 (")


def test_a_study_in_which_nothing_is_compared_says_so(tmp_path, monkeypatch):
    shown, words = drawn(MANY, tmp_path, monkeypatch, lambda frame: frame[frame["space"] == "nothing"])
    assert "that it is compared with" in words and "compared with" in shown.texts[0][0].replace("\n", " ")


def test_a_baseline_is_what_it_is_compared_with_whatever_comes_first():
    roles = {"a": "encoding", "b": "model", "c": "baseline"}
    catalogue = SimpleNamespace(spaces={name: SimpleNamespace(role=role) for name, role in roles.items()})
    plan = SimpleNamespace(main_space="a", catalogue=catalogue, model=SimpleNamespace(title="T"))
    for references, against in ((["b", "c"], "c"), (["b"], "b")):
        plan.references = references
        of_study = SimpleNamespace(datasets={"d": plan}, study=SimpleNamespace(seeds=[3]))
        assert ANSWER.FIGURE.drawings(of_study)[""]["pairs"] == {"d": ["a", against]}
