"""Generated documentation says what the code says."""

import pytest

from rankstudy.report.docs import all_tables, generated
from tests.unit.helpers import ROOT


@pytest.mark.parametrize("path", generated(), ids=str)
def test_the_file_is_what_the_code_generates(path):
    assert (ROOT / path).read_text() == generated()[path], "run `make schemas`"


def test_tables_of_all_stages_are_known():
    names = {table.name for table in all_tables()}
    assert {"cells", "cell_types", "selection", "selection_report", "genes", "analysed_cells", "sparsity"} <= names
    assert {"pair_summaries", "effect_sizes", "outlier_types", "outlier_cells", "joint_distribution"} <= names
