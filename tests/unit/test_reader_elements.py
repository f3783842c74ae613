"""Columns of anndata 0.7 refer to their labels; those of SeuratDisk have them by their name alone."""

import h5py
import numpy as np
import pytest

from rankstudy.core.errors import StudyError
from rankstudy.sources.readers.elements import column_values, is_factor_of_seuratdisk


@pytest.fixture
def table(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["obs/kind"] = np.array([1, 0, -1], np.int8)
        file["obs/__categories/kind"] = [b"x", b"y"]
        file["obs/__categories/other"] = [b"p", b"q"]
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        yield file["obs"]


def test_labels_by_name_alone_are_those_of_seuratdisk(table):
    assert is_factor_of_seuratdisk(table, "kind") and not is_factor_of_seuratdisk(table, "other")
    assert column_values(table, "kind", "obs/kind").tolist() == ["y", "x", None]


def test_labels_that_are_referred_to_are_those_of_anndata(table):
    table["kind"].attrs["categories"] = table["__categories/kind"].ref
    assert not is_factor_of_seuratdisk(table, "kind")
    assert column_values(table, "kind", "obs/kind").tolist() == ["y", "x", None]


def test_labels_other_than_those_of_the_name_are_refused(table):
    table["kind"].attrs["categories"] = table["__categories/other"].ref
    with pytest.raises(StudyError, match="obs/kind: refers to categories other than __categories/kind"):
        column_values(table, "kind", "obs/kind")
