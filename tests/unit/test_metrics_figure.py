"""The figure of the field's metrics: from its tables alone, the same bytes again, every value in its field."""

import re
from xml.etree import ElementTree

import matplotlib as mpl
import pandas as pd
import pytest

from rankstudy.measures.field.geometry import R_NX_SIZES
from rankstudy.measures.field.metrics import INTEGRATION, METRICS, TYPES_APART, Metric
from rankstudy.measures.field.tables import GEOMETRY, INTEGRATION_METRICS, MEASURED, METRIC_VALUES
from rankstudy.measures.tables import ONE_BATCH
from rankstudy.report.figure import draw
from rankstudy.report.figures.metrics import columns, mean_values
from tests.unit.drawing import spaces_table
from tests.unit.drawn_text import recorded_figures

SPACES = {"rank": ("Ranks $x", "encoding"), "one-hot": ("One-hot", "control")}


def write_tables(folder, *, several_batches=True):
    """Write both tables for two seeds, the values of the second ones a tenth higher."""
    integration, geometry = [], []
    for seed in (0, 1):
        for s, space in enumerate(SPACES):
            keys = {"dataset": "toy", "seed": seed, "space": space, "n_cells": 9}
            for metric, declared in INTEGRATION.items():
                there = several_batches or declared.larger.word == "types"
                value = {"value": 0.2 + 0.1 * seed + 0.3 * s if there else None, "k": 15}
                reason = MEASURED if there else ONE_BATCH
                integration.append(
                    {**keys, "metric": metric, "direction": declared.larger.word, "reason": reason, **value}
                )
            probes = [("r_nx", k, -0.001) for k in R_NX_SIZES] + [
                ("participation_ratio", 0, 43.0),
                ("eta_squared_type", 0, 0.77),
            ]
            for metric, k, value in probes:
                geometry.append(
                    {**keys, "metric": metric, "k": k, "value": value, "direction": "x", "reason": MEASURED}
                )
    paths = str(folder / "integration.parquet"), str(folder / "geometry.parquet")
    INTEGRATION_METRICS.write(pd.DataFrame(integration).astype({"k": "Int64"}), paths[0])
    GEOMETRY.write(pd.DataFrame(geometry), paths[1])
    return paths


def drawn(tables, path, spaces=SPACES, metrics=METRICS):
    about = {name: {"title": title, "role": role} for name, (title, role) in spaces.items()}
    names = ("integration_metrics", "geometry", "metrics")
    files = dict(zip(names if len(tables) > 1 else names[-1:], tables, strict=False))
    files["spaces"] = spaces_table(path.parent, about)
    read = {name: [file] for name, file in files.items()}
    draw("rankstudy.report.figures.metrics", read, {"shown": columns(metrics)}, paths=[str(path)])
    return path.read_bytes()


def test_it_is_drawn_from_its_tables_and_the_same_again(tmp_path):
    tables = write_tables(tmp_path)
    first = drawn(tables, tmp_path / "a.svg")
    assert first.startswith(b"<?xml") and drawn(tables, tmp_path / "b.svg") == first


def test_values_are_means_over_the_seeds(tmp_path):
    integration, geometry = write_tables(tmp_path)
    found = mean_values(INTEGRATION_METRICS.read(integration), {"metric": "kbet"})
    assert found == {"rank": pytest.approx(0.25), "one-hot": pytest.approx(0.55)}
    assert mean_values(GEOMETRY.read(geometry), {"metric": "r_nx", "k": 30}) == dict.fromkeys(SPACES, -0.001)


def test_what_is_not_defined_is_a_dash_and_a_study_without_controls_can_be_drawn(tmp_path, monkeypatch):
    monkeypatch.setitem(mpl.rcParams, "svg.fonttype", "none")
    monkeypatch.setattr("rankstudy.report.figures.style.RC", {"svg.fonttype": "none"})
    tables = write_tables(tmp_path, several_batches=False)
    text = drawn(tables, tmp_path / "a.svg", {"rank": SPACES["rank"]}).decode()
    # three metrics of batches and the effect of the batch, which the tables lack
    assert text.count(">–<") == 4
    assert text.count(">0.25<") == 6 and ">43<" in text and "-0.00" not in text and ">0.00<" in text
    assert "Ranks" in text and "One-hot" not in text


def test_it_says_where_each_metric_is_largest_but_for_controls(tmp_path):
    def words(**changes):
        drawn(tables, tmp_path / "a.svg", **changes)
        return ElementTree.parse(tmp_path / "a.svg").findtext(".//{http://purl.org/dc/elements/1.1/}description")

    tables = write_tables(tmp_path, several_batches=False)
    said = words()
    assert said.startswith("Largest, by what a larger value means: types kept apart: cLISI Space (0.25), ")
    assert "batches mixed: iLISI not defined, kBET not defined and ASW batch not defined; " in said
    assert "partial η² type Space (0.77)" in said and "-0.00" not in said and said.endswith(".")
    both = {"rank": SPACES["rank"], "one-hot": ("One-hot", "encoding")}
    assert "cLISI Space (0.55)" in words(spaces=both) and "cLISI Space (0.25)" in words(spaces={"rank": SPACES["rank"]})
    assert "cLISI Space (0.55)" in words(spaces={"one-hot": SPACES["one-hot"]})


@pytest.mark.parametrize("beside", [METRICS, {}], ids=["beside those of the package", "alone"])
def test_metrics_of_plugins_have_room_and_no_mathematics(tmp_path, monkeypatch, beside):
    """One with a long heading, and a value for many sizes."""
    sizes = tuple(range(5, 40, 5))
    own = Metric(
        heading="share of $own$ <neighbours>", larger=TYPES_APART, meaning="m", sizes=sizes, limits=(-1, 1),
        function="mine.py:mine",
    )  # fmt: skip
    keys = {"dataset": "toy", "seed": 0, "metric": "mine", "n_cells": 9, "direction": "types", "reason": MEASURED}
    rows = [{**keys, "space": space, "k": k, "value": -0.123} for space in SPACES for k in sizes]
    path = str(tmp_path / "metrics.parquet")
    METRIC_VALUES.write(pd.DataFrame(rows)[METRIC_VALUES.names], path)
    tables = (*(write_tables(tmp_path) if beside else ()), path)
    with recorded_figures(monkeypatch) as found:
        drawn(tables, tmp_path / "a.svg", metrics={**beside, "mine": own})
    texts = [text for text, _ in found[0].texts]
    assert texts.count("-0.12") == len(SPACES) * len(sizes) and r"share of \$own\$ <neighbours>, k = 35" in texts
    values = [pair for pair in found[0].overlapping() if all(re.fullmatch(r"-?[\d.]+", text) for text in pair)]
    assert values == [] and found[0].cut_off() == []
