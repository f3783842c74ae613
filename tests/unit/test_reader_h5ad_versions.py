"""Files written by each anndata from 0.7 to 0.13 (tests/fixtures/h5ad) hold equal numbers, names and labels."""

import re
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from rankstudy.sources.readers import open_source
from tests.fixtures.h5ad import write_fixtures as content
from tests.unit.helpers import ROOT
from tests.unit.test_reader_table import streamed

FIXTURES = Path(content.__file__).parent
ARCHIVES = sorted(FIXTURES.glob("anndata_*.zip"))
MATRICES = {"X": content.COUNTS, "layers/counts": content.COUNTS, "raw/X": content.RAW}


def files():
    """Return each archive with each file in it."""
    return [(path, name) for path in ARCHIVES for name in zipfile.ZipFile(path).namelist()]


def unpacked(folder, archive, name):
    with zipfile.ZipFile(archive) as opened:
        return opened.extract(name, folder)


@pytest.mark.parametrize("archive,name", files(), ids=[f"{path.stem}-{name}" for path, name in files()])
def test_every_version_and_form_holds_the_same(tmp_path, archive, name):
    path = unpacked(tmp_path, archive, name)
    for matrix, numbers in MATRICES.items():
        source = open_source(path, {"format": "h5ad", "counts": matrix})
        assert source.cell_names == content.CELLS
        assert source.gene_names == (content.RAW_GENES if matrix == "raw/X" else content.GENES)
        np.testing.assert_array_equal(streamed(source), numbers)
        np.testing.assert_array_equal(source.read(np.array([1, 4])).toarray(), np.array(numbers)[[1, 4]])
    source = open_source(path, {"format": "h5ad", "gene_names": "symbol"})
    assert source.gene_names == content.SYMBOLS
    assert source.gene_flags("marked").tolist() == content.MARKED
    more = {"nullable.h5ad": content.NULLABLE, "nullable_text.h5ad": content.NULLABLE_TEXT}.get(name, {})
    expected = {**content.LABELS, **more}
    assert source.labels(list(expected)).to_dict("list") == expected


def test_the_files_are_encoded_as_differently_as_they_should_be(tmp_path):
    kinds = {}
    for archive, name in files():
        with h5py.File(unpacked(tmp_path, archive, name)) as file:
            index, kind = file["obs/barcode"], file["obs/kind"]
            kinds[archive.stem.removeprefix("anndata_"), name] = (
                index.attrs.get("encoding-type", "none"),
                kind.attrs.get("encoding-type", "old" if "categories" in kind.attrs else "none"),
                type(file["obs/kind/categories"]) if isinstance(kind, h5py.Group) else None,
            )
    assert kinds["0.7.8", "csr.h5ad"][:2] == ("none", "old")
    assert kinds["0.12.6", "csr.h5ad"][:2] == ("string-array", "categorical")
    assert kinds["0.12.6", "nullable_text.h5ad"][0] == "nullable-string-array"
    assert kinds["0.13.4", "csr.h5ad"][0] == "nullable-string-array"
    assert h5py.Group in {found[2] for found in kinds.values()}


def test_the_versions_that_are_said_to_be_read_are_tested():
    tested = [re.search(r"_(\d+\.\d+)", path.name)[1] for path in ARCHIVES]
    text = (ROOT / "config/README.md").read_text()
    assert set(tested) == {"0.7", "0.8", "0.10", "0.11", "0.12", "0.13"}
    assert "anndata 0.7 to 0.13" in text
