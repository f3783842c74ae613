"""A digest changes when the content of what a rule uses changes, and only then."""

import os
import shutil

import pytest

from rankstudy import digest
from tests.unit.helpers import ROOT


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Copy the package, and take the digests of the copy."""
    copy = tmp_path / "rankstudy"
    shutil.copytree(ROOT / "rankstudy", copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(digest, "PACKAGE", copy)
    digest._imports.cache_clear()
    yield copy
    digest._imports.cache_clear()


def fresh(*modules):
    digest._imports.cache_clear()
    return digest.code_digest(*modules)


def append(path, text):
    path.write_text(path.read_text() + text)


def test_a_digest_does_not_depend_on_the_place_or_the_order(package):
    here = fresh("rankstudy.selection", "rankstudy.job")
    assert here == fresh("rankstudy.job", "rankstudy.selection") and len(here) == 16
    digest.PACKAGE = ROOT / "rankstudy"
    assert fresh("rankstudy.selection", "rankstudy.job") == here


def test_touching_a_module_changes_nothing(package):
    before = fresh("rankstudy.selection")
    os.utime(package / "selection.py", (1, 1))
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "selection.cpython-311.pyc").write_bytes(b"x")
    assert fresh("rankstudy.selection") == before


@pytest.mark.parametrize(
    ("changed", "affected", "not_affected"),
    [
        ("selection.py", {"rankstudy.selection", "rankstudy.shards", "rankstudy.genes"}, {"rankstudy.index", "rankstudy.download", "rankstudy.plan"}),
        ("errors.py", {"rankstudy.index", "rankstudy.download", "rankstudy.job", "rankstudy.pairs"}, {"rankstudy.encodings.rank", "rankstudy.fits"}),
        ("readers/table.py", {"rankstudy.scan", "rankstudy.index", "rankstudy.shards"}, {"rankstudy.encodings.rank", "rankstudy.download"}),
        ("pairs/grids.py", {"rankstudy.pairs", "rankstudy.evaluation", "rankstudy.pairs.metrics"}, {"rankstudy.index", "rankstudy.genes"}),
        ("encodings/__init__.py", {"rankstudy.encodings.rank", "rankstudy.genes"}, {"rankstudy.index", "rankstudy.download"}),
        ("encodings/rank.py", {"rankstudy.encodings.rank", "rankstudy.example"}, {"rankstudy.encodings.expression", "rankstudy.genes"}),
        ("registry.py", {"rankstudy.config"}, {"rankstudy.download.source", "rankstudy.download.package", "rankstudy.index"}),
        ("source.py", {"rankstudy.config", "rankstudy.download.source"}, {"rankstudy.download.package", "rankstudy.index"}),
        ("__init__.py", set(), {"rankstudy.index", "rankstudy.pairs"}),
    ],
)  # fmt: skip
def test_a_change_reaches_exactly_what_imports_the_module(package, changed, affected, not_affected):
    before = {name: fresh(name) for name in affected | not_affected}
    append(package / changed, "\n# a change\n")
    after = {name: fresh(name) for name in before}
    assert {name for name in before if before[name] != after[name]} == affected


def test_a_new_import_brings_its_module_in(package):
    assert "rankstudy.seeds" not in digest.modules_used("rankstudy.files")
    before = fresh("rankstudy.files")
    append(package / "files.py", "\ndef later():\n    from rankstudy import seeds\n    return seeds\n")
    assert fresh("rankstudy.files") != before and "rankstudy.seeds" in digest.modules_used("rankstudy.files")
    before = fresh("rankstudy.files")
    append(package / "seeds.py", "\nX = 1\n")
    assert fresh("rankstudy.files") != before


def test_two_modules_that_import_each_other(package):
    append(package / "seeds.py", "\nimport rankstudy.files\n")
    append(package / "files.py", "\nimport rankstudy.seeds\n")
    digest._imports.cache_clear()
    assert {"rankstudy.files", "rankstudy.seeds"} <= digest.modules_used("rankstudy.seeds")


def test_data_files_of_a_subpackage_count_and_hidden_ones_do_not(package):
    (package / "pairs" / ".hidden").write_text("x")
    before = fresh("rankstudy.pairs.grids")
    (package / "pairs" / ".hidden").write_text("y")
    assert fresh("rankstudy.pairs.grids") == before
    (package / "pairs" / "style.css").write_text("a {}")
    with_style = fresh("rankstudy.pairs.grids")
    (package / "pairs" / "style.css").write_text("b {}")
    assert len({before, with_style, fresh("rankstudy.pairs.grids")}) == 3


def test_content_that_moves_from_one_module_to_another_is_a_change(package):
    (package / "seeds.py").write_text("X = 1\n")
    (package / "progress.py").write_text("")
    before = fresh("rankstudy.seeds", "rankstudy.progress")
    (package / "seeds.py").write_text("")
    (package / "progress.py").write_text("X = 1\n")
    assert fresh("rankstudy.seeds", "rankstudy.progress") != before


@pytest.mark.parametrize("name", ["rankstudy.selektion", "rankstudy.pairs.gone", "numpy.linalg.none"])
def test_an_unknown_module_is_an_error(name):
    with pytest.raises(ValueError, match=f"there is no module {name}"):
        digest.code_digest(name)


def test_every_module_of_the_package_can_be_followed_and_no_other_is():
    root = ROOT / "rankstudy"
    names = {".".join(p.relative_to(ROOT).with_suffix("").parts) for p in root.rglob("*.py") if p.name != "__init__.py"}
    packages = {".".join(p.parent.relative_to(ROOT).parts) for p in root.glob("*/**/__init__.py")}
    for name in names:
        used = digest.modules_used(name)
        assert name in used and len(digest.code_digest(name)) == 16
        assert used <= names | packages
