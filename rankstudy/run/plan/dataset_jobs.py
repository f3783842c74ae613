"""The jobs of a data set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rankstudy.config import DatasetPlan, PartPlan, StudyPlan
from rankstudy.pairs.blocks import block_indices
from rankstudy.run.plan.amounts import product, total
from rankstudy.run.plan.job import Job, download, tflop_per_cell
from rankstudy.run.plan.known import MILLION, Cells, known_of
from rankstudy.run.plan.sizes import Sizes, part_mb, release_mb
from rankstudy.run.runtimes import block_units, model_units
from rankstudy.spaces.registry import SPACES

# the embedding of published weights is as wide as its release says; the widest one stands in for it
WIDEST_EMBEDDING = 1152


@dataclass(frozen=True)
class DatasetForecast:
    """What is known of a data set, with the plan of the study."""

    study: StudyPlan
    plan: DatasetPlan
    cells: Cells
    sizes: Sizes

    @property
    def name(self) -> str:
        """The data set's name."""
        return self.plan.name

    def jobs(self) -> Iterator[Job]:
        """Return its jobs; those after the index only if it is known how many cells of each type are drawn."""
        yield from self._until_index()
        if self.cells.drawn is not None:
            for seed in self.study.study.seeds:
                yield from self._of_seed(seed)
            yield from self._of_all_seeds()

    def _until_index(self) -> Iterator[Job]:
        plan, known = self.plan, self.cells
        for path, source in plan.downloads.items():
            place, _, file = path.removeprefix("resources/").rpartition("/")
            yield download("download_file", self.name, f"{place}/download_file/{file}.tsv", source["bytes"])
        for part in plan.parts.values():
            if part.is_zipped:
                size = part_mb(part)
                yield self._of_part("unpack_part", "unpack_part", part, {"mb": size}, size)
            yield self._reads_part("scan_part", "scan_part", part, {})
        yield self._once("index_cells", {"cells": product(known.cells, 1e-3)}, product(known.cells, 1e-5))
        if self.plan.model.donors is not None:
            yield self._once("describe_donors", {}, 0.0)

    def _of_seed(self, seed: int) -> Iterator[Job]:
        study, plan, known, sizes = self.study, self.plan, self.cells, self.sizes
        drawn, n = known.drawn, known.n_drawn
        all_values, shards_mb = known.values(n), sizes.shards(self)
        everything = {"values": all_values}

        def job(rule: str, rest: str = "", **keys) -> Job:
            return Job(rule, self.name, f"{self.name}/{seed}/{rule}{f'/{rest}' if rest else ''}.tsv", **keys)

        yield job("select_cells", work={"cells": product(known.cells, 1e-3)}, reads_mb=product(known.cells, 1e-5))
        for part in plan.parts.values():
            copied = {"values": product(all_values, 1 / len(plan.parts))}
            yield self._reads_part("extract_cells", f"{seed}/extract_cells", part, copied)
        for name, size in drawn.items():
            yield job("write_shard", name, work={"values": known.values(size)}, reads_mb=shards_mb)
        yield job("select_genes", work=everything, reads_mb=shards_mb)
        if plan.models:
            yield job("tokenise_shards", work=everything, reads_mb=shards_mb)
        yield job("keep_cells", work=everything, reads_mb=shards_mb)
        for name in plan.encodings:
            for i, group in enumerate(study.encoding_groups(drawn)):
                values = known.values(sum(drawn[t] for t in group))
                share = product(shards_mb, sum(drawn[t] for t in group) / max(n, 1))
                yield job("encode_shards", f"{name}/{i}", work={"values": values}, reads_mb=share)
        for name in plan.spaces:
            if SPACES[name].is_embedding:
                for i, group in enumerate(study.embedding_groups(drawn)):
                    yield self._embeds(job, name, i, sum(drawn[t] for t in group))
        for name in plan.spaces:
            if SPACES[name].is_encoding or SPACES[name].is_embedding:
                values = product(n, self.dimensions(name), 1 / MILLION)
                yield job("gather_space", name, work={"values": values}, reads_mb=sizes.space(self, name))
            elif SPACES[name].is_of_cells:
                yield job("make_control", name, work={"cells": n * 1e-3}, reads_mb=n * 1e-5)
        for name in plan.spaces:
            if SPACES[name].parent:
                yield self._fits(job, name)
        yield from self._compares(job)
        yield job("merge_blocks", work=self._type_pairs(1), reads_mb=sizes.blocks(self))
        yield job("measure_sparsity", work=everything, reads_mb=shards_mb)

    def _of_all_seeds(self) -> Iterator[Job]:
        plan, seeds, sizes = self.plan, len(self.study.study.seeds), self.sizes
        if plan.models:
            yield self._once("map_genes", {}, 0.0)
            yield self._once("collect_tokenised", {}, 0.0)
        yield self._once("relate_types", {}, product(self.cells.cells, 1e-5) if plan.has_term_column else 0.0)
        yield self._once("describe_example", {}, sizes.shards(self))
        cells = {"cells": product(self.cells.n_drawn, len(plan.spaces), seeds, 1e-3)}
        yield self._once("summarise_relations", cells, product(sizes.blocks(self), seeds))
        yield self._once("summarise_neighbours", cells, product(sizes.blocks(self), seeds))
        yield self._once("compare_batches", cells, product(self.spaces_mb, seeds))
        if plan.field_metrics:
            values = {
                "values": product(self.cells.n_drawn, self.wide, seeds, 1 / MILLION),
                "spaces": len(plan.spaces) * seeds,
            }
            for rule, beside in (("measure_integration", sizes.blocks(self)), ("measure_geometry", sizes.shards(self))):
                yield self._once(rule, values, total([self.spaces_mb, beside]).value * seeds)
        yield self._once("evaluate", self._type_pairs(seeds), product(sizes.blocks(self), seeds))
        yield self._once("check_gates", {}, 0.0)
        yield self._once("estimate_intervals", self._type_pairs(seeds), product(sizes.blocks(self), seeds))
        yield self._once("describe_spaces", {}, 0.0)
        yield self._once("collect_tables", {"cells": self.cells.n_drawn * seeds * 1e-3}, 0.0)
        for figure in plan.figures:
            yield self._once(f"draw_{figure}", {}, 0.0)
        if "trained-here" in self.study.models and plan.models:
            for part in plan.parts.values():
                folder = f"models/tokenise_training_cells/{self.name}"
                yield self._reads_part("tokenise_training_cells", folder, part, {}, below="")

    @property
    def spaces_mb(self) -> float:
        """MB of all spaces of a seed, those of unknown size left out."""
        return total(self.sizes.space(self, name) for name in self.plan.spaces).value

    @property
    def wide(self) -> int | None:
        """The dimensions of all spaces together."""
        dimensions = [self.dimensions(name) for name in self.plan.spaces]
        return None if None in dimensions else sum(dimensions)

    def dimensions(self, space: str) -> int | None:
        """Return the dimensions of a space."""
        study = self.study.study
        entry = SPACES[space]
        if entry.dimensions:
            return entry.dimensions
        if entry.parent:
            return getattr(study, entry.settings).components if entry.settings else self.dimensions(entry.parent)
        if entry.is_of_cells:
            # a label each; that there are as many batches is a guess
            return None if self.cells.drawn is None else len(self.cells.drawn)
        if entry.is_encoding:
            return self.cells.selected_genes
        return WIDEST_EMBEDDING if entry.model == "published" else study.training.hidden

    def _embeds(self, job, name: str, group: int, n: int) -> Job:
        study, published = self.study, SPACES[name].model == "published"
        tflop = n * tflop_per_cell(study, published)
        reads = product(n, self.sizes.mb_per_tokenised_cell)
        reads = total([reads, release_mb(study) if published else self.sizes.mb_of_own_model]).value
        model = study.study.geneformer
        units = model_units(tflop, model.threads, model.device)
        keys = {"work": {"tflop": tflop}, "reads_mb": reads, "threads": model.threads, "units": units}
        return job("embed_shards", f"{name}/{group}", **keys)

    def _fits(self, job, name: str) -> Job:
        n, parent = self.cells.n_drawn, SPACES[name].parent
        values = product(n, self.dimensions(parent), 1 / MILLION)
        kind = f"fit_space {SPACES[name].settings or SPACES[name].function.split(':')[1]}"
        work = {"cells": n * 1e-3, "values": values}
        return job("fit_space", name, kind=kind, work=work, reads_mb=self.sizes.space(self, parent))

    def _compares(self, job) -> Iterator[Job]:
        drawn, study = self.cells.drawn, self.study
        groups = study.block_groups(drawn)
        sizes, threads = [sum(drawn[t] for t in group) for group in groups], study.study.pairs.threads
        for i, j in block_indices(len(groups)):
            pairs = sizes[i] * (sizes[i] - 1) / 2 if i == j else sizes[i] * sizes[j]
            work = {
                "pairs": pairs * len(self.plan.spaces) / MILLION,
                "gflop": product(2e-9, pairs, self.wide),
            }
            units = block_units(self.spaces_mb, sum(sizes), sizes[i], sizes[j], threads)
            keys = {"work": work, "reads_mb": self.spaces_mb, "threads": threads, "units": units}
            yield job("compare_block", f"{i}-{j}", **keys)

    def _type_pairs(self, seeds: int) -> dict[str, float]:
        types = len(self.cells.drawn)
        return {"type_pairs": types * (types + 1) / 2 * len(self.plan.spaces) * seeds * 1e-3}

    def _once(self, rule: str, work: Mapping[str, float | None], reads_mb: float | None) -> Job:
        return Job(rule, self.name, f"{self.name}/{rule}.tsv", work=work, reads_mb=reads_mb)

    def _reads_part(self, rule: str, folder: str, part: PartPlan, more: dict[str, float | None], below=None) -> Job:
        """Return a job that reads a file of the data set from one end to the other."""
        n = part.model.cells or product(self.cells.cells, 1 / len(self.plan.parts))
        text = part.format == "table"
        work = {"text_values": self.cells.values(n)} if text else {"mb": part_mb(part)}
        return self._of_part(rule, folder, part, work | more, part_mb(part), part.format, below)

    def _of_part(self, rule, folder, part, work, reads_mb, format=None, below=None) -> Job:
        start = f"{self.name}/" if below is None else below
        path = f"{start}{folder}/{part.name}.tsv"
        return Job(rule, self.name, path, work=work, reads_mb=reads_mb, format=format)


def forecasts(study: StudyPlan, sizes: Sizes) -> dict[str, DatasetForecast]:
    """Return the forecast of each data set, with what is known of it in the working directory."""
    return {name: DatasetForecast(study, plan, known_of(plan), sizes) for name, plan in study.datasets.items()}
