"""Every figure has room for what it prints, found by its declaration: sixty types, nine data sets, twelve spaces."""

import re
from importlib import import_module
from xml.etree import ElementTree

import pytest

from rankstudy.report import figure
from rankstudy.report.figures.text import text_width, wrapped
from tests.unit.drawn_text import recorded_figures
from tests.unit.made_tables import Study

LONG = "CD4-positive, CD25-positive, alpha-beta regulatory T cell {:02}"
UNBROKEN = ["CD4-positive_CD25-positive_alpha-beta_regulatory_T_cell_of_$x_0", "W" * 60]
SPACES = [f"space-{i}" for i in range(12)]
STUDIES = {
    "large": Study(
        [LONG.format(i) for i in range(60)], [f"a_data_set_{'of_many_words_' * 4}{i}" for i in range(9)], SPACES
    ),
    "some": Study([LONG.format(i) for i in range(7)], ["one", "two"], SPACES[:5], without_curves=("two",)),
    "unbroken": Study(UNBROKEN, ["W" * 60], SPACES[:3]),
    "one": Study([LONG.format(0)], ["a"], SPACES[:1], controls=(), seeds=(0,)),
    "short": Study(["a", "b", "c"], ["a", "b", "c"], SPACES[:8], without_curves=("a", "b", "c")),
}
FIGURES = figure.modules()
MOST_PANELS = 8
DESCRIPTION = ".//{http://purl.org/dc/elements/1.1/}description"


@pytest.fixture(scope="module", params=STUDIES)
def study(request):
    return STUDIES[request.param]


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_overlaps_or_is_cut_off(name, study, tmp_path, monkeypatch):
    declared = import_module(FIGURES[name]).FIGURE
    for settings in declared.drawings(study.plan).values():
        drawing = figure.Drawing(FIGURES[name], declared.of(study.plan), settings)
        with recorded_figures(monkeypatch) as found:
            figure.draw(drawing.module, study.files(drawing, tmp_path), settings, paths=[str(tmp_path / "a.png")])
        (drawn,) = found
        assert len(drawn.texts) > 1
        assert drawn.overlapping() == [] and drawn.cut_off() == []
        assert drawn.covered_by_legends() == [] and drawn.holes() == []
        assert drawn.n_panels <= MOST_PANELS


@pytest.mark.parametrize("name", FIGURES)
def test_equal_tables_give_equal_bytes_and_the_file_says_what_it_shows(name, tmp_path):
    study, module = STUDIES["some"], import_module(FIGURES[name])
    for settings in module.FIGURE.drawings(study.plan).values():
        files = study.files(figure.Drawing(FIGURES[name], module.FIGURE.of(study.plan), settings), tmp_path)
        for part in ("a", "b"):
            paths = [str(tmp_path / f"{part}.{kind}") for kind in ("svg", "png")]
            figure.draw(FIGURES[name], files, settings, paths=paths)
        for kind in ("svg", "png"):
            assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()
        # without one, a figure of a plug-in says its title
        words = ElementTree.parse(tmp_path / "a.svg").findtext(DESCRIPTION)
        assert re.search(r"\d", words) and words != module.FIGURE.title


def test_of_many_joint_distributions_those_that_are_not_drawn_are_named(tmp_path, monkeypatch):
    large = STUDIES["large"]
    module = import_module(FIGURES["joint_distribution"])
    (settings,) = module.FIGURE.drawings(large.plan).values()
    files = large.files(figure.Drawing(FIGURES["joint_distribution"], module.FIGURE, settings), tmp_path)
    said = {}
    for n in (MOST_PANELS, len(settings["pairs"])):
        fewer = {**settings, "pairs": settings["pairs"][:n]}
        with recorded_figures(monkeypatch) as found:
            figure.draw(FIGURES["joint_distribution"], files, fewer, paths=[str(tmp_path / f"{n}.svg")])
        words = ElementTree.parse(tmp_path / f"{n}.svg").findtext(DESCRIPTION)
        assert found[0].n_panels == MOST_PANELS == words.count(" for Of few words 0 (")
        said[n] = " ".join(" ".join(text for text, _ in found[0].texts).split())
    assert "Not drawn here" not in said[MOST_PANELS]
    left_out = "Not drawn here: {0} 9, {0} 10 and {0} 11.".format("Of few words 0 by Of few words")
    assert left_out in said[len(settings["pairs"])]


@pytest.mark.parametrize("width", [20.0, 60.0, 500.0])
@pytest.mark.parametrize("text", ["", "one", LONG, "W" * 60, "$a b$ c"])
def test_wrapped_lines_fit_and_hold_every_character(text, width):
    lines = wrapped(text, width, 6.2)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(text_width(line, 6.2) <= width for line in lines)
