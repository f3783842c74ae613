"""A folder with a study's configuration, for tests of what is read from it."""

import re
import shutil

import pytest
import yaml

from rankstudy.config import load_study
from rankstudy.core.errors import StudyError
from tests.unit.helpers import ROOT

SHA = "a" * 64
H5AD = {"title": "toy", "source": {"local_file": "toy.h5ad"}, "cell_type": "kind"}
TABLE = {
    "title": "text",
    "source": {"package": "toy==1.0", "sha256": SHA, "bytes": 10},
    "table": {"counts": "in/c.csv", "labels": "in/l.csv"},
    "cell_type": {"column": "kind"},
}


def write_dataset(folder, name, content):
    """Write a data set beside the repository's releases and gene lists; text is written as it is."""
    for what in ("geneformer", "genes", "vocabularies", "text_models", "gene_texts"):
        if not (folder / "config" / what).exists():
            shutil.copytree(ROOT / "config" / what, folder / "config" / what)
    path = folder / "config" / "datasets" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))


def load(folder, dataset=H5AD, config=None, files=(), demand_files=False, **changes):
    """Load a study of the data set `toy`, with keys of the data set replaced, or left out if None."""
    merged = dataset if isinstance(dataset, str) else {k: v for k, v in {**dataset, **changes}.items() if v is not None}
    write_dataset(folder, "toy", merged)
    study = {"datasets": ["toy"], **(config or {})}
    return load_study(study, [str(f) for f in files], folder, demand_files=demand_files)


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Let the working directory be another one than that of the configuration."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def refused(pattern, *args, **kwargs):
    """Load a study that is refused, and return what is said, which must match."""
    with pytest.raises(StudyError) as error:
        load(*args, **kwargs)
    assert re.search(pattern, str(error.value)), str(error.value)
    return str(error.value)
