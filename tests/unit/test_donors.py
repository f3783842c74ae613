"""The table of donors: checked against the cells, one row per donor and property."""

import pandas as pd
import pytest

from rankstudy.cells.donors import describe_donors
from rankstudy.cells.tables import CELLS, DONORS
from rankstudy.core.errors import StudyError

TEXT = "subject\tsex\tage\nd1\tF\t(85,90]\nd2\t\tNA\nd3\tM\t90+\n"


def described(folder, text=TEXT, *, donors=("d1", "d1", "d2", None), key="subject", expected=None, verified=None):
    cells = pd.DataFrame({"cell_id": [f"toy:{i}" for i in range(len(donors))], "donor": donors})
    fixed = {"dataset": "toy", "cell_name": "c", "left_out": None, "cell_type": "t", "slug": "t", "batch": "all"}
    numbers = {"n_counts": 1.0, "n_genes": 1, "part": "0", "row": 0}
    CELLS.write(cells.assign(**fixed, **numbers)[CELLS.names], folder / "cells.parquet")
    (folder / "donors.tsv").write_text(text)
    describe_donors(
        str(folder / "donors.tsv"),
        str(folder / "cells.parquet"),
        dataset="toy",
        key=key,
        separator=None,
        verified=verified or {"bytes": None, "sha256": None, "md5": None},
        expected=expected,
        missing=["NA"],
        output=str(folder / "out.parquet"),
        output_tsv=str(folder / "out.tsv"),
    )
    return DONORS.read(folder / "out.parquet")


def test_each_property_of_each_donor_is_a_row(tmp_path):
    found = described(tmp_path, expected=3)
    assert found[["donor", "n_cells", "property", "value"]].values.tolist() == [
        ["d1", 2, "age", "(85,90]"], ["d1", 2, "sex", "F"],
        ["d2", 1, "age", None], ["d2", 1, "sex", None],
        ["d3", 0, "age", "90+"], ["d3", 0, "sex", "M"],
    ]  # fmt: skip
    assert (tmp_path / "out.tsv").read_text().startswith("dataset\tdonor\tn_cells\tproperty\tvalue\n")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"expected": 4}, r"3 donors found, 4 expected; correct `expect\.donors`"),
        ({"donors": ("d1", "d9")}, r"donors of the cells in the column 'subject': 1 of 2 ids are missing, such as d9"),
        ({"text": TEXT + "d1\tF\t90+\n"}, r"1 names occur more than once: d1"),
        ({"key": "subjects"}, r"donors\.key: .*no column 'subjects'; did you mean 'subject'|donors\.key: .*'subjects'"),
        ({"verified": {"bytes": 5, "sha256": None, "md5": None}}, r"bytes, expected 5"),
        ({"text": "subject\tsex\nd1\tF\tx\ty\nd2\n"}, r"donors"),
    ],
)
def test_a_table_that_is_not_as_declared_is_refused(tmp_path, changes, message):
    with pytest.raises(StudyError, match=message):
        described(tmp_path, **changes)
