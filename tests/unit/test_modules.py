"""Files outside of the package as modules: their content decides which one it is, and a broken one is told by line."""

import os
import pickle
import sys

import pytest

from rankstudy.core import modules
from rankstudy.core.errors import StudyError
from rankstudy.run.digest import code_digest, modules_used


def written(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return str(path)


def test_modules_of_the_package_are_found_by_name():
    from rankstudy.spaces import fits

    assert modules.load("rankstudy.spaces.fits") is fits
    assert modules.resolve("rankstudy.spaces.fits:harmony") is fits.harmony
    assert not modules.is_file("rankstudy.spaces.fits") and modules.is_file("my_space.py")


def test_a_file_is_executed_once(tmp_path):
    path = written(tmp_path / "mine.py", "from pathlib import Path\nPath(__file__ + '.ran').open('a').write('x')\n")
    assert modules.load(path) is modules.load(path)
    assert (tmp_path / "mine.py.ran").read_text() == "x"


def test_a_function_of_a_file_is_resolved(tmp_path):
    path = written(tmp_path / "mine.py", "def double(x):\n    return 2 * x\n")
    assert modules.resolve(f"{path}:double")(21) == 42


def test_a_changed_file_is_another_module(tmp_path):
    path = written(tmp_path / "mine.py", "A = 1\n")
    first = modules.load(path)
    os.utime(path, (1, 1))
    assert modules.load(path) is first
    written(tmp_path / "mine.py", "A = 2\n")
    assert (first.A, modules.load(path).A) == (1, 2)


def test_two_files_of_one_name_are_two_modules(tmp_path):
    paths = [written(tmp_path / folder / "mine.py", f"A = {folder!r}\n") for folder in "ab"]
    assert [modules.load(path).A for path in paths] == ["a", "b"]


def test_a_file_named_like_a_package_is_not_taken_for_it(tmp_path):
    path = written(tmp_path / "json.py", "A = 1\n")
    assert modules.load(path).A == 1 and sys.modules["json"].loads("1") == 1


def test_a_file_may_declare_classes_that_look_their_module_up(tmp_path):
    text = "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass A:\n    x: int\n"
    module = modules.load(written(tmp_path / "mine.py", text))
    assert pickle.loads(pickle.dumps(module.A(3))) == module.A(3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A = 1\nB = [\n", r"SyntaxError: '\[' was never closed .*mine.py, line 2.; correct the file"),
        ("A = 1\nB = C\n", r"NameError: name 'C' is not defined .line 2.; correct the file"),
        ("def f():\n    raise ValueError('no')\nf()\n", r"ValueError: no .line 2.; correct the file"),
        ("import json\njson.loads('{')\n", r"JSONDecodeError: .* .line 2.; correct the file"),
        ("raise SystemExit('bye')\n", r"SystemExit: bye .line 1.; correct the file"),
        ("from json import nothing\n", r"ImportError: cannot import name 'nothing' from 'json' .*.line 1.; correct"),
        ("import notapackage\n", "there is no module 'notapackage' here, .*; import it inside the functions that need"),
        ("import json.nothing\n", "there is no module 'json.nothing' here"),
    ],
    ids=["syntax", "name", "function", "of another module", "exit", "no such name", "package", "submodule"],
)
def test_a_broken_file_says_where_and_is_tried_again_once_corrected(tmp_path, text, message):
    path = written(tmp_path / "mine.py", text)
    before = set(sys.modules)
    with pytest.raises(StudyError, match=rf"mine.py: (cannot be executed: )?{message}"):
        modules.load(path)
    assert not [name for name in set(sys.modules) - before if name.startswith("mine")]
    written(tmp_path / "mine.py", "A = 1\n")
    assert modules.load(path).A == 1


def test_text_that_is_no_unicode_is_told(tmp_path):
    path = tmp_path / "mine.py"
    path.write_bytes(b"A = '\xff'\n")
    with pytest.raises(StudyError, match="mine.py: cannot be executed: "):
        modules.load(str(path))


def test_an_import_inside_a_function_waits_until_it_is_called(tmp_path):
    path = written(tmp_path / "mine.py", "def f():\n    import notapackage\n")
    with pytest.raises(ModuleNotFoundError):
        modules.resolve(f"{path}:f")()


def test_a_package_that_lacks_one_of_its_own_is_no_fault_of_the_file(tmp_path, monkeypatch):
    written(tmp_path / "site" / "wrapper_of_nothing.py", "import notapackage\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    path = written(tmp_path / "mine.py", "import wrapper_of_nothing\n")
    with pytest.raises(
        StudyError, match="no module 'notapackage' here, where its declarations are read; import it ins"
    ):
        modules.load(path)


def test_the_digest_of_a_file_is_that_of_its_content_wherever_it_lies(tmp_path):
    text = "def f():\n    from rankstudy.spaces.encodings.rank import fractional_ranks\n"
    here, there, other = (
        written(tmp_path / name / "mine.py", text + extra) for name, extra in (("a", ""), ("b", ""), ("c", "# more\n"))
    )
    assert code_digest(here) == code_digest(there) != code_digest(other)
    assert code_digest(here) != code_digest("rankstudy.spaces.encodings.rank")
    assert {"rankstudy.spaces.encodings.rank", here} <= modules_used(here)


def test_the_digest_of_a_file_follows_what_it_imports_from_the_package(tmp_path):
    plain = written(tmp_path / "a" / "mine.py", "A = 1\n")
    assert modules_used(plain) == {plain}
    importing = written(tmp_path / "b" / "mine.py", "from rankstudy.spaces.registry import SpaceSpec\n")
    assert "rankstudy.cells.needs" in modules_used(importing)
