"""Megabytes (a million bytes): to download, and on disk once the study is done. The factors are measured ones."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rankstudy.config import DatasetPlan, PartPlan, StudyPlan
from rankstudy.run.plan.amounts import Amount, product, total
from rankstudy.spaces.registry import SPACES

if TYPE_CHECKING:
    from rankstudy.run.plan.dataset_jobs import DatasetForecast

MB = 1e-6


@dataclass(frozen=True)
class Sizes:
    """Bytes of what the rules write, as measured (`benchmarks/costs.json`)."""

    bytes: Mapping[str, float]

    @property
    def mb_per_tokenised_cell(self) -> float:
        """MB of the tokens of a cell."""
        return self.bytes["tokens_per_cell"] * MB

    @property
    def mb_of_own_model(self) -> float:
        """MB of the model that the study trains."""
        return self.bytes["own_model"] * MB

    def shards(self, data: DatasetForecast) -> float | None:
        """MB of the shards of one seed, and so of the parts that they are cut from."""
        return product(data.cells.n_drawn, data.cells.genes, self.bytes["shard_per_value"] * MB)

    def space(self, data: DatasetForecast, name: str) -> float | None:
        """MB of a space of one seed."""
        values = product(data.cells.n_drawn, data.dimensions(name))
        return product(values, self.bytes["encoding_per_value" if is_sparse(name) else "dense_per_value"] * MB)

    def blocks(self, data: DatasetForecast) -> float | None:
        """MB of the blocks of one seed, and so of what they are merged to."""
        if data.cells.drawn is None:
            return None
        types, spaces = len(data.cells.drawn), len(data.plan.spaces)
        by_pair = types * (types + 1) / 2 * spaces * self.bytes["block_per_type_pair"]
        return (by_pair + data.cells.n_drawn * spaces * self.bytes["block_per_cell"]) * MB

    def disk(self, data: DatasetForecast) -> Amount:
        """MB of a data set on disk: downloads, what is unpacked, and what each seed writes."""
        plan = data.plan
        unpacked = [part_mb(part) for part in plan.parts.values() if part.is_zipped]
        encoded = [self.space(data, name) for name in plan.spaces if not SPACES[name].parent]
        spaces = [self.space(data, name) for name in plan.spaces]
        tokens = product(data.cells.n_drawn, self.mb_per_tokenised_cell) if plan.models else 0.0
        # parts and shards; encoded shards and the spaces they are gathered to; blocks and their sum
        shards, blocks = self.shards(data), self.blocks(data)
        seed = total([shards, shards, *encoded, *spaces, blocks, blocks, tokens])
        seeds = len(data.study.study.seeds)
        tables = self.bytes["tables_and_figures"] * MB
        return total([download(data), *unpacked, Amount(seed.value * seeds, seed.complete), tables])


def is_sparse(space: str) -> bool:
    """Tell whether a space is written as an encoding is: it is one, or has the vectors of one."""
    made_from = SPACES[space]
    while made_from.parent and not made_from.settings:
        made_from = SPACES[made_from.parent]
    return made_from.is_encoding


def download(data: DatasetForecast) -> Amount:
    """MB to download for a data set, with the packages that its files come in, as if nothing were here yet."""
    return total(product(size, MB) for size in _downloads(data.study, data.plan).values())


def _downloads(study: StudyPlan, plan: DatasetPlan) -> dict[str, int | None]:
    """Return the bytes of what is downloaded for a data set, by path or by the name of the package."""
    files = {path: source["bytes"] for path, source in plan.downloads.items()}
    return files | {name: study.package(name)["bytes"] for name in plan.packages}


def shared_download(study: StudyPlan) -> Amount:
    """MB to download of the release."""
    of_data = {name for plan in study.datasets.values() for name in plan.packages}
    packages = [product(study.package(name)["bytes"], MB) for name in study.packages if name not in of_data]
    return total([*packages, *(file.bytes * MB for file in study.release_downloads)])


def downloaded_once(study: StudyPlan) -> float:
    """MB that several data sets need, of which all but the first are no further download."""
    every = [item for plan in study.datasets.values() for item in _downloads(study, plan).items()]
    return (sum(size or 0 for _, size in every) - sum(size or 0 for size in dict(every).values())) * MB


def of_unknown_size(study: StudyPlan) -> int:
    """Return the number of files to download whose size nobody has stated."""
    of_data = {path: size for plan in study.datasets.values() for path, size in _downloads(study, plan).items()}
    return list((of_data | {name: study.package(name)["bytes"] for name in study.packages}).values()).count(None)


def part_mb(part: PartPlan) -> float | None:
    """MB of a file of a data set: as it lies here, or as its source states it."""
    if os.path.exists(part.downloaded):
        return os.path.getsize(part.downloaded) * MB
    return product(part.model.source.bytes, MB)


def release_mb(study: StudyPlan) -> float:
    """MB of the published weights."""
    weights = study.release.model.files.weights
    return 0.0 if weights is None else weights.bytes * MB
