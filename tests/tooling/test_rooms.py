"""The rooms of the package: arrows go downwards, and no modules import each other in a circle."""

from tests.unit.helpers import ROOT
from tools import rooms

GRAPH = rooms.imports()


def write(folder, **texts):
    for name, text in texts.items():
        path = folder / "rankstudy" / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".py").write_text(text)
    return rooms.imports(folder / "rankstudy")


def test_no_room_imports_from_a_higher_one():
    assert rooms.upward(GRAPH) == []


def test_no_modules_import_each_other_in_a_circle():
    assert rooms.circles(GRAPH) == []


def test_every_module_is_in_a_room():
    assert {rooms.room(name) for name in GRAPH} == set(rooms.ROOMS)
    assert [path.name for path in (ROOT / "rankstudy").glob("*.py")] == ["__init__.py"]


def test_imports_upwards_are_found_however_they_are_written(tmp_path):
    graph = write(
        tmp_path,
        core__a="def f():\n    from rankstudy.cells import b\n",
        core__c="import rankstudy.run.d",
        pairs__e='FUNCTION = "rankstudy.report.g:draw"',
        cells__b="import rankstudy.core.a",
        run__d="",
        report__g="from rankstudy.pairs.e import FUNCTION",
    )
    assert rooms.upward(graph) == ["core.a imports cells.b", "core.c imports run.d", "pairs.e imports report.g"]
    assert rooms.circles(graph) == [("cells.b", "core.a"), ("pairs.e", "report.g")]
    assert rooms.arrows(graph) == {
        ("core", "cells"), ("core", "run"), ("pairs", "report"), ("cells", "core"), ("report", "pairs"),
    }  # fmt: skip


def test_floors_are_the_longest_way_down():
    assert rooms.floors([]) == 1
    assert rooms.floors([("report", "core"), ("report", "pairs"), ("pairs", "core")]) == 3
