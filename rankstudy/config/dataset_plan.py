"""A data set as the rules use it: its files, its settings, and what follows from them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rankstudy.cells.needs import GENE_METHODS, NEEDS, Needs, suffices
from rankstudy.config.common_models import Genes, Selection
from rankstudy.config.dataset_model import BESIDE, Dataset, Part
from rankstudy.config.formats_model import FORMATS
from rankstudy.config.labels_model import Labels
from rankstudy.config.part_plan import PartPlan
from rankstudy.config.settings_model import Causes, Lattice, Settings
from rankstudy.core.cell_types import TypeCount, qualifying, selected_sizes
from rankstudy.measures.field.metrics import Metric
from rankstudy.measures.uncertainty.references import compared_with
from rankstudy.sources.source import Source
from rankstudy.spaces.catalogue import Catalogue

SINGLE_PART = "0"

# what a source says besides the bytes of its file
_WORDS = {"terms", "terms_note", "accept_terms", "local_file"}


@dataclass(frozen=True)
class DatasetPlan:
    """A data set with the study's settings filled in where it has none of its own."""

    name: str
    file: str
    model: Dataset
    spaces: list[str]
    selection: Selection
    genes: Genes
    joint: list[tuple[str, str]]
    references: list[str]
    metrics: Mapping[str, Metric]
    first_seed: int
    catalogue: Catalogue
    settings: Settings
    lattice: Lattice
    causes: Causes
    gene_list: str | None = None
    shared_genes: str = ""
    members: dict[str, DatasetPlan] = field(default_factory=dict)

    @property
    def declared(self) -> list[DatasetPlan]:
        """The data sets whose YAML files say what is read: itself, or those that it combines."""
        return list(self.members.values()) or [self]

    @property
    def parts(self) -> dict[str, PartPlan]:
        """The files of expression values, by the name of the part."""
        if self.members:
            return {part.name: part for part in self.parts_of_members()}
        model = self.model
        given = next((name for name in FORMATS if getattr(model, name) is not None), None) or model.format_of_suffix
        options = (getattr(model, given) or FORMATS[given]()).model_dump()
        parts = model.parts or {SINGLE_PART: Part(**{key: getattr(model, key) for key in ("source", *BESIDE)})}
        return {name: PartPlan(self.name, name, part, given, options, self, name) for name, part in parts.items()}

    def parts_of_members(self) -> Iterator[PartPlan]:
        """Yield the files of all members as parts of this data set: `<member>`, or `<member>_<part>` of several."""
        for name, member in self.members.items():
            for part in member.parts.values():
                yield replace(part, dataset=self.name, name=f"{name}_{part.name}" if member.several_parts else name)

    @property
    def membership(self) -> dict[str, dict[str, Any]]:
        """Of a combined data set, which member each part is of, and what its labels are called here; else empty.

        Plain values for `rankstudy.cells.members`. `prefix` keeps batches and donors of different members apart.
        """
        found = {}
        for part in self.parts.values() if self.members else ():
            name = part.declared.name
            prefix = f"{name}/" if len(self.members) > 1 else ""
            found[part.name] = {"member": name, "prefix": prefix, **self.model.combine[name].model_dump()}
        return found

    @property
    def several_parts(self) -> bool:
        """Whether there are several files, whose cells may have the same names."""
        return self.model.parts is not None or bool(self.members)

    @property
    def keep(self) -> dict[str, Any] | None:
        """Which cells are used, as plain values."""
        return None if self.model.keep is None else self.model.keep.model_dump()

    @property
    def needs(self) -> Needs:
        """The most that any step on these data needs of the values."""
        of_spaces = (self.catalogue.spaces[name].needs for name in self.computed)
        return max(GENE_METHODS[self.genes.method], *of_spaces, key=NEEDS.index)

    @property
    def used_as_counts(self) -> bool:
        """Whether the values of all cells that take part are counts, and more than their order is used."""
        return suffices(self.model.values, "counts") and self.needs != "order"

    @property
    def has_whole_counts(self) -> bool:
        """Whether the values of all cells that take part are whole counts, of which molecules can be drawn."""
        return self.are_whole_counts(self.model.values)

    def are_whole_counts(self, values: str) -> bool:
        """Whether those values of all cells that take part are whole that a file declares so."""
        return values == "counts" or values == "by_batch" and self.needs != "order"

    @property
    def downloads(self) -> dict[str, dict[str, Any]]:
        """What is downloaded for this data set but packages, by path, as plain values without words of terms."""
        return {
            source.path(plan.name): as_downloaded(source)
            for plan in self.declared
            for source in plan.downloaded_sources
        }

    @property
    def downloaded_sources(self) -> list[Source]:
        """Where its own files come from that are downloaded one by one: neither packages nor files on this machine."""
        return [s for s in self.model.every_source if s.local_file is None and s.package is None]

    @property
    def every_source(self) -> list[Source]:
        """Where all files come from, those of the data sets that it combines too."""
        return [source for plan in self.declared for source in plan.model.every_source]

    @property
    def packages(self) -> list[str]:
        """The packages that its files come in, each once, but for those that lie on this machine."""
        packaged = [s.package for s in self.every_source if s.package is not None and s.local_file is None]
        return list(dict.fromkeys(packaged))

    @property
    def encodings(self) -> list[str]:
        """The spaces that are computed shard by shard."""
        return [name for name in self.spaces if self.catalogue.spaces[name].is_encoding]

    @property
    def brought(self) -> list[str]:
        """The spaces whose vectors were made elsewhere: embeddings that its file names."""
        return [name for name in self.spaces if self.catalogue.spaces[name].is_brought]

    @property
    def audits(self) -> list[str]:
        """The audits of the embeddings that it brings."""
        return [f"results/{self.name}/audits/{name}.parquet" for name in self.brought]

    def files_of_embedding(self, name: str) -> dict[str, str]:
        """Return the files that hold an embedding: one of its own, or those of the data set, by their parts."""
        own = self.model.embeddings[name].file
        return {part.name: part.path for part in self.parts.values()} if own is None else {"": own}

    def without(self, left_out: Collection[str]) -> DatasetPlan:
        """Return the plan without some spaces, and without some of the encodings that have a curve beside these."""
        spaces = [name for name in self.spaces if name not in left_out]
        joint = [pair for pair in self.joint if set(pair) <= set(spaces)]
        also, ledgers = (
            [name for name in names if name not in left_out] for names in (self.settings.also, self.lattice.ledgers)
        )
        return replace(
            self,
            spaces=spaces,
            joint=joint,
            references=[name for name in self.references if name in spaces],
            settings=self.settings.model_copy(update={"also": also}),
            lattice=self.lattice.model_copy(update={"ledgers": ledgers}),
        )

    @property
    def first_reference(self) -> str | None:
        """The reference of what has one: figures, and overlaps of neighbourhoods; None where it has none."""
        return next(iter(self.references), None)

    @property
    def compared_with(self) -> dict[str, dict[str, str]]:
        """For each reference, the space that each other one is compared with."""
        spaces = {name: self.catalogue.spaces[name] for name in self.spaces}
        return {reference: compared_with(reference, spaces) for reference in self.references}

    def _over_genes(self, named: Collection[str]) -> list[str]:
        """Return which of these are encodings over genes that the data set's values suffice for."""
        return [
            name
            for name, space in self.catalogue.spaces.items()
            if name in named and space.has_curve and suffices(self.model.values, space.needs)
        ]

    @property
    def encodings_over_genes(self) -> list[str]:
        """The encodings that can have a curve: spaces of the study, and those of `settings.also`."""
        return self._over_genes({*self.spaces, *self.settings.also})

    @property
    def value_reference(self) -> list[str]:
        """The first of the references that is an encoding over genes and no order; empty without one."""
        possible = self.encodings_over_genes
        values = (name for name in self.references if name in possible and not self.catalogue.spaces[name].order)
        return list(values)[:1]

    @property
    def curves(self) -> list[tuple[str, str]]:
        """The pairs that have a specification curve: an encoding, and what it is compared with."""
        if not self.settings.replicates:
            return []
        possible = self.encodings_over_genes
        against = [(name, reference) for reference in self.value_reference for name in possible if name != reference]
        own = [pair for pair in self.settings.pairs if set(pair) <= set(possible)]
        return list(dict.fromkeys([*against, *own]))

    @property
    def ledgers(self) -> list[tuple[str, str]]:
        """The encodings that have a ledger, each with the reference that it starts from."""
        if not self.lattice.replicates:
            return []
        start = [name for name in self.value_reference if self.catalogue.spaces[name].is_corner]
        return [(name, of) for of in start for name in self._over_genes(self.lattice.ledgers) if name != of]

    @property
    def corner_encodings(self) -> list[str]:
        """The encodings that are corners of the lattice: those of the ledgers, and others that declare their steps."""
        if not self.ledgers:
            return []
        named = {*self.encodings_over_genes, *(name for ledger in self.ledgers for name in ledger)}
        return [name for name in self._over_genes(named) if self.catalogue.spaces[name].is_corner]

    @property
    def orders_by_medians(self) -> list[str]:
        """The encodings with a ledger that are orders of counts over a corpus's medians."""
        steps = {name: self.catalogue.spaces[name].steps for name, _ in self.ledgers}
        return [name for name, of in steps.items() if of.scaled and of.kept == "order"]

    @property
    def exported_encodings(self) -> list[str]:
        """The encodings that are written for models that run elsewhere: those that read genes of their own."""
        return [name for name in self.encodings_over_genes if self.catalogue.spaces[name].vocabulary]

    @property
    def cause_encodings(self) -> list[str]:
        """The encodings of which causes are looked for: all over genes, where molecules can be drawn."""
        return self._encodings_of_counts if self.has_whole_counts else []

    @property
    def _encodings_of_counts(self) -> list[str]:
        possible = self.causes.replicates and self.model.values in ("counts", "by_batch")
        return self.encodings_over_genes if possible else []

    @property
    def cause_pairs(self) -> list[tuple[str, str]]:
        """These encodings, each with the reference that it is compared with at every depth."""
        return [(name, of) for of in self.value_reference for name in self.cause_encodings if name != of]

    @property
    def curve_encodings(self) -> list[str]:
        """The encodings that stand in a specification curve, of which some may be no spaces of the study."""
        named = {name for pair in self.curves for name in pair}
        return [name for name in self.catalogue.spaces if name in named]

    @property
    def computed(self) -> list[str]:
        """The spaces, and the encodings that are looked at beside these: all that reads its values."""
        beside = self.curve_encodings, self.corner_encodings, self._encodings_of_counts
        return list(dict.fromkeys([*self.spaces, *(name for names in beside for name in names)]))

    @property
    def models(self) -> list[str]:
        """The models whose embeddings are compared."""
        of_spaces = {self.catalogue.spaces[space].model for space in self.spaces}
        return [name for name in self.catalogue.models if name in of_spaces]

    @property
    def main_space(self) -> str:
        """The space of the figures that show one: the first encoding, or the first space of a study without any."""
        encodings = (name for name in self.spaces if self.catalogue.spaces[name].role == "encoding")
        return next(encodings, self.spaces[0])

    @property
    def relates_types(self) -> bool:
        """Whether anybody states which of its cell types are similar."""
        return bool(self.terms or self.has_term_column or self.terms_by_name or self.model.similar)

    def sampled(self, types: Sequence[TypeCount]) -> dict[str, int]:
        """Return the cells that one seed draws of each type that takes part, by the name of its files.

        Raises
        ------
        StudyError
            If a type that the selection names does not exist or is too small.
        """
        chosen = qualifying(types, self.selection.min_cells, self.selection.cell_types)
        return selected_sizes(chosen, self.selection.cells_per_type)

    @property
    def expected(self) -> dict[str, int | None]:
        """What the files of expression values must hold, as plain values."""
        return self.model.expect.model_dump(include={"cells", "genes", "cell_types"})

    @property
    def donors_file(self) -> str:
        """The table of the donors, or an empty text."""
        return "" if self.model.donors is None else self.model.donors.source.path(self.name)

    @property
    def resampled_units(self) -> str:
        """What intervals draw anew: donors, where the data set names them."""
        return "batches" if self.model.donor is None else "donors"

    @property
    def donors_apart(self) -> bool:
        """Whether donors are something else than batches."""
        return self.model.donor is not None and self.model.donor != self.model.batch

    @property
    def flag_column(self) -> str | None:
        """The column of the genes to read, if genes are taken by it."""
        return self.genes.column if self.genes.method == "flagged" else None

    @property
    def annotations(self) -> dict[str, dict[str, Any]]:
        """Which columns say what, as plain values for `rankstudy.cells.index`."""
        roles = {"cell_type": self.model.cell_type, "batch": self.model.batch, "donor": self.model.donor}
        if self.state_of_cells is not None:
            roles["state"] = self.state_of_cells
        if self.has_term_column:
            roles["term"] = Labels(column=self.model.ontology.column)
        return {role: labels.model_dump() for role, labels in roles.items() if labels is not None}

    @property
    def state_of_cells(self) -> Labels | None:
        """The column of the cells that says their state; None where donors have it, or nobody asks."""
        states = self.model.states
        return states.condition if states is not None and isinstance(states.condition, Labels) else None

    @property
    def indexed_parts(self) -> list[str]:
        """The index of its files, where a column of the cells says their state, else nothing."""
        return (
            [] if self.state_of_cells is None else [f"results/{self.name}/index/{p}.cells.parquet" for p in self.parts]
        )

    @property
    def donors_with_states(self) -> list[str]:
        """The table of the donors, where they have the states, else nothing."""
        return [f"results/{self.name}/tables/donors.parquet"] if self.state_of_cells is None else []

    @property
    def states(self) -> dict[str, Any]:
        """How states are looked at, as plain values; `property` is the column of the donors that says them."""
        states = self.model.states
        property_ = None if self.state_of_cells is not None else states.condition.donors
        return {**states.model_dump(exclude={"condition"}), "property": property_}

    @property
    def has_term_column(self) -> bool:
        """Whether a column of the cells holds ids of the Cell Ontology."""
        return self.model.ontology is not None and self.model.ontology.column is not None

    @property
    def cells_with_terms(self) -> list[str]:
        """The index of its files where a column of the cells holds their ids, else nothing."""
        return (
            [f"results/{self.name}/index/{part}.cells.parquet" for part in self.parts] if self.has_term_column else []
        )

    @property
    def terms_by_name(self) -> bool:
        """Whether labels are names of terms of the Cell Ontology."""
        return self.model.ontology is not None and self.model.ontology.by_name

    @property
    def terms(self) -> dict[str, str]:
        """The ids in the Cell Ontology that the data set's file gives to labels."""
        return {} if self.model.ontology is None else dict(self.model.ontology.terms)


def as_downloaded(source: Source) -> dict[str, Any]:
    """Return what a download has to know of a source, as plain values; other terms fetch nothing again."""
    return source.model_dump(exclude=_WORDS)
