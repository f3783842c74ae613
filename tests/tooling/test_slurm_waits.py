"""The test of SLURM ends by itself: each wait of its Python and of its shell script has a limit."""

import ast
import re

import pytest

from tests.workflow.harness import ROOT

FILES = sorted((ROOT / "tests/slurm").glob("*.py"))
SCRIPT = ROOT / "tests/slurm/single_node.sh"
# what asks SLURM's daemons, starts one, or asks the network
BLOCKING = r"\b(?:sinfo|squeue|scancel|scontrol|slurmctld|slurmd|munged|apt-get)\b(?= -|$| ;;| update| install)"


def calls(path):
    """Return the name and the call of each call of a function in a file."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return [
        (node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", ""), node)
        for node in nodes
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_wait_of_the_tests_has_a_limit(path):
    for name, call in calls(path):
        if name in ("run", "interrupt", "result", "communicate", "join") and not (name == "join" and call.args):
            assert "timeout" in {key.arg for key in call.keywords}, (
                f"{path.name}:{call.lineno}: {name} may wait for ever"
            )
        assert name not in ("Popen", "check_output", "check_call", "system"), f"{path.name}:{call.lineno}: {name}"


def test_every_loop_of_the_tests_ends():
    """Only `wait` asks again and again until a time is up, and what follows a step until it ends."""
    loops = {
        (path.name, function.name)
        for path in FILES
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.While)
    }
    assert loops == {("node.py", "wait")}


def test_every_command_of_the_script_has_a_limit():
    lines = [re.sub(r"(^|\s)#.*", "", line) for line in SCRIPT.read_text().splitlines()]
    asking = [line for line in lines if re.search(BLOCKING, line) and "command -v" not in line]
    assert len(asking) >= 8
    assert [line for line in asking if not re.search(rf"timeout \d+ {BLOCKING}", line)] == []
    assert all("tries-- > 0" in SCRIPT.read_text() for line in lines if re.search(r"\b(while|until)\b", line))
