"""Published rows stand beside ours, are marked as quoted, and say what must be known of them."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from rankstudy.report.article import published
from rankstudy.report.article.published import PublishedRow, PublishedRows, published_rows
from tests.chromium.article_inputs import Inputs
from tests.unit.article_pages import check_numbers, loose_digits, words_of

HEADING = "Published rows beside ours"


def test_published_and_own_rows_stand_in_one_table(tmp_path):
    page = Inputs(tmp_path, controls=["shuffled"]).build()
    words = words_of(page)
    section = words[(start := words.index(HEADING)) : words.index("Each number is a value", start)]
    assert "This study: Made up: first" in section and "This study: Made up: second" in section
    for source in published_rows():
        assert source.caveat.split(".")[0] in section and all(row.method in section for row in source.rows)
    assert "log-normalised" in section and "0.146" in section and "0.496" in section
    assert check_numbers(page, tmp_path) > 150
    assert loose_digits(page) == []


def test_without_the_field_metrics_there_is_nothing_to_set_beside_them(tmp_path):
    inputs = Inputs(tmp_path)
    for name in inputs.about["datasets"]:
        del inputs.tables[name]["integration_metrics"], inputs.tables[name]["geometry"]
    words = words_of(inputs.build())
    assert (
        HEADING not in words
        and "The field’s metrics" not in words
        and "scib-metrics" not in words.split("All settings")[0]
    )


def test_the_average_is_that_which_the_authors_print():
    found = {row.method: row.avg_bio for source in published_rows() for row in source.rows}
    assert found["Geneformer (6 layers)"] == pytest.approx(0.146, abs=5e-4)
    assert found["scGPT (human)"] == pytest.approx(0.496, abs=5e-4)


@pytest.mark.parametrize("change", [{"nmi": 1.2}, {"ari": -0.1}, {"kbeta": 0.5}])
def test_what_is_no_share_or_no_known_metric_is_refused(change):
    row = published_rows()[0].rows[0].model_dump()
    with pytest.raises(ValidationError):
        PublishedRow.model_validate({**row, **change})


def test_each_source_is_in_the_references():
    references = yaml.safe_load((Path(published.__file__).parent / "references.yaml").read_text())
    assert all(references[group][key]["doi"] for group, key in (source.reference for source in published_rows()))


def test_a_source_without_rows_is_refused():
    with pytest.raises(ValidationError):
        PublishedRows(reference=("metrics_methods", "scib"), what="", caveat="", rows=[])
