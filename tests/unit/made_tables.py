"""Made-up tables of any size, from what their columns declare: for figures, whichever tables they read."""

import json
import re
from dataclasses import dataclass
from itertools import combinations_with_replacement, product
from types import SimpleNamespace

import numpy as np
import pandas as pd

from rankstudy.config.settings_model import Settings
from rankstudy.core.tables import Table
from rankstudy.measures.causes.tables import TABLES as OF_CAUSES
from rankstudy.measures.changes.tables import TABLES as OF_CHANGES
from rankstudy.measures.field.metrics import METRICS
from rankstudy.measures.lattice.tables import TABLES as OF_LEDGERS
from rankstudy.measures.settings.tables import TABLES
from rankstudy.spaces.tables import ANALYSED_CELLS, SPACES_TABLE
from tests.chromium.made_causes import causes
from tests.chromium.made_curves import specification_curves
from tests.chromium.made_ledgers import ledgers

LONG_NAME = "AAACCCAAGAAACACT-1_of_a_donor_with_a_long_name_00000001"
N_CELLS = 40


@dataclass(frozen=True)
class Study:
    """How many data sets, spaces and cell types there are, and what they are called."""

    types: list[str]
    datasets: list[str]
    spaces: list[str]
    controls: tuple[str, ...] = ("random", "one-hot")
    seeds: tuple[int, ...] = (0, 1)
    without_curves: tuple[str, ...] = ()
    without_ledgers: bool = False

    @property
    def plan(self):
        """What a figure asks of the plan of a data set or of the study."""
        first = self.spaces[0]
        titles = {name: f"A published encoding of cells {i}" for i, name in enumerate(self.spaces)}
        varied = {name: None if name == self.spaces[-1] else self.spaces[-1] for name in self.spaces}
        of_spaces = {
            name: SimpleNamespace(role="baseline", title=title, text="list", varies=varied[name])
            for name, title in titles.items()
        }
        encodings = {
            "spaces": self.spaces,
            "catalogue": SimpleNamespace(spaces=of_spaces),
            "settings": Settings(),
        }
        return SimpleNamespace(
            joint=[(other, first) for other in self.spaces[1:]] or [(first, first)],
            first_seed=0,
            main_space=first,
            first_reference=self.spaces[-1],
            **encodings,
            curves=self.curves,
            ledgers=self.ledgers,
            orders_by_medians=self.spaces[:2] if self.ledgers else [],
            cause_encodings=self.spaces,
            cause_pairs=self.curves,
            metrics=METRICS,
            relates_types=True,
            own_models={"trained": "trained-here"},
            study=SimpleNamespace(seeds=self.seeds, settings=Settings()),
            datasets={
                name: SimpleNamespace(
                    main_space=first,
                    references=self.spaces[-1:],
                    **encodings,
                    curves=[] if name in self.without_curves else self.curves,
                    model=SimpleNamespace(title=f"What is called {name} in a few more words"),
                )
                for name in self.datasets
            },
        )

    @property
    def curves(self):
        """The pairs of spaces that have a specification curve."""
        return [(name, self.spaces[-1]) for name in self.spaces[:-1]]

    @property
    def ledgers(self):
        """The pairs of spaces that have a ledger."""
        return [] if self.without_ledgers else self.curves

    def files(self, drawing, folder):
        """Write what a drawing reads; return the paths by the name of the argument."""
        of_figure = self.datasets if drawing.figure.level == "study" else self.datasets[:1]
        found = {}
        for name, of in drawing.figure.reads.items():
            datasets = drawing.among.get(name, of_figure)
            found[name] = [str(folder / f"{name}-{i}.parquet") for i in range(len(datasets))]
            for dataset, path in zip(datasets, found[name], strict=True):
                self._write(of, dataset, path)
        return found

    def _write(self, of, dataset, path):
        if isinstance(of, Table):
            of.write(self.table(of, dataset), path)
        else:
            with open(path, "w") as file:
                json.dump(
                    {"title": "A model with a title that is too long for a line of any figure, of 1,234,567 cells"},
                    file,
                )

    def table(self, table, dataset):
        """Return a table of a data set: all combinations of its keys, and values with as many digits as there are."""
        if table is SPACES_TABLE:
            return self._spaces(dataset)
        if table in TABLES:
            return specification_curves(dataset, self.curves, orders=self.spaces[::2])[table]
        if table in OF_LEDGERS:
            cells = self.table(ANALYSED_CELLS, dataset).drop_duplicates("cell_id")
            return ledgers(dataset, self.ledgers, cells, seeds=self.seeds, divided=self.plan.orders_by_medians)[table]
        if table in (*OF_CAUSES, *OF_CHANGES):
            return causes(dataset, self.spaces, self.spaces[-1], self.types[:3], seeds=self.seeds)[table]
        frame = self._keys(table, dataset)
        random = np.random.default_rng(0)
        for column in table.columns:
            if column.name not in frame:
                frame[column.name] = self._values(column, frame, random)
        if "statistic" in table.key:
            # the first one has no neighbours
            frame["k"] = frame["k"].where(frame["statistic"] != frame["statistic"].iloc[0]).astype("Int64")
        return frame[table.names].drop_duplicates(list(table.key))

    def _spaces(self, dataset):
        names = [*self.spaces, *self.controls]
        measures = {
            "correlation": "Spearman correlation",
            "cosine": "cosine similarity",
            "euclidean": "Euclidean distance",
        }
        rows = [
            {
                "space": name,
                "title": f"A representation of cells that needs many words: {name}",
                "short": f"Of few words {i}",
                "metric": list(measures)[i % 3],
                "measure": list(measures.values())[i % 3],
                "role": "control" if name in self.controls else ("encoding", "baseline", "model")[i % 3],
                "model": "trained" if name not in self.controls and i % 3 == 2 else None,
                "parent": self.spaces[0] if i in (4, 5) else None,
            }
            for i, name in enumerate(names)
        ]
        return pd.DataFrame(rows).assign(dataset=dataset, dimensions=2).reindex(columns=SPACES_TABLE.names)

    def _keys(self, table, dataset):
        keys = [
            column for column in table.columns if column.name in table.key and column.name not in ("type_a", "type_b")
        ]
        levels = [self._levels(column, table, dataset) for column in keys]
        frame = pd.DataFrame(product(*levels), columns=[column.name for column in keys])
        if {"type_a", "type_b"} <= set(table.names):
            pairs = pd.DataFrame(combinations_with_replacement(sorted(self.types), 2), columns=["type_a", "type_b"])
            if "type_a" in table.key:
                frame = frame.merge(pairs, how="cross")
            else:
                frame[["type_a", "type_b"]] = pairs.to_numpy()[np.arange(len(frame)) % len(pairs)]
        return frame

    def _levels(self, column, table, dataset):
        named = {
            "dataset": [dataset],
            "seed": self.seeds[:1] if "<seed>" in table.location else self.seeds,
            "cell_type": [None, *self.types[:3]] if column.optional else self.types,
            "k": [15, 50],
            "place": range(1, 11),
            "gene": [f"ENSG{i:011}" for i in range(N_CELLS)],
            "cell_id": [f"{dataset}:{i:02}_{LONG_NAME}" for i in range(N_CELLS)],
            "held_out": [None, "a batch of a long name 1", "a batch of a long name 2"],
            "step": range(5),
        }
        if column.name == "reference":
            return self.spaces[-1:]
        if column.name.startswith("space"):
            return [*self.spaces, *self.controls]
        if column.name in named:
            return named[column.name]
        return _words(column) or np.linspace(0.1, 0.9, 5)

    def _values(self, column, frame, random):
        n = len(frame)
        if column.name == "relation" and "type_a" in frame:
            same, *others = _words(column)
            return np.where(frame["type_a"] == frame["type_b"], same, np.resize(others, n))
        if column.unit == "counts" and column.type == "number":
            return np.resize([0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 3.0, 40.0, 700.0], n)
        if column.type == "number":
            return {"low": 0.1, "high": 0.9}.get(column.name.rpartition("_")[2], random.uniform(0.2, 0.8, n))
        if column.type == "integer":
            return random.integers(1, 123_456, n)
        if column.type == "boolean":
            return np.arange(n) % 2 == 0
        if column.name == "against":
            return np.resize(self.spaces[-2:-1] or self.spaces, n)
        if column.name == "cell_type":
            return np.resize(self.types, n)
        if column.name.startswith("cell_"):
            return [f"toy:{i:02}_{LONG_NAME}" for i in range(n)]
        return np.resize(_words(column) or ["a batch of a long name"], n)


def _words(column):
    """Return the words that a column of text may hold, which its meaning lists; none of another column."""
    return re.findall(r"`([^`<]+)`", column.meaning) if column.type == "text" else []
