"""`make test-mutants`: which faults are planted, which tests run for them, and that it tells good tests from bad."""

import subprocess

import pytest

from tests.unit.helpers import ROOT, run_python
from tools.mutants.__main__ import AREAS, EQUIVALENT, all_mutants, callers_of, equivalent
from tools.mutants.mutations import mutants_of, sample
from tools.mutants.runs import noting_calls


def faults(line):
    """Return the new texts of a line in a function."""
    source = f"def f(a, b, k):\n    {line}\n"
    return {m.planted(source.encode()).decode().splitlines()[1].strip() for m in mutants_of("x.py", source)}


@pytest.mark.parametrize(
    ("line", "planted"),
    [
        ("return a < b", {"return a <= b", "return a >= b"}),
        ("return a == b", {"return a != b"}),
        ("return a - b", {"return a + b"}),
        ("return a[:k]", {"return a[:k + 1]"}),
        ("return a and b", {"return a or b", "return (a)", "return (b)"}),
        ("return not a", {"return (a)"}),
        ("return 3", {"return 4", "return 2"}),
        ("return 0.5", {"return 1.0"}),
        ("return True", {"return False"}),
        ("return a.sum(axis=k)", {"return a.mean(axis=k)", "return a.sum()"}),
        ("return a if b else k", {"return (a if not b else k)"}),
        ("return [x for x in a if x]", {"return [x for x in a]"}),
        ("a.fill(b)", {"pass"}),
        ("a += b", {"pass"}),
        ("if a: b()", {"if not a: b()", "if a: pass"}),
        ("if a: raise ValueError(b + k)", {"if False: raise ValueError(b + k)"}),
        ("for x in a: break", {"for x in a: continue"}),
    ],
)
def test_each_kind_of_fault(line, planted):
    assert faults(line) == planted


@pytest.mark.parametrize(
    "line",
    [
        '"""A docstring of 3 words."""',
        "raise ValueError(a + 1)",
        "log.info(a, b + 1)",
        "x: int | None = a",
        "return zip(a, b, strict=True)",
        "return f'{a + 1}'",
    ],
)
def test_what_no_test_of_a_result_could_see_is_left_alone(line):
    assert not faults(line)


SMALL = "def area(a, b):\n    return a * b\n\n\ndef larger(a, b):\n    return a > b\n"


def test_a_fault_and_its_place_in_the_sample_stay_when_the_lines_move():
    before, after = mutants_of("x.py", SMALL), mutants_of("x.py", f"# more\n\n{SMALL}")
    assert [m.line + 2 for m in before] == [m.line for m in after]
    assert [m.id for m in sample(before, 2, 0)] == [m.id for m in sample(after, 2, 0)]
    assert len({tuple(m.id for m in sample(before, 3, seed)) for seed in range(20)}) > 1


def test_faults_of_this_repository_are_texts_that_can_be_compiled():
    found = all_mutants()
    assert len(found) > 2000 and len({mutant.id for mutant in found}) == len(found)
    assert all(list((ROOT / "rankstudy").glob(f"{area}.py")) for area in AREAS)
    assert set(equivalent()) <= {mutant.id for mutant in found}, (
        "tests/mutants.md explains faults of lines that are gone"
    )
    for mutant in sample(found, 200, 1):
        compile(mutant.planted((ROOT / mutant.path).read_bytes()), mutant.path, "exec")


def test_every_fault_that_is_explained_is_explained():
    rows = [row for row in EQUIVALENT.read_text().splitlines() if row.startswith("| `")]
    assert len(rows) == len(equivalent()) and all(len(row.rsplit("|", 2)[1].strip()) > 20 for row in rows)


def test_the_shortest_tests_that_call_the_function_run_first():
    of_function, of_module = (
        next(m for m in mutants_of("x.py", f"N = 3\n{SMALL}") if m.within == w) for w in ("area", "")
    )
    watched = [
        {"a::slow": (9.0, ["x.py:area"]), "a::other": (0.1, ["y.py:area", "x.py:larger"])},
        {"b::quick": (0.2, ["x.py:area", "x.py:larger"]), "b::endless": (1e6, ["x.py:area"])},
    ]
    assert list(callers_of(of_function, watched)) == ["b::quick", "a::slow"]
    assert list(callers_of(of_module, watched)) == ["a::other", "b::quick", "a::slow"]


def test_functions_note_their_calls(monkeypatch):
    source = 'from __future__ import annotations\nclass A:\n    def f(self):\n        """Text."""\n        return 1\n'
    calls, names = set(), {}
    exec(noting_calls("a.py", source), {"__builtins__": {**__builtins__, "__calls__": calls}}, names)
    assert names["A"]().f() == 1 and names["A"].f.__doc__ == "Text." and calls == {"a.py:A.f"}


def test_a_test_that_looks_kills_and_one_that_does_not_lets_live(tmp_path):
    repository = tmp_path / "small"
    (repository / "tests").mkdir(parents=True)
    (repository / "shapes.py").write_text(
        SMALL + "\n\ndef endless(n):\n    while n > 0:\n        n -= 1\n    return n\n"
    )
    (repository / "tests" / "test_shapes.py").write_text(
        "from shapes import area, endless, larger\n\ndef test_area():\n    assert area(2, 3) == 6\n\n"
        "def test_larger():\n    assert larger(2, 1)\n\ndef test_endless():\n    assert endless(3) == 0\n\n"
        "def test_that_fails():\n    assert not larger(2, 1)\n"
    )
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    done = run_python(
        f"""
from pathlib import Path
from tools.mutants.mutations import mutants_of
from tools.mutants.runs import Copy
root = Path({str(repository)!r})
copy = Copy(root, Path({str(tmp_path / "work")!r}))
run, tests = copy.watched("tests/test_shapes.py", ["shapes.py"], 60)
for name, (_, functions) in tests.items():
    print(name.split("::")[1], *functions)
for mutant in mutants_of("shapes.py", (root / "shapes.py").read_text()):
    if mutant.after in ("a / b", "a >= b", "a <= b", "pass"):
        print(mutant.after, copy.with_fault(mutant, list(tests), 2).status)
assert (copy.root / "shapes.py").read_bytes() == (root / "shapes.py").read_bytes()
"""
    )
    assert not done.returncode, done.stderr
    said = done.stdout.splitlines()
    assert said[:3] == ["test_area shapes.py:area", "test_larger shapes.py:larger", "test_endless shapes.py:endless"]
    # 2 > 1 and 2 >= 1 are the same; a loop that never goes down never ends
    assert said[3:] == ["a / b 1", "a <= b 1", "a >= b 0", "pass None"]
