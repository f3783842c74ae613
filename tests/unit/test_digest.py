"""A digest changes when the content of what a rule uses changes, and only then."""

import os
import shutil

import pytest

from rankstudy.run import digest
from tests.unit.helpers import ROOT


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Copy the package, and take the digests of the copy."""
    copy = tmp_path / "rankstudy"
    shutil.copytree(ROOT / "rankstudy", copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(digest, "PACKAGE", copy)
    yield copy
    forget()


def forget():
    digest._imports.cache_clear()
    digest._has_content.cache_clear()
    digest.code_digest.cache_clear()


def fresh(*modules):
    forget()
    return digest.code_digest(*modules)


def append(path, text):
    path.write_text(path.read_text() + text)


def test_a_digest_does_not_depend_on_the_place_or_the_order(package):
    here = fresh("rankstudy.cells.selection", "rankstudy.run.job")
    assert here == fresh("rankstudy.run.job", "rankstudy.cells.selection") and len(here) == 16
    digest.PACKAGE = ROOT / "rankstudy"
    assert fresh("rankstudy.cells.selection", "rankstudy.run.job") == here


def test_touching_a_module_changes_nothing(package):
    before = fresh("rankstudy.cells.selection")
    os.utime(package / "cells/selection.py", (1, 1))
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "selection.cpython-311.pyc").write_bytes(b"x")
    assert fresh("rankstudy.cells.selection") == before


@pytest.mark.parametrize(
    ("changed", "affected", "not_affected"),
    [
        (
            "cells/selection.py",
            {"rankstudy.cells.selection", "rankstudy.spaces.models.geneformer.training_cells"},
            {"rankstudy.cells.index", "rankstudy.cells.shards", "rankstudy.measures.collection"},
        ),
        (
            "core/errors.py",
            {"rankstudy.cells.index", "rankstudy.sources.download", "rankstudy.run.job", "rankstudy.pairs.engine"},
            {"rankstudy.spaces.encodings.rank", "rankstudy.spaces.fits"},
        ),
        (
            "sources/readers/table.py",
            {"rankstudy.cells.scan", "rankstudy.cells.shards"},
            {"rankstudy.cells.index", "rankstudy.spaces.encodings.rank", "rankstudy.sources.download"},
        ),
        (
            "pairs/engine/grids.py",
            {"rankstudy.pairs.engine", "rankstudy.measures.separation", "rankstudy.pairs.engine.tiles"},
            {"rankstudy.cells.index", "rankstudy.spaces.genes"},
        ),
        (
            "sources/readers/__init__.py",
            {"rankstudy.sources.readers.table", "rankstudy.cells.scan"},
            {"rankstudy.cells.selection", "rankstudy.sources.download"},
        ),
        ("spaces/encodings/__init__.py", set(), {"rankstudy.spaces.encodings.rank", "rankstudy.spaces.genes"}),
        (
            "cells/tables.py",
            {"rankstudy.cells.index", "rankstudy.spaces.tokens.genes", "rankstudy.report.figures.cells_per_type"},
            {"rankstudy.spaces.encodings.rank", "rankstudy.pairs.engine.block", "rankstudy.report.figures.outliers"},
        ),
        (
            "spaces/encodings/rank.py",
            {"rankstudy.spaces.encodings.rank", "rankstudy.measures.example"},
            {"rankstudy.spaces.encodings.expression", "rankstudy.spaces.genes"},
        ),
        (
            "spaces/registry.py",
            {"rankstudy.config"},
            {"rankstudy.sources.download.source", "rankstudy.sources.download.package", "rankstudy.cells.index"},
        ),
        (
            "sources/source.py",
            {"rankstudy.config", "rankstudy.sources.download.source"},
            {"rankstudy.sources.download.package", "rankstudy.cells.index"},
        ),
        ("__init__.py", set(), {"rankstudy.cells.index", "rankstudy.pairs.engine"}),
    ],
)
def test_a_change_reaches_exactly_what_imports_the_module(package, changed, affected, not_affected):
    before = {name: fresh(name) for name in affected | not_affected}
    append(package / changed, "\n# a change\n")
    after = {name: fresh(name) for name in before}
    assert {name for name in before if before[name] != after[name]} == affected


def test_a_new_import_brings_its_module_in(package):
    assert "rankstudy.core.seeds" not in digest.modules_used("rankstudy.core.files")
    before = fresh("rankstudy.core.files")
    append(package / "core/files.py", "\ndef later():\n    from rankstudy.core import seeds\n    return seeds\n")
    assert fresh("rankstudy.core.files") != before and "rankstudy.core.seeds" in digest.modules_used(
        "rankstudy.core.files"
    )
    before = fresh("rankstudy.core.files")
    append(package / "core/seeds.py", "\nX = 1\n")
    assert fresh("rankstudy.core.files") != before


def test_two_modules_that_import_each_other(package):
    append(package / "core/seeds.py", "\nimport rankstudy.core.files\n")
    append(package / "core/files.py", "\nimport rankstudy.core.seeds\n")
    digest._imports.cache_clear()
    assert {"rankstudy.core.files", "rankstudy.core.seeds"} <= digest.modules_used("rankstudy.core.seeds")


def test_data_files_of_a_subpackage_count_and_hidden_ones_do_not(package):
    (package / "pairs" / "engine" / ".hidden").write_text("x")
    before = fresh("rankstudy.pairs.engine.grids")
    (package / "pairs" / "engine" / ".hidden").write_text("y")
    assert fresh("rankstudy.pairs.engine.grids") == before
    (package / "pairs" / "engine" / "style.css").write_text("a {}")
    with_style = fresh("rankstudy.pairs.engine.grids")
    (package / "pairs" / "engine" / "style.css").write_text("b {}")
    assert len({before, with_style, fresh("rankstudy.pairs.engine.grids")}) == 3


def test_a_package_that_has_a_docstring_alone_counts_as_soon_as_it_does_something(package):
    assert "rankstudy.spaces.encodings" not in digest.modules_used("rankstudy.spaces.encodings.rank")
    before = fresh("rankstudy.spaces.encodings.rank")
    append(package / "spaces/encodings/__init__.py", "\nX = 1\n")
    assert fresh("rankstudy.spaces.encodings.rank") != before
    assert "rankstudy.spaces.encodings" in digest.modules_used("rankstudy.spaces.encodings.rank")


def test_content_that_moves_from_one_module_to_another_is_a_change(package):
    (package / "core/seeds.py").write_text("X = 1\n")
    (package / "core/progress.py").write_text("")
    before = fresh("rankstudy.core.seeds", "rankstudy.core.progress")
    (package / "core/seeds.py").write_text("")
    (package / "core/progress.py").write_text("X = 1\n")
    assert fresh("rankstudy.core.seeds", "rankstudy.core.progress") != before


@pytest.mark.parametrize("name", ["rankstudy.selektion", "rankstudy.pairs.engine.gone", "numpy.linalg.none"])
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
