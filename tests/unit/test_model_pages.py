"""Each model that runs elsewhere has a page with the same sections, which names only what there is."""

import re

import pytest

from rankstudy.config import load_study
from tests.unit.helpers import ROOT

PAGES = sorted((ROOT / "docs" / "models").glob("*.md"))
SECTIONS = ["What it reads", "Code, weights, licences", "The way there", "Traps", "The way back"]


def test_the_index_links_every_page():
    linked = re.findall(r"\(models/(\w+\.md)\)", (ROOT / "docs" / "models.md").read_text())
    assert sorted(linked) == [page.name for page in PAGES] and len(PAGES) == 7


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_its_sections_and_names_what_there_is(page, monkeypatch, tmp_path):
    text = page.read_text()
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == SECTIONS
    for path in re.findall(r"`(config/[\w/]+\.yaml)`", text):
        assert (ROOT / path).exists(), path
    monkeypatch.chdir(tmp_path)
    study = load_study({"datasets": ["baron_pancreas"]}, [], ROOT)
    for name in re.findall(r'(?:obsm|obs)\[\\?"([a-z0-9]+-[\w-]+)\\?"\]', text):
        assert name in study.catalogue.spaces, name
    code = re.search(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[1]
    compile(code, page.name, "exec")
