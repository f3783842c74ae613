"""What the sentences of a page ask: the study, and one of its data sets, with their numbers by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from markupsafe import Markup, escape

from rankstudy.core.errors import StudyError, listing
from rankstudy.report.article.anchors import anchor
from rankstudy.report.article.numbers import Number, Numbers
from rankstudy.report.article.page_names import METHODS, page_of
from rankstudy.report.article.text import code, joined, label, text
from rankstudy.report.article.values_words import VALUES, Words

MOST_TITLES = 3
_REFERENCES = Path(__file__).resolve().parent / "references.yaml"


@dataclass(frozen=True)
class Study:
    """A run: its numbers, and what `rankstudy.report.article.about.describe` says of it."""

    numbers: Numbers
    about: Mapping[str, Any]

    @cached_property
    def seeds(self) -> list[int]:
        """The seeds in the order of the run, after checking that every data set has exactly these."""
        seeds = [int(word) for word in str(self.setting("seeds")).split(", ")]
        for name in self.about["datasets"]:
            found = {row["seed"] for row in self.numbers.rows(name, "effect_sizes", "seed")}
            if found != set(seeds):
                raise StudyError(
                    f"article: {self.numbers.path(name, 'effect_sizes')} has the seeds {listing(sorted(found))}, the "
                    f"run has {listing(seeds)}"
                )
        return seeds

    @property
    def first(self) -> int:
        """The seed of figures, and of values without a range."""
        return self.seeds[0]

    @property
    def several(self) -> bool:
        """Whether there is more than one replicate."""
        return len(self.seeds) > 1

    @cached_property
    def datasets(self) -> list[Dataset]:
        """The data sets in the order of the run."""
        return [Dataset(self, name) for name in self.about["datasets"]]

    @property
    def few(self) -> bool:
        """Whether the data sets are so few that each can be called by its title wherever it is named."""
        return len(self.datasets) <= MOST_TITLES

    def called(self, dataset: str) -> Markup:
        """Return what a data set is called among others: by its title, or by its name where there are many."""
        return label(self.about["datasets"][dataset]["title"]) if self.few else code(dataset)

    @cached_property
    def references(self) -> dict[str, dict[str, Any]]:
        """The literature, by group and name."""
        return yaml.safe_load(_REFERENCES.read_text(encoding="utf-8"))

    @cached_property
    def _home(self) -> dict[str, Dataset]:
        """The first data set that has a space, by the space."""
        homes: dict[str, Dataset] = {}
        for dataset in self.datasets:
            homes = {**dict.fromkeys(dataset.everything, dataset), **homes}
        return homes

    def spaces(self, *roles: str) -> list[str]:
        """Return the spaces of the run that have one of these roles, in the order of the catalogue."""
        return [name for name, space in self.about["spaces"].items() if name in self._home and space["role"] in roles]

    def declared(self, space: str) -> Mapping[str, str | None]:
        """Return what is declared of a space."""
        return self.about["spaces"][space]

    def models(self, *kinds: str) -> list[str]:
        """Return the embeddings of models of these kinds, not what is fitted on them."""
        return [name for name in self.spaces("model") if self._is_embedding(name) and self._kind(name) in kinds]

    def _is_embedding(self, name: str) -> bool:
        return self.declared(name)["parent"] is None

    def _kind(self, name: str) -> str | None:
        return self.declared(name)["kind"]

    def home(self, space: str) -> Dataset:
        """Return the first data set that has a space."""
        return self._home[space]

    def title(self, space: str) -> Markup:
        """Return the title of a space, looked up in the table `spaces`."""
        return text(
            '<span class="space">{}</span>', self.home(space).value("spaces", "title", style="text", space=space)
        )

    def run(self, key: str, **how: Any) -> Number:
        """Return a value of the table `run`."""
        return self.numbers.run(key, **how)

    def setting(self, key: str) -> str | None:
        """Return a value of the table `run` as text, for a condition; None if it is not set."""
        return self.numbers.setting(key)

    def has_setting(self, key: str) -> bool:
        """Return whether a key of the table `run` has a value."""
        return self.setting(key) is not None

    def cite(self, name: str) -> Markup:
        """Return a link to a reference."""
        entry = next(group[name] for group in self.references.values() if name in group)
        return text('<a class="cite" href="{}#ref-{}">{}</a>', METHODS, anchor(name), entry["name"])

    def written(self, words: str) -> Markup:
        """Return declared text, with values for `{key}` and references for `[name]`; what is neither stays as it is."""
        known = {name for group in self.references.values() for name in group}

        def value(found: re.Match) -> str:
            key, name = found[1], found[2]
            if key is not None and self.has_setting(key):
                return str(escape(self.run(key, style="number" if _is_number(str(self.setting(key))) else "text")))
            return str(self.cite(name)) if name in known else found[0]

        return Markup(re.sub(r"\{([\w.-]+)\}|\[([a-z0-9-]+)\]", value, str(escape(words))))

    def names_in_methods(self, reference: str) -> bool:
        """Return whether the methods of a space of the run name a reference."""
        return any(f"[{reference}]" in space["methods"] for space in self.about["spaces"].values())

    def each(self, key: str, style: str = "number", unset: str = "none", among: Iterable[str] = ()) -> Markup:
        """Return a setting of the data sets: once if it is the same for all, else one by one."""
        names = list(among) or list(self.about["datasets"])

        def one(name: str) -> Any:
            whole = f"{name}.{key}"
            return self.run(whole, style=style) if self.has_setting(whole) else unset

        if len({self.setting(f"{name}.{key}") for name in names}) == 1:
            return text("{}", one(names[0]))
        return joined((text("{} ({})", one(name), code(name)) for name in names), ", ")


def _is_number(words: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", words) is not None


class Dataset:
    """A data set of a study: its numbers, and what its file says of it."""

    def __init__(self, study: Study, name: str) -> None:
        self.study, self.name = study, name
        self.about: Mapping[str, Any] = study.about["datasets"][name]

    @property
    def title(self) -> str:
        """What it is called."""
        return self.about["title"]

    @property
    def page(self) -> str:
        """The name of its page."""
        return page_of(self.name)

    @property
    def values(self) -> Words:
        """What its values are, in words."""
        return VALUES[self.about["values"]]

    @property
    def spaces(self) -> list[str]:
        """Its spaces but for the controls, in the order of the configuration."""
        return self.about["spaces"]

    @property
    def controls(self) -> list[str]:
        """Its controls."""
        return self.about["controls"]

    @property
    def everything(self) -> list[str]:
        """Its spaces, controls last."""
        return [*self.spaces, *self.controls]

    @property
    def main(self) -> str:
        """The space of what is shown of one: the first encoding, or the first space of a study without any."""
        encodings = [name for name in self.spaces if self.study.declared(name)["role"] == "encoding"]
        return (encodings or self.spaces)[0]

    @property
    def tokenised(self) -> bool:
        """Whether a model reads its cells, or an encoding their tokens."""
        return bool(self.about["tokens"])

    def has(self, table: str, **where: Any) -> bool:
        """Return whether any row of a table meets the conditions."""
        return self.study.numbers.has(self.name, table, **where)

    def rows(self, table: str, *columns: str, **where: Any) -> list[dict[str, Any]]:
        """Return columns of the rows that meet the conditions."""
        return self.study.numbers.rows(self.name, table, *columns, **where)

    def value(self, table: str, column: str, **where: Any) -> Number:
        """Return the value in the one row that meets the conditions."""
        return self.study.numbers.value(self.name, table, column, **where)

    def of_first(self, table: str, column: str, **where: Any) -> Number:
        """Return a value of the first seed."""
        return self.value(table, column, seed=self.study.first, **where)

    def derived(self, function: str, table: str, column: str, **where: Any) -> Number:
        """Return a function of a column over the rows that meet the conditions."""
        return self.study.numbers.derived(function, self.name, table, column, **where)

    def span(self, table: str, column: str, **where: Any) -> Markup:
        """Return the least and the largest value over the seeds; one value if the two look the same."""
        low, high = (self.derived(function, table, column, **where) for function in ("min", "max"))
        return text("{}", low) if low.text == high.text else text("{} to {}", low, high)

    def with_range(self, table: str, column: str, **where: Any) -> Markup:
        """Return the value of the first seed, and below it the range over the seeds if there are several."""
        value = self.of_first(table, column, **where)
        if not self.study.several:
            return text("{}", value)
        return text("{}<br><small>{}</small>", value, self.span(table, column, **where))

    def interval(self, table: str, **where: Any) -> Markup:
        """Return an estimate of the first seed with its interval, on two lines."""
        how = {"style": "probability", **where}
        return text(
            "{}<br><small>[{}, {}]</small>",
            *(self.of_first(table, column, **how) for column in ("estimate", "low", "high")),
        )

    def ends(self, table: str, number: str, style: str, *, between: str = "<br>", **where: Any) -> Markup:
        """Return a number of the first seed with its interval (`<number>_low`, `_high`), where that is known."""
        value = self.of_first(table, number, style=style, **where)
        row = self.rows(table, f"{number}_low", seed=self.study.first, **where)[0]
        if row[f"{number}_low"] is None:
            return text("{}", value)
        low, high = (self.of_first(table, f"{number}_{end}", style=style, **where) for end in ("low", "high"))
        return text("{}" + between + "<small>[{}, {}]</small>", value, low, high)
