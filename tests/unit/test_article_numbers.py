"""Numbers of the article: how they are looked up and written, and its references."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from rankstudy.core.errors import StudyError
from rankstudy.report.article import build
from rankstudy.report.article.build import by_dataset
from rankstudy.report.article.numbers import Numbers, formatted
from rankstudy.spaces.registry import SPACES
from tests.chromium.article_inputs import Inputs
from tests.unit.article_pages import Page


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        (20125, {}, "20,125"),
        (0.963556, {}, "0.964"),
        (15.1743, {}, "15.2"),
        (1777040.0, {}, "1,780,000"),
        (8976.0, {"digits": 4}, "8,976"),
        (-0.0123, {}, "−0.0123"),
        (0.0, {}, "0"),
        (8.33798e-05, {"digits": 2}, "8.3 × 10<sup>−5</sup>"),
        (0.92444, {"style": "percent"}, "92.4%"),
        (0.99999, {"style": "probability"}, "&gt; 0.999"),
        (0.0002, {"style": "probability"}, "&lt; 0.001"),
        (-0.0002, {"style": "probability"}, "&gt; −0.001"),
        (1.0, {"style": "probability"}, "1.000"),
        ("a<b", {"style": "text"}, "a&lt;b"),
    ],
)
def test_formatted(value, options, text):
    assert formatted(value, **options) == text


def test_a_value_must_match_exactly_one_row(tmp_path):
    numbers = Numbers(Inputs(tmp_path).tables)
    with pytest.raises(StudyError, match=r"6 rows instead of one for .*pair_summaries.parquet: n where space=rank"):
        numbers.value("first", "pair_summaries", "n", space="rank")
    with pytest.raises(StudyError, match="there is no column 'medain'"):
        numbers.value("first", "pair_summaries", "medain", space="rank")
    with pytest.raises(StudyError, match="there is no table 'pairs' of 'first'"):
        numbers.value("first", "pairs", "n")
    with pytest.raises(StudyError, match="the value is empty"):
        numbers.value("first", "effect_sizes", "cell_type", space="rank", seed=0, cell_type=None)


def test_paths_are_grouped_by_their_folder():
    paths = ["results/tables/tables/effect_sizes.parquet", "results/b/tables/effect_sizes.parquet"]
    assert by_dataset(paths, 2) == {"tables": {"effect_sizes": paths[0]}, "b": {"effect_sizes": paths[1]}}


def test_whole_numbers_stay_whole_beside_empty_values(tmp_path):
    numbers = Numbers(Inputs(tmp_path, spaces=["rank", "trained-here"]).tables)
    found = numbers.value("first", "spaces", "trained_on", space="trained-here")
    assert found.text == "1,580" and isinstance(found.raw, int)
    assert numbers.rows("first", "spaces", "space", trained_on=1580) == [{"space": "trained-here"}]
    assert numbers.rows("first", "spaces", "trained_on", space="rank") == [{"trained_on": None}]


def test_a_condition_may_be_on_a_column_of_any_name(tmp_path):
    numbers = Numbers(Inputs(tmp_path, spaces=["rank", "trained-here"]).tables)
    assert numbers.derived("count", "", "training_cells", "cell_id", dataset="first", role="training").raw == 3


def test_references_are_complete():
    references = yaml.safe_load(Path(build.__file__).with_name("references.yaml").read_text())
    software = {
        "snakemake",
        "scanpy",
        "anndata",
        "umap-learn",
        "harmonypy",
        "numba",
        "numpy",
        "scipy",
        "scikit-learn",
        "pandas",
        "matplotlib",
    }
    assert set(references["software"]) == software
    assert set(references["model_software"]) == {"torch", "transformers", "safetensors"}
    assert all(set(entry) == {"name", "text", "doi"} for group in references.values() for entry in group.values())


def test_constants_and_references_of_a_space_stand_where_its_methods_name_them(tmp_path, monkeypatch):
    def methods_page(folder):
        text = (Inputs(tmp_path / folder, spaces=["rank"], datasets=["first"]).build() / "methods.html").read_text()
        return Page(text), text

    _, without = methods_page("without")
    words = "The first {rank.first} genes ([tgpt], [cell2sentence])."
    monkeypatch.setitem(SPACES, "rank", replace(SPACES["rank"], methods=words, constants={"first": 4094}))
    page, text = methods_page("with")
    assert 'id="ref-tgpt"' in text and 'id="ref-scgpt"' not in text and 'id="ref-tgpt"' not in without
    assert {attributes.get("href") for _, attributes in page.elements} >= {
        "methods.html#ref-tgpt",
        "methods.html#ref-cell2sentence",
    }
    assert ("4,094", True) in {(t, "data" in [tag for tag, _ in around]) for t, around in page.texts}
