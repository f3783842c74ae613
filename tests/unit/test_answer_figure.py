"""The figure of the first screen: which comparisons it shows, of how many data sets, and what it says of them."""

from importlib import import_module
from types import SimpleNamespace

import pandas as pd
import pytest

from rankstudy.config.settings_model import Settings
from rankstudy.measures.settings.tables import CENTRED, SPECIFICATIONS
from rankstudy.measures.uncertainty.tables import ACROSS, AUROC, DIFFERENCES, OWN_TYPE
from rankstudy.measures.verdict import BETTER, WORSE
from rankstudy.report import figure
from rankstudy.report.tables import ANSWERED, VARIES
from tests.unit.drawn_text import recorded_figures
from tests.unit.made_tables import Study

ANSWER = import_module(figure.modules()["answer"])
MANY = ["d0", "d1", "d2", "d3"]


def drawn(datasets, tmp_path, monkeypatch, change=lambda frame: frame, *, curved=(), of=DIFFERENCES, **settings):
    """Draw the figure of a made-up study after a change to a table; return texts and words."""
    without = tuple(name for name in datasets if name not in curved)
    study = Study(["a", "b"], datasets, ["one", "other"], controls=(), without_curves=without)
    found = {}
    for drawing in figure.drawings("study", study.plan).values():
        if drawing.module.endswith(".answer"):
            found = drawing._replace(settings={**drawing.settings, **settings})
    files = study.files(found, tmp_path)
    assert len(files.get("differences", [])) == len(without) and len(files.get("specifications", [])) == len(curved)
    for path in files[of.name]:
        of.write(change(of.read(path)), path)
    with recorded_figures(monkeypatch) as shown:
        figure.draw(found.module, files, found.settings, paths=[str(tmp_path / "a.svg")])
    frames = {name: found.figure.reads[name].read_all(paths) for name, paths in files.items()}
    return shown[0], ANSWER.finding(**frames, **found.settings)


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
    plan = SimpleNamespace(main_space="a", catalogue=catalogue, model=SimpleNamespace(title="T"), curves=[])
    plan.spaces = list(roles)
    for references, against in ((["b", "c"], "c"), (["b"], "b")):
        plan.references = references
        of_study = SimpleNamespace(datasets={"d": plan}, study=SimpleNamespace(seeds=[3], settings=Settings()))
        assert ANSWER.FIGURE.drawings(of_study)[""]["pairs"] == {"d": ["a", against]}


def said_of(**setting):
    """Return what is said of the AUROC in a setting, by default the declared one."""
    setting = {"statistic": AUROC, **Settings().declared.model_dump(exclude={"reason"}), **setting}
    curve = Study([], [], ["one", "other"]).table(SPECIFICATIONS, "d")
    (row,) = curve[(curve[list(setting)] == pd.Series(setting)).all(axis=1)].itertuples()
    return f"{ANSWERED[AUROC]} {row.estimate:+.3f} ({row.verdict})"


def test_a_pair_with_a_curve_is_answered_in_the_declared_setting(tmp_path, monkeypatch):
    _, words = drawn(MANY[:2], tmp_path, monkeypatch, curved=MANY[:2], of=SPECIFICATIONS)
    assert words.startswith("Of few words 0 less Of few words 1.")
    assert words.count(said_of()) == 2 and BETTER in said_of()
    declared = {**Settings().declared.model_dump(exclude={"reason"}), CENTRED: True}
    _, words = drawn(MANY[:2], tmp_path, monkeypatch, curved=MANY[:2], of=SPECIFICATIONS, declared=declared)
    assert words.count(said_of(centred=True)) == 2 and WORSE in said_of(centred=True)


def test_what_a_data_set_lacks_of_the_declared_setting_is_what_there_is(tmp_path, monkeypatch):
    def change(frame):
        return frame[frame[CENTRED]]

    _, words = drawn(MANY[:1], tmp_path, monkeypatch, change, curved=MANY[:1], of=SPECIFICATIONS)
    assert said_of(centred=True) in words


def test_data_sets_with_and_without_curves_stand_in_one_figure(tmp_path, monkeypatch):
    shown, words = drawn(MANY[:2], tmp_path, monkeypatch, curved=MANY[:1])
    assert shown.n_panels == 2 and words.count(said_of()) == 1


def test_the_pair_is_the_first_one_of_the_main_space_with_a_space():
    catalogue = SimpleNamespace(spaces={name: SimpleNamespace(role="encoding") for name in "abc"})
    plan = SimpleNamespace(main_space="a", spaces=["a", "b"], references=["c"], catalogue=catalogue)
    plan.model = SimpleNamespace(title="T")
    for curves, pair in (([("b", "a")], ["a", "c"]), ([("b", "a"), ("a", "x"), ("a", "b")], ["a", "b"])):
        plan.curves = curves
        of_study = SimpleNamespace(datasets={"d": plan}, study=SimpleNamespace(seeds=[3], settings=Settings()))
        assert ANSWER.FIGURE.drawings(of_study)[""]["pairs"] == {"d": pair}
