"""What happens around a rule's script: logs, isolation, threads, and a readable end."""

import sys

import pytest

from tests.unit.helpers import ROOT, run_python

PREAMBLE = """
import os, subprocess, sys
from types import SimpleNamespace

class Names(dict):
    pass

snakemake = SimpleNamespace(log=[{log!r}], rule="toy_rule", wildcards=Names(dataset="toy", seed="0"), threads=3)
sys.path.append({foreign!r})
print("before")
from rankstudy.core.errors import StudyError
from rankstudy.run.job import start
with start(snakemake):
"""


@pytest.fixture
def run(tmp_path):
    """Run lines as the body of a rule's script and return what the process did and its log."""
    foreign = tmp_path / "other" / "lib" / "site-packages"
    foreign.mkdir(parents=True)
    (foreign / "only_in_the_other_environment.py").write_text("")
    log = tmp_path / "logs" / "toy" / "rule.log"

    def call(*lines, after="", **env):
        body = "".join(f"    {line}\n" for line in lines)
        code = PREAMBLE.format(log=str(log), foreign=str(foreign)) + body + after
        result = run_python(code, **env)
        return result, log.read_text()

    return call


def test_everything_that_is_printed_goes_to_the_log_and_nothing_to_the_console(run):
    result, log = run(
        "print('from print')",
        "sys.stderr.write('from stderr\\n')",
        "os.write(1, b'from descriptor 1\\n')",
        "os.write(2, b'from descriptor 2\\n')",
        "import ctypes; libc = ctypes.CDLL(None); libc.puts(b'from C'); libc.fflush(None)",
        (
            "subprocess.run([sys.executable, '-c', \"import sys; print('from a child'); print('its errors', "
            'file=sys.stderr)"])'
        ),
        "import logging; logging.getLogger('rankstudy.toy').info('from logging')",
        "import warnings; warnings.warn('from warnings')",
    )
    assert result.returncode == 0 and result.stdout == "before\n" and result.stderr == ""
    for text in (
        "from print",
        "from stderr",
        "from descriptor 1",
        "from descriptor 2",
        "from C",
        "from a child",
        "its errors",
    ):
        assert text in log.splitlines()
    assert "INFO from logging" in log and "from warnings" in log and "before" not in log


def test_the_log_tells_rule_interpreter_threads_time_and_memory(run):
    _, log = run("pass")
    assert "rule toy_rule {'dataset': 'toy', 'seed': '0'}" in log
    assert f"in {sys.prefix}, 3 threads" in log and "done in " in log and "peak memory" in log


def test_a_second_run_starts_a_new_log(run):
    run("print('first')")
    _, log = run("print('second')")
    assert "second" in log and "first" not in log


def test_wrong_input_is_one_line_on_the_console_without_a_traceback(run):
    result, log = run("raise StudyError('cell_type: there is no column x')", after="print('not reached')\n")
    assert result.returncode == 1 and result.stdout == "before\n"
    assert result.stderr == "\nerror in toy_rule (dataset=toy, seed=0): cell_type: there is no column x\n"
    assert "ERROR cell_type: there is no column x" in log and "Traceback" not in log and "done in" not in log


def test_a_bug_is_named_on_the_console_and_traced_in_the_log(run):
    result, log = run("def inner():", "    return {}['missing key']", "inner()")
    assert result.returncode == 1
    assert result.stderr.startswith("\nerror in toy_rule (dataset=toy, seed=0): KeyError: 'missing key' (traceback in ")
    assert result.stderr.count("\n") == 2 and "Traceback" not in result.stderr
    assert "Traceback (most recent call last)" in log and "in inner" in log


@pytest.mark.parametrize(
    "line", ["raise KeyboardInterrupt", "raise SystemExit(0)", "raise MemoryError('too much')", "import no_such_module"]
)
def test_whatever_ends_a_script_early_is_a_failure(run, line):
    result, log = run(line)
    assert result.returncode == 1 and "Traceback" in log and "done in" not in log


def test_packages_of_the_environment_that_runs_snakemake_cannot_be_imported(run):
    result, log = run("import only_in_the_other_environment")
    assert result.returncode == 1 and "No module named 'only_in_the_other_environment'" in log


def test_the_path_keeps_the_own_environment_the_standard_library_and_the_root(run):
    result, log = run("import json, sqlite3, numpy, rankstudy.core.cell_types", "print('PATH', sys.path)")
    assert result.returncode == 0, log
    (line,) = [line for line in log.splitlines() if line.startswith("PATH")]
    assert str(ROOT) in line and "other" not in line


def test_threads_are_those_of_the_rule_before_anything_is_loaded(run):
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    _, log = run(
        f"print('THREADS', [os.environ[n] for n in {names}])", "print('LOADED', 'numpy' in sys.modules)",
        "import numba; print('NUMBA', numba.config.NUMBA_NUM_THREADS)", OMP_NUM_THREADS="7",
    )  # fmt: skip
    assert "THREADS ['3', '3', '3', '3']" in log and "LOADED False" in log and "NUMBA 3" in log
