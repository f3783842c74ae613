"""Remedies of what `make export` refuses: data sets and replicates that the study does not have."""

from types import SimpleNamespace

from rankstudy.run.export import targets
from tests.unit.advice_toy import calling, change

STUDY = SimpleNamespace(datasets={"one": 1}, study=SimpleNamespace(seeds=[0]))
WITH_IT = SimpleNamespace(datasets={"one": 1, "other": 2}, study=SimpleNamespace(seeds=[0, 7]))

MEETS = [
    (
        calling(targets, study=STUDY, datasets=["other"], seeds=[]),
        {
            "run.export: name one of these": change(datasets=["one"]),
            "run.export: name a file of settings that has it: --configfile FILE": change(study=WITH_IT),
        },
    ),
    (
        calling(targets, study=STUDY, datasets=["one"], seeds=[7]),
        {"run.export: name one of these": change(seeds=[0]), "run.export: add it to `seeds`": change(study=WITH_IT)},
    ),
]
