"""Remedies of what `make export` refuses: data sets and replicates that the study does not have."""

from types import SimpleNamespace

from rankstudy.run.export import targets
from tests.unit.advice_toy import calling, change

STUDY = SimpleNamespace(datasets={"one": 1}, study=SimpleNamespace(seeds=[0]))
WITH_IT = SimpleNamespace(datasets={"one": 1, "other": 2}, study=SimpleNamespace(seeds=[0, 7]))


def asked(folder, **of):
    """Ask for data sets and replicates; no file is read."""
    return targets(**of)


MEETS = [
    (
        calling(asked, study=STUDY, datasets=["other"], seeds=[]),
        {
            "run.export: name one of these": change(datasets=["one"]),
            "run.export: give settings that have it: --configfile FILE": change(study=WITH_IT),
        },
    ),
    (
        calling(asked, study=STUDY, datasets=["one"], seeds=[7]),
        {"run.export: name one of these": change(seeds=[0]), "run.export: add it to `seeds`": change(study=WITH_IT)},
    ),
]
