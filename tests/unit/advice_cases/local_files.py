"""Remedies where a file of this machine is not there."""

import os
import subprocess
import sys

from rankstudy.core.errors import StudyError
from tests.unit.advice_cases.sources import URL
from tests.unit.advice_toy import Toy, calling, change
from tests.unit.helpers import ROOT


def with_files(**changes):
    """Return how a data set with these keys is loaded where its files must be there."""

    def make():
        toy = Toy(**changes)
        toy.run = toy.load_with_files
        return toy

    return make


def where_it_lies(toy, said):
    toy.write()
    toy.set(source={"local_file": "toy.h5ad"})


LOAD = r"""
from rankstudy.core.errors import StudyError
from tests.unit.advice_toy import Toy
toy = Toy(source={"local_file": "zellen-\u00fc.h5ad"})
toy.run = toy.load_with_files
try:
    toy.run()
except StudyError as error:
    print(error)
"""


def load_in_an_ascii_locale(folder, **environment):
    """Load a data set whose file has another letter in its name, in an interpreter of its own."""
    (folder / "zellen-ü.h5ad").write_bytes(b"")
    ascii_locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", LOAD],
        env={**os.environ, "PYTHONPATH": str(ROOT), **ascii_locale, **environment},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    if done.stdout:
        raise StudyError(done.stdout)


MEETS = [
    (
        calling(load_in_an_ascii_locale),
        {"config.local_files: set the environment variable PYTHONUTF8=1": change(PYTHONUTF8="1")},
    ),
    (
        with_files(source={"local_file": "gone.h5ad"}),
        {"config.local_files: write where it lies on this machine": where_it_lies},
    ),
    (
        with_files(source={**URL, "local_file": "gone.h5ad"}),
        {
            "config.local_files: write where it lies on this machine": where_it_lies,
            "config.local_files: remove `local_file`, and `…` is taken": lambda toy, said: toy.set(source=URL),
        },
    ),
]
