"""Generated documentation says what the code says."""

import re

import numpy as np
import pytest
import scipy.sparse as sp

from rankstudy.core.modules import resolve
from rankstudy.report.docs import all_tables, generated
from rankstudy.spaces.catalogue import catalogue
from tests.unit.helpers import ROOT, toy_counts


@pytest.mark.parametrize("path", generated(), ids=str)
def test_the_file_is_what_the_code_generates(path):
    assert (ROOT / path).read_text() == generated()[path], "run `make schemas`"


def test_tables_of_all_stages_are_known():
    names = {table.name for table in all_tables()}
    assert {"cells", "cell_types", "selection", "selection_report", "genes", "analysed_cells", "sparsity"} <= names
    assert {"pair_summaries", "effect_sizes", "outlier_types", "outlier_cells", "joint_distribution"} <= names


PAGES = [
    ROOT / "README.md",
    *sorted(ROOT.glob("docs/*.md")),
    *(ROOT / f"{f}/README.md" for f in ("config", "benchmarks")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings_that_are_there(page):
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text()):
        path, _, heading = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not heading or heading in headings_of(target.read_text()), link


def headings_of(text):
    """Return the names under which a page's headings are linked to."""
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_the_encoding_of_the_page_on_extending_is_one(tmp_path):
    page = (ROOT / "docs/extending.md").read_text()
    path = tmp_path / "square_root.py"
    path.write_text(re.search(r"```python\n# square_root.py\n(.*?)```", page, re.DOTALL)[1])
    spec = catalogue([str(path)], {}).spaces["square-root"]
    counts = sp.csr_matrix(toy_counts(4, 6))
    vectors = resolve(spec.function)(counts, counts.sum(axis=1))
    np.testing.assert_allclose(vectors.toarray() ** 2, counts.toarray(), rtol=1e-6)
    assert spec.is_encoding
