"""Names of data sets: each has a folder of its own below results/."""

import pytest

from rankstudy.config import load_study
from rankstudy.errors import StudyError
from tests.unit.helpers import ROOT


@pytest.mark.parametrize("name", ["models", "article", "figures", "benchmarks"])
def test_a_data_set_must_not_have_the_name_of_a_shared_folder(name):
    with pytest.raises(
        StudyError, match=rf"a data set cannot be called '{name}': results/{name} holds .*config/datasets/{name}\.yaml"
    ):
        load_study({"datasets": ["baron_pancreas", name]}, [], ROOT)
