"""Every job of a study, and how much each has to do.

Groups, blocks, parts, figures and models come from the same functions that the rules use (`rankstudy.plan`,
`rankstudy.config`); a test compares the number of jobs per rule with Snakemake's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from rankstudy.config import DatasetPlan, PartPlan, StudyPlan
from rankstudy.config.ontology import OntologyPlan
from rankstudy.forecast.amounts import product, total
from rankstudy.forecast.known import MILLION, Cells, known_of
from rankstudy.forecast.sizes import Sizes, part_mb, release_mb
from rankstudy.plan import block_indices
from rankstudy.registry import SPACES
from rankstudy.resources import MEMORY, Memory, reading

SHARED = "shared"
DOWNLOAD = "download"  # what a file costs beside the time on the network, wherever it comes from
# the embedding of published weights is as wide as its release says; the widest one stands in for it
WIDEST_EMBEDDING = 1152


@dataclass(frozen=True)
class Job:
    """A job, and how much it has to do.

    Attributes
    ----------
    rule, owner
        Its rule, and its data set or SHARED.
    benchmark
        Where Snakemake writes its time, below `results/benchmarks/`.
    kind
        What its cost goes by: the rule, but for rules that do different things.
    work
        Units of work (`benchmarks/costs.json` has the seconds of each); None where unknown.
    reads_mb
        MB of its inputs; None where unknown.
    threads
        Threads that its work is spread over.
    """

    rule: str
    owner: str
    benchmark: str
    kind: str = ""
    work: Mapping[str, float | None] = field(default_factory=dict)
    reads_mb: float | None = 0.0
    threads: int = 1
    reading: Memory | None = None

    @property
    def costs_as(self) -> str:
        """The name of its cost."""
        return self.kind or self.rule

    @property
    def memory_mb(self) -> float:
        """MB that its rule asks for at the first attempt; without what depends on inputs of unknown size."""
        return (self.reading or MEMORY[self.rule]).mb(self.reads_mb or 0.0)


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
            yield Job("download_file", self.name, f"{place}/download_file/{file}.tsv", DOWNLOAD, _mb(source["bytes"]))
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
        work = {"tflop": n * tflop_per_cell(study, published)}
        reads = product(n, self.sizes.mb_per_tokenised_cell)
        reads = total([reads, release_mb(study) if published else self.sizes.mb_of_own_model]).value
        keys = {"work": work, "reads_mb": reads, "threads": study.study.geneformer.threads}
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
        sizes = [sum(drawn[t] for t in group) for group in groups]
        for i, j in block_indices(len(groups)):
            pairs = sizes[i] * (sizes[i] - 1) / 2 if i == j else sizes[i] * sizes[j]
            work = {
                "pairs": pairs * len(self.plan.spaces) / MILLION,
                "gflop": product(2e-9, pairs, self.wide),
            }
            yield job(
                "compare_block", f"{i}-{j}", work=work, reads_mb=self.spaces_mb, threads=study.study.pairs.threads
            )

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
        return self._of_part(rule, folder, part, work | more, part_mb(part), reading(part.format), below)

    def _of_part(self, rule, folder, part, work, reads_mb, memory=None, below=None) -> Job:
        start = f"{self.name}/" if below is None else below
        path = f"{start}{folder}/{part.name}.tsv"
        return Job(rule, self.name, path, work=work, reads_mb=reads_mb, reading=memory)


def tflop_per_cell(study: StudyPlan, published: bool) -> float:
    """Return the operations to embed a cell, in units of 10^12: at most, since a cell may have fewer tokens.

    Twice the parameters per token, as each is multiplied and added once, and for the study's own model what its
    attention does. The parameters of published weights are counted by the size of their file.
    """
    if published:
        longest = 2048 if study.release.model.version == "V1" else 4096
        return 2 * (study.release.model.files.weights.bytes / 4) * longest * 1e-12
    size = study.study.training
    per_token = 2 * (4 * size.hidden**2 + 2 * size.hidden * size.feed_forward) + 4 * size.max_length * size.hidden
    return size.layers * per_token * size.max_length * 1e-12


def forecasts(study: StudyPlan, sizes: Sizes) -> dict[str, DatasetForecast]:
    """Return the forecast of each data set, with what is known of it in the working directory."""
    return {name: DatasetForecast(study, plan, known_of(plan), sizes) for name, plan in study.datasets.items()}


def shared_jobs(study: StudyPlan, datasets: Mapping[str, DatasetForecast]) -> Iterator[Job]:
    """Return the jobs that belong to no data set: packages, the release, models, the article."""
    for requirement in study.packages:
        work = _mb(study.package(requirement)["bytes"])
        yield Job("download_package", SHARED, f"packages/{requirement}/download_package.tsv", DOWNLOAD, work)
    release = f"geneformer/{study.release.name}"
    for file in study.release_downloads:
        yield Job(
            "download_model_file", SHARED, f"{release}/download_model_file/{file.path}.tsv", DOWNLOAD, _mb(file.bytes)
        )
    if study.tokenised:
        yield Job("convert_dictionaries", SHARED, f"{release}/convert_dictionaries.tsv")
    if study.ontology is not None:
        yield from _ontology(study.ontology)
    yield from _models(study, datasets)
    yield Job("write_article", SHARED, "article/write_article.tsv", work={"datasets": len(datasets)})


def _ontology(ontology: OntologyPlan) -> Iterator[Job]:
    source, name = ontology.model.source, f"ontology/{ontology.name}"
    if ontology.is_downloaded:
        benchmark = f"{name}/files/download_file/{source.name}.tsv"
        yield Job("download_file", SHARED, benchmark, DOWNLOAD, _mb(source.bytes))
    yield Job("convert_ontology", SHARED, f"{name}/convert_ontology.tsv", reads_mb=_mb(source.bytes)["mb"])


def _models(study: StudyPlan, datasets: Mapping[str, DatasetForecast]) -> Iterator[Job]:
    def job(rule: str, **keys) -> Job:
        return Job(rule, SHARED, f"models/{rule}.tsv", **keys)

    if "published" in study.models:
        yield job("check_published_model", work={"mb": release_mb(study)}, reads_mb=release_mb(study))
    if "untrained" in study.models:
        yield job("initialise_model")
    if "trained-here" in study.models:
        cells = [datasets[name].cells.cells for name in study.tokenised]
        yield job("draw_training_cells", work={"cells": product(total(cells).value, 1e-3) if all(cells) else None})
        training, threads = study.study.training, study.study.geneformer.threads
        # forwards and backwards is three times forwards
        tflop = 3 * training.cells * training.epochs * tflop_per_cell(study, published=False)
        yield job("train_model", work={"tflop": tflop}, threads=threads)
        yield job("draw_training_loss")


def all_jobs(study: StudyPlan, datasets: Mapping[str, DatasetForecast]) -> list[Job]:
    """Return all jobs of a study that are known."""
    of_data = chain.from_iterable(forecast.jobs() for forecast in datasets.values())
    return each_once([*of_data, *shared_jobs(study, datasets)])


def each_once(jobs: Iterable[Job]) -> list[Job]:
    """Return the jobs without repetitions: a download that several data sets need is one job of the study."""
    return list({job.benchmark: job for job in jobs}.values())


def _mb(number_of_bytes: int | None) -> dict[str, float | None]:
    return {"mb": product(number_of_bytes, 1e-6)}
