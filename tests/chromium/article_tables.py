"""Small tables of made-up data sets, from which an article can be built."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pandas as pd

from rankstudy.cells.tables import (
    BY_HAND,
    BY_ONTOLOGY,
    CELL_TYPES,
    GENES,
    SAME_LABEL,
    SELECTION_REPORT,
    SOURCE_PARTS,
    TYPE_BATCHES,
    TYPE_RELATIONS,
)
from rankstudy.core.cell_types import slugs
from rankstudy.core.tables import OWN, SIMILAR
from rankstudy.measures.field.integration import MEASURED
from rankstudy.measures.field.metrics import GEOMETRY_PROBES, INTEGRATION
from rankstudy.measures.field.tables import GEOMETRY, INTEGRATION_METRICS
from rankstudy.measures.gates.gates import found_at_gates
from rankstudy.measures.gates.tables import GATES
from rankstudy.measures.neighbours.tables import (
    BATCH_DRIVEN_NEIGHBOURS,
    COMPARED,
    LABEL_TRANSFER,
    NEIGHBOURHOODS,
    TRANSFERRED,
)
from rankstudy.measures.relations.tables import NEVER, OPERATING_POINTS, REACHED
from rankstudy.measures.tables import (
    ALIKE_ACROSS,
    BATCH_PAIRS,
    EFFECT_SIZES,
    EXAMPLE_CELL,
    JOINT,
    OUTLIER_CELLS,
    OUTLIER_TYPES,
    PAIR_SUMMARIES,
    SPARSITY_BY_TYPE,
    UNLIKE_WITHIN,
)
from rankstudy.measures.uncertainty.tables import (
    ACROSS,
    AUROC,
    BATCH_DRIVEN,
    DIFFERENCES,
    INTERVALS,
    OWN_TYPE,
)
from rankstudy.measures.verdict import BETTER, NO_DIFFERENCE, WORSE
from rankstudy.spaces.models.geneformer.tables import TRAINING_CELLS, TRAINING_LOSS
from rankstudy.spaces.models.registry import MODELS
from rankstudy.spaces.registry import SpaceSpec
from rankstudy.spaces.tables import ANALYSED_CELLS, CONSTANT, SPACES_TABLE
from tests.chromium.article_reading import reading_tables
from tests.chromium.made_causes import causes
from tests.chromium.made_curves import specification_curves
from tests.chromium.made_ledgers import ledgers

CONTROLS = ("random", "shuffled", "one-hot", "one-hot-batch")
BASE = {"rank": 0.9612, "expression": 0.97123, "expression-pca": 0.4311, "expression-umap": 0.961}
BASE |= {"trained-here": 0.9123, "trained-here-umap": 0.9411, "untrained": 0.8765, "untrained-umap": 0.8432}
BASE |= {"geneformer": 0.9655, "geneformer-umap": 0.9777}
BASE |= {"expression@cosine": 0.9653, "expression@euclidean": 0.9513, "expression-harmony": 0.9611}
BASE |= {"detection": 0.9021, "library-size": 0.5412}
BASE |= {"cell2sentence-100": 0.9284, "geneformer-v1-order": 0.9637}
BASE |= {"random": 0.5001, "shuffled": 0.4989, "one-hot": 0.9970, "one-hot-batch": 0.5123}
TITLES = {"geneformer": "Geneformer V1-10M", "trained-here": MODELS["trained-here"].title.format(cells="1,580")}
N_CELLS = 12
K = (15, 50)  # neighbours


class Tables:
    """The tables of made-up data sets, below one folder."""

    folder: Path
    seeds: tuple[int, ...]
    spaces: tuple[str, ...]
    types: tuple[str, ...]
    has_ontology: bool
    compared_with: dict[str, dict[str, dict[str, str]]]
    curves: dict[str, list[tuple[str, str]]]
    ledgers: dict[str, list[tuple[str, str]]]
    divided: dict[str, list[str]]
    caused: dict[str, tuple[list[str], list[tuple[str, str]]]]
    orders: list[str]
    replicates: int
    known: Mapping[str, SpaceSpec]

    def _tables(self, name: str) -> dict[str, Path]:
        frames = {
            CELL_TYPES: self._cell_types(),
            GENES: pd.DataFrame({"gene": list("abcdefg"), "n_cells": 1, "n_counts": 10.0, "flagged": False}),
            SELECTION_REPORT: self._report(),
            ANALYSED_CELLS: self._cells(name),
            SPARSITY_BY_TYPE: self._sparsity(),
            EFFECT_SIZES: self._effects(),
            PAIR_SUMMARIES: self._summaries(),
            OUTLIER_TYPES: self._outlier_types(),
            OUTLIER_CELLS: self._outlier_cells(name),
            EXAMPLE_CELL: self._example(name),
            JOINT: JOINT.empty(),
            SPACES_TABLE: self._descriptions(),
            OPERATING_POINTS: self._operating_points(),
            BATCH_DRIVEN_NEIGHBOURS: self._batch_driven(),
            LABEL_TRANSFER: self._label_transfer(),
            BATCH_PAIRS: self._batch_pairs(),
            INTEGRATION_METRICS: self._metrics(),
            GEOMETRY: self._probes(),
            TYPE_BATCHES: self._type_batches(),
            SOURCE_PARTS: self._parts(),
            INTERVALS: self._intervals(),
            DIFFERENCES: self._differences(name),
            TYPE_RELATIONS: self._type_relations(),
        }
        frames[GATES] = found_at_gates(frames[EFFECT_SIZES], NEIGHBOURHOODS.empty(), frames[ANALYSED_CELLS])
        frames |= reading_tables({name: self.known[name] for name in self.spaces}, frames[ANALYSED_CELLS], self.release)
        if self.curves[name]:
            frames |= specification_curves(
                name, self.curves[name], orders=self.orders, seeds=self.seeds[: self.replicates]
            )
        if self.ledgers[name]:
            cells = frames[ANALYSED_CELLS].query("seed == @self.seeds[0]")
            frames |= ledgers(name, self.ledgers[name], cells, seeds=self.seeds[:1], divided=self.divided[name])
        encodings, pairs = self.caused[name]
        if encodings:
            reference = pairs[0][1] if pairs else encodings[0]
            frames |= causes(name, encodings, reference, self.types, seeds=self.seeds[:1])
        frames = {table: frame.assign(dataset=name) for table, frame in frames.items()}
        return self._write(self.folder / "results" / name / "tables", frames)

    @staticmethod
    def _write(folder: Path, frames: dict) -> dict[str, Path]:
        paths = {table.name: folder / f"{table.name}.parquet" for table in frames}
        for table, frame in frames.items():
            table.write(frame[table.names], paths[table.name])
        return paths

    def _training_tables(self, datasets) -> dict[str, Path]:
        roles = ["training"] * 3 + ["validation"]
        rows = [{"dataset": d, "cell_id": f"{d}:t{i}", "role": role} for d in datasets for i, role in enumerate(roles)]
        cells = pd.DataFrame(rows).assign(cell_type=None, slug=None, batch="lib1", part="0", row=0, evaluated=False)
        loss = pd.DataFrame({"step": [0, 40], "n_cells": [0, 640], "training_loss": [None, 8.31]})
        loss = loss.assign(validation_loss=[8.4449, 8.3021], unigram_loss=8.4449)
        return self._write(self.folder / "results" / "models", {TRAINING_CELLS: cells, TRAINING_LOSS: loss})

    def _descriptions(self) -> pd.DataFrame:
        kinds = {"geneformer": "published", "trained-here": "trained", "untrained": "untrained"}
        rows = []
        for name in self.spaces:
            space = self.known[name]
            known = {"role": space.role, "dimensions": 128, "parent": space.parent, "model": kinds.get(space.model)}
            title = space.title
            if space.model:
                title = title.format(model=TITLES.get(space.model, MODELS[space.model].title))
                known |= {"vocabulary": "V1", "max_length": 256, "pooling": "cell", "layer": -1}
            if space.model == "trained-here":
                known |= {"trained_on": 1580, "trained_on_evaluated": 0}
            rows.append(
                {
                    "space": name,
                    "title": title,
                    "short": title,
                    "measure": space.measure,
                    "metric": space.metric,
                    **known,
                }
            )
        frame = pd.DataFrame(rows).reindex(columns=SPACES_TABLE.names)
        whole = ["max_length", "layer", "trained_on", "trained_on_evaluated"]
        return frame.astype(dict.fromkeys(whole, "Int64"))

    @property
    def release(self) -> str:
        """The release that holds the vocabulary of the models."""
        return "v1_10m" if "geneformer" in self.spaces else "v1_dictionaries"

    def _over_seeds(self, rows: list[dict]) -> pd.DataFrame:
        return pd.concat([pd.DataFrame(rows).assign(seed=seed) for seed in self.seeds], ignore_index=True)

    def _cell_types(self) -> pd.DataFrame:
        names = slugs([*self.types, "tiny"])
        frame = pd.DataFrame({"cell_type": list(names), "slug": list(names.values())})
        return frame.assign(n_cells=1234, n_batches=1, median_counts=8976.0, median_genes=1819.5)

    def _report(self) -> pd.DataFrame:
        rows = [
            {"cell_type": t, "selected": True, "reason": "selected", "n_cells": N_CELLS, "n_batches": 1}
            for t in self.types
        ]
        rows += [
            {
                "cell_type": "tiny",
                "selected": False,
                "reason": "type has fewer than min_cells = 20",
                "n_cells": 3,
                "n_batches": 1,
            },
            {"cell_type": None, "selected": False, "reason": "no cell type", "n_cells": 5, "n_batches": 1},
        ]
        return self._over_seeds(rows)

    def _cells(self, name: str) -> pd.DataFrame:
        names = slugs(list(self.types))
        frames = []
        for seed in self.seeds:
            ids = range(seed, seed + N_CELLS)
            rows = [{"cell_id": f"{name}:{t}{i}", "cell_type": t, "slug": names[t]} for t in self.types for i in ids]
            frame = pd.DataFrame(rows).assign(seed=seed, batch="lib1", used=True, reason="used")
            frame.loc[0, ["used", "reason"]] = [False, CONSTANT]
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def _sparsity(self) -> pd.DataFrame:
        rows = [
            {"cell_type": t, "n_cells": N_CELLS, "n_counts": 5000.5, "zeros_all": 0.91, "tied_selected": 0.9963}
            for t in (None, *self.types)
        ]
        frame = self._over_seeds(rows)
        return frame.assign(zeros_selected=0.9 + 0.011 * frame["seed"], tied_detected=0.4567)

    def _effects(self) -> pd.DataFrame:
        rows = []
        for space in self.spaces:
            rows += [{"space": space, "cell_type": t, "auroc": BASE.get(space, 0.9)} for t in (None, *self.types)]
        frame = self._over_seeds(rows)
        frame["auroc"] += 0.003 * frame["seed"] - 0.0001 * frame["cell_type"].notna()
        numbers = {
            "n_within": 132,
            "n_between": 144,
            "auroc_error": 5.1e-5,
            "median_within": 0.31,
            "median_between": 12.81,
        }
        return frame.assign(**numbers, difference=-0.0123)

    def _operating_points(self) -> pd.DataFrame:
        rows = [
            {"space": space, "target": target, "cutoff": None if never else 0.4242, "recall": None if never else 0.3131}
            | {"precision": None if never else target, "n_relations": None if never else 99, "highest_precision": 0.93}
            | {
                f"{number}_{end}": self._end(number, end, target)
                for number in ("cutoff", "recall")
                for end in ("low", "high")
            }
            | {"reason": NEVER if never else REACHED}
            for space in self.spaces
            for target, never in ((0.5, False), (0.9, False), (0.95, True))
        ]
        frame = self._over_seeds(rows).assign(cell_type=None, level=0.95, levels="batches")
        return frame.astype({"n_relations": "Int64"})

    @staticmethod
    def _end(number: str, end: str, target: float) -> float | None:
        """Return an end of the interval of an operating point; the second one is reached, and has none."""
        ends = {"cutoff": (0.4141, 0.4343), "recall": (0.2929, 0.3232)}[number]
        return ends[end == "high"] if target == 0.5 else None

    def _batch_driven(self) -> pd.DataFrame:
        rows = [{"space": space, "k": k, "share": 0.0717} for space in self.spaces for k in K]
        return self._over_seeds(rows).assign(
            cell_type=None,
            expected=0.2323,
            other_types=0.1771,
            expected_other_types=0.4545,
            n_cells=2 * N_CELLS,
            reason=COMPARED,
        )

    def _label_transfer(self) -> pd.DataFrame:
        rows = [{"space": space, "k": k, "held_out": b} for space in self.spaces for k in K for b in (None, "lib1")]
        frame = self._over_seeds(rows).assign(n_cells=20, n_left_out=3, accuracy=0.8181, macro_f1=0.7979)
        ends = {"accuracy_low": 0.7878, "accuracy_high": 0.8484, "macro_f1_low": 0.7575, "macro_f1_high": 0.8282}
        for name, end in ends.items():
            frame[name] = np.where(frame["held_out"].isna(), end, np.nan)
        return frame.assign(expected_accuracy=0.4949, reason=TRANSFERRED, level=0.95, levels="batches")

    def _batch_pairs(self) -> pd.DataFrame:
        a, b = sorted(self.types)[:2]
        rows = [
            (a, "lib1", a, "lib1", 0.8),
            (a, "lib1", a, "lib2", 0.4),
            (a, "lib1", b, "lib1", 0.7),
            (a, "lib1", b, "lib2", 0.1),
        ]
        frames = [
            pd.DataFrame(rows, columns=["type_a", "batch_a", "type_b", "batch_b", "median"]).assign(space=space)
            for space in self.spaces
        ]
        return self._over_seeds(pd.concat(frames).to_dict("records")).assign(n=36, mean=0.5)

    def _metrics(self) -> pd.DataFrame:
        rows = [{"space": space, "metric": metric} for space in self.spaces for metric in INTEGRATION]
        frame = self._over_seeds(rows).assign(direction="types", value=0.6767, k=None, n_cells=24, reason=MEASURED)
        return frame.astype({"k": "Int64"})

    def _probes(self) -> pd.DataFrame:
        rows = [
            {"space": space, "metric": name, "k": k}
            for space in self.spaces
            for name, metric in GEOMETRY_PROBES.items()
            for k in metric.sizes or (0,)
        ]
        return self._over_seeds(rows).assign(direction="types", value=0.2323, n_cells=24, reason=MEASURED)

    @staticmethod
    def _parts() -> pd.DataFrame:
        numbers = {"member": None, "n_cells": 12, "n_genes": 7, "n_lost": 0, "share_lost": 0.0}
        choices = ["matrix: counts of <RNA> (not SCT)", None, "matrix: counts of 7", "matrix: counts of 7"]
        return pd.DataFrame({"part": ["one", "two", "three", "four"], "choices": choices}).assign(**numbers)

    def _type_batches(self) -> pd.DataFrame:
        rows = [
            {"cell_type": t, "batch": b, "median_genes": g}
            for t in self.types
            for b, g in (("lib1", 6782.5), ("lib2", 14602.0))
        ]
        return pd.DataFrame(rows).assign(n_cells=9, median_counts=12345.0)

    def _type_relations(self) -> pd.DataFrame:
        similarity = 0.7 if self.has_ontology else None
        basis = BY_ONTOLOGY if self.has_ontology else BY_HAND
        rows = [
            (a, b, OWN if a == b else SIMILAR, SAME_LABEL if a == b else basis, similarity) for a, b in self._pairs()
        ]
        frame = pd.DataFrame(rows, columns=TYPE_RELATIONS.names[1:6]).astype({"similarity": "float64"})
        return frame.assign(ancestor_id=None, ancestor_name=None)

    def _statistics(self) -> pd.DataFrame:
        names = [(AUROC, None), *((statistic, k) for statistic in (OWN_TYPE, BATCH_DRIVEN, ACROSS) for k in K)]
        rows = [{"space": space, "statistic": name, "k": k} for space in self.spaces for name, k in names]
        frame = self._over_seeds(rows).astype({"k": "Int64"}).assign(level=0.95, standard_error=0.0111)
        return frame.assign(levels="cells within batches", lowest_of_seeds=0.1, highest_of_seeds=0.9)

    def _intervals(self) -> pd.DataFrame:
        frame = self._statistics().assign(cell_type=None, estimate=0.8383, low=0.8181, high=0.8585)
        return frame.assign(
            n_cells=24, n_batches=2, lowest_without_one=None, highest_without_one=None, note="few <batches>"
        )

    def _differences(self, name: str) -> pd.DataFrame:
        frame, found = self._statistics(), [DIFFERENCES.empty().drop(columns=["dataset"])]
        verdicts = {"rank": WORSE, "expression-umap": BETTER}
        numbers = {"estimate": -0.0123, "low": -0.0321, "high": -0.0011, "p": 0.0123, "p_holm": 0.0321}
        for reference, others in self.compared_with[name].items():
            rows = frame[frame["space"].isin(others)]
            against = rows["space"].map(others)
            columns = {
                "reference": reference,
                "against": against,
                "metric": against.map(lambda space: self.known[space].metric),
                "verdict": rows["space"].map(lambda space: verdicts.get(space, NO_DIFFERENCE)),
            }
            found.append(rows.assign(**columns, **numbers, family=f"every space: {reference}", binning_error=1e-4))
        return pd.concat(found[1:] or found)

    def _pairs(self) -> list[tuple[str, str]]:
        return list(combinations_with_replacement(sorted(self.types), 2))

    def _summaries(self) -> pd.DataFrame:
        rows = [
            {"space": s, "type_a": a, "type_b": b, "relation": "within" if a == b else "between"}
            for s in self.spaces
            for a, b in self._pairs()
        ]
        return self._over_seeds(rows).assign(n=66, q05=0.0, q25=0.1, median=0.234, q75=0.3, q95=0.4)

    def _outlier_types(self) -> pd.DataFrame:
        rows = []
        for space in self.spaces:
            for kind, equal in ((ALIKE_ACROSS, False), (UNLIKE_WITHIN, True)):
                pairs = [(a, b) for a, b in self._pairs() if (a == b) == equal]
                rows += [
                    {"space": space, "kind": kind, "place": i, "type_a": a, "type_b": b}
                    for i, (a, b) in enumerate(pairs[:10], 1)
                ]
        return self._over_seeds(rows).assign(n=66, median=0.234)

    def _outlier_cells(self, name: str) -> pd.DataFrame:
        frame = self._outlier_types().drop(columns=["n", "median"])
        cells = {"cell_a": f"{name}:one_rather_long_name_of_a_cell_0001", "cell_b": f"{name}:another_long_name_0002"}
        return frame.assign(**cells, batch_a="lib1", batch_b="lib2", value=0.0619)

    def _example(self, name: str) -> pd.DataFrame:
        frame = pd.DataFrame({"gene": list("abcde"), "count": [0.0, 0.0, 1.0, 1.0, 5.0], "n_tied": [2, 2, 2, 2, 1]})
        rank = frame["count"].rank()
        return frame.assign(
            seed=self.seeds[0], cell_id=f"{name}:cell", cell_type=self.types[0], expression=0.0, rank=rank
        )
