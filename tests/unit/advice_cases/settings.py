"""Remedies of what is refused of curves, ledgers and causes in the configuration of a study."""

from tests.unit.advice_cases.configuration import loaded, study
from tests.unit.advice_toy import named


def plugged_with_steps(toy, said):
    """Add an encoding that declares its steps, and name that."""
    declared = "SpaceSpec(title='M', measure='m', metric='cosine', function='f', steps=Steps(kept='presence'))"
    heads = "from rankstudy.spaces.registry import SpaceSpec\nfrom rankstudy.spaces.steps import Steps\n"
    (toy.folder / "mine.py").write_text(
        f"{heads}SPACES = {{'mine': {declared}}}\n\n\ndef f(counts, totals):\n    return counts > 0\n"
    )
    toy.studying(plugins=["mine.py"], lattice={"ledgers": ["mine"]})


MEETS = [
    (
        loaded({"settings": {"pairs": [["rank", "one-hot"]]}}),
        {
            "config.settings_model: name one that there is: …": lambda toy, said: toy.studying(
                settings={"also": named(said)[:1], "pairs": [named(said)[:2]]}
            )
        },
    ),
    (
        loaded({"lattice": {"ledgers": ["rnak"]}}),
        {
            "config.settings_model: name one that there is: …": lambda toy, said: toy.studying(
                lattice={"ledgers": named(said)[:1]}
            )
        },
    ),
    (
        loaded({"lattice": {"ledgers": ["genecompass-values"]}}),
        {
            "config.settings_model: name one that does: …": lambda toy, said: toy.studying(
                lattice={"ledgers": named(said)[:1]}
            ),
            "config.settings_model: declare them beside it": plugged_with_steps,
        },
    ),
    (
        loaded({"settings": {"declared": {"centred": True}}}),
        {
            "config.settings_model: write yours, `reason: ...`": study(
                settings={"declared": {"centred": True, "reason": "so it is done"}}
            )
        },
    ),
    (
        loaded({"causes": {"depths": [0.5, 2.0]}}),
        {"config.settings_model: give numbers between 0 and 1": study(causes={"depths": [0.5, 0.2]})},
    ),
    (
        loaded({"causes": {"depths": [0.25]}}),
        {"config.settings_model: add it": study(causes={"depths": [0.25, 0.5]})},
    ),
]
