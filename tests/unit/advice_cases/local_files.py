"""Remedies where a file of this machine is not there."""

from tests.unit.advice_cases.sources import URL
from tests.unit.advice_toy import Toy


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


MEETS = [
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
