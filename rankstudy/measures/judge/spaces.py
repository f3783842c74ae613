"""The spaces of a second opinion: the embeddings, and beside them expression, order and controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd

from rankstudy.cells.selection import sample_cells
from rankstudy.cells.tables import SELECTION
from rankstudy.core.cell_types import slugs
from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.files import write_anndata
from rankstudy.core.seeds import generator
from rankstudy.measures.judge.given import Given
from rankstudy.measures.judge.options import Options
from rankstudy.measures.uncertainty.references import compared_with
from rankstudy.pairs.space import SpaceData
from rankstudy.pairs.space_files import write_part, write_view
from rankstudy.spaces.brought.bring import has_likeness, vectors_of
from rankstudy.spaces.catalogue import Catalogue, catalogue
from rankstudy.spaces.genes import keep_cells, select_genes, write_analysed
from rankstudy.spaces.make import encode_shards, fit_space, gather_space, make_control
from rankstudy.spaces.registry import brought
from rankstudy.spaces.tables import NO_LIKENESS, NOT_BROUGHT

REFERENCE = "expression"
_OF_COUNTS = ["rank", REFERENCE, "expression-pca", "library-size"]
_CONTROLS = ["random", "one-hot"]


@dataclass(frozen=True)
class Judged:
    """What is judged, and the cells that were drawn for it.

    Attributes
    ----------
    chosen
        The drawn cells, sorted by type and id, with `slug`.
    names
        What each embedding is called among the spaces: `x-scgpt` for `X_scGPT`.
    catalogue
        All spaces there are, with the embeddings among them.
    notes
        What was left out, as sentences.
    """

    given: Given
    options: Options
    chosen: pd.DataFrame
    names: Mapping[str, str]
    catalogue: Catalogue
    notes: Sequence[str]

    @classmethod
    def of(cls, given: Given, options: Options) -> Judged:
        """Draw the cells and name the spaces.

        Raises
        ------
        StudyError
            If fewer than two types have enough cells, or two embeddings have one name.
        """
        names = slugs(list(given.embeddings))
        spaces = {
            name: space
            for embedding, slug in names.items()
            for name, space in brought(slug, embedding, options.measures.get(embedding, "euclidean")).items()
            if name == slug
        }
        if unknown := sorted(set(options.measures) - set(names)):
            problem = f"measures: there is no embedding {listing(unknown)}"
            raise StudyError(advise(problem, f"name those that are judged: {listing(names)}"))
        of_twins = {*options.twins, *(half for halves in options.twins.values() for half in halves)}
        if unknown := sorted(of_twins - set(names)):
            problem = f"twins: there is no embedding {listing(unknown)}"
            raise StudyError(advise(problem, f"name those that are judged: {listing(names)}"))
        chosen, notes = _drawn(given.cells, options)
        return cls(given, options, chosen, names, catalogue((), {}, {"embeddings": spaces}), notes)


@dataclass(frozen=True)
class Spaces:
    """The files of the spaces, by name, and what the tables need of them.

    Attributes
    ----------
    files
        File of each space.
    cells
        The table `analysed_cells`.
    sizes
        Compared cells of each type, by slug.
    declared
        What is declared of each space.
    reference, references
        The space that others are compared with, and for each the one that it is compared with.
    notes
        What was left out, as sentences.
    """

    files: Mapping[str, str]
    cells: str
    sizes: Mapping[str, int]
    declared: Mapping[str, Mapping[str, Any]]
    references: Mapping[str, Mapping[str, str]]
    notes: Sequence[str] = field(default_factory=list)

    @property
    def reference(self) -> str:
        """The space that the others are compared with."""
        return next(iter(self.references))


def _drawn(cells: pd.DataFrame, options: Options) -> tuple[pd.DataFrame, list[str]]:
    """Return the drawn cells, and sentences on what was left out."""
    sizes = cells["cell_type"].value_counts().sort_index()
    enough = sizes[sizes >= options.min_cells].index
    if len(enough) < 2:
        problem = f"{len(enough)} cell types have at least {options.min_cells} cells, and at least 2 are needed"
        raise StudyError(advise(problem, "name another column of labels", "lower `min_cells`"))
    named, parts = slugs(sorted(enough)), []
    for label in enough:
        of_type = cells[cells["cell_type"] == label]
        at = sample_cells(of_type, options.cells_per_type, generator(options.seed, options.name, label))
        parts.append(of_type.iloc[at])
    chosen = pd.concat(parts).assign(slug=lambda frame: frame["cell_type"].map(named))
    notes = [f"{len(chosen)} of {len(cells)} cells are compared"]
    notes[0] += (
        "."
        if options.cells_per_type is None
        else f": at most {options.cells_per_type} of each type, drawn by seed {options.seed}."
    )
    if small := sizes[sizes < options.min_cells].index.tolist():
        notes.append(f"Types of fewer than {options.min_cells} cells are left out: {listing(small, 20)}.")
    return chosen.sort_values(["slug", "cell_id"], ignore_index=True), notes


def write_spaces(judged: Judged, embeddings: Sequence[str], work: Path) -> Spaces:
    """Write every space of a second opinion.

    Parameters
    ----------
    judged
        What is judged.
    embeddings
        Those that passed their audit.
    work
        The folder for files.
    """
    parts, lost = _parts(judged, embeddings, work)
    cells, notes = str(work / "analysed_cells.parquet"), []
    shard = _write_shard(judged, work) if judged.given.counts is not None else None
    if shard is None:
        write_analysed(_selection(judged), lost, judged.options.name, judged.options.seed, cells)
    else:
        _keep(judged, shard, lost, cells, work)
    made = _Making(judged, cells, work)
    files = {name: made.gathered(name, [path]) for name, path in parts.items()}
    files |= made.of_counts(shard, {judged.catalogue.spaces[name].metric for name in files}) if shard else {}
    files |= {name: made.control(name) for name in _CONTROLS}
    analysed = pd.read_parquet(cells)
    if len(lost):
        notes.append(f"{int((~analysed['used']).sum())} cells leave all spaces: {listing(sorted(set(lost.values())))}.")
    ordered = {name: files[name] for name in judged.catalogue.spaces if name in files}
    declared = {name: judged.catalogue.described(name) for name in ordered}
    reference = REFERENCE if REFERENCE in files else next(iter(parts))
    among = {name: judged.catalogue.spaces[name] for name in ordered}
    sizes = analysed[analysed["used"]].groupby("slug").size().sort_index().to_dict()
    return Spaces(ordered, cells, sizes, declared, {reference: compared_with(reference, among)}, notes)


def _parts(judged: Judged, embeddings: Sequence[str], work: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Write the vectors of each embedding; return the files, and cells without any with the reason."""
    files, lost = {}, {}
    for embedding in embeddings:
        given, space = judged.given.embeddings[embedding], judged.names[embedding]
        spec, ids = judged.catalogue.spaces[space], judged.chosen["cell_id"].to_numpy(object)
        vectors, found = vectors_of(given, pd.Index(given.ids).to_numpy(object), ids)
        lost |= dict.fromkeys(ids[~found], NOT_BROUGHT)
        lost |= dict.fromkeys(ids[found][~has_likeness(vectors, spec.metric)], NO_LIKENESS)
        frame = judged.chosen.loc[found, ["cell_id", "cell_type", "slug", "batch"]].reset_index(drop=True)
        files[space] = str(work / f"{space}.part.h5ad")
        made = {"kind": "brought", "title": spec.title}
        names = [f"{space}-{i + 1}" for i in range(vectors.shape[1])]
        data = SpaceData(space, spec.metric, vectors, frame)
        write_part(data, files[space], dimensions=names, seed=judged.options.seed, made=made)
    return files, lost


def _selection(judged: Judged) -> pd.DataFrame:
    stated = {"dataset": judged.options.name, "seed": judged.options.seed, "donor": None, "part": "0"}
    chosen = judged.chosen.assign(**stated)
    return (chosen if "n_counts" in chosen else chosen.assign(n_counts=np.nan))[SELECTION.names]


def _write_shard(judged: Judged, work: Path) -> str:
    """Write the counts of the drawn cells as the workflow's jobs read them."""
    order = np.argsort(judged.chosen["row"].to_numpy())
    counts = judged.given.counts(judged.chosen["row"].to_numpy()[order])[np.argsort(order)]
    obs = judged.chosen.set_index("cell_id")[["cell_type", "slug", "batch", "n_counts"]]
    path = str(work / "shard.h5ad")
    write_anndata(ad.AnnData(counts, obs=obs, var=pd.DataFrame(index=list(judged.given.genes))), path)
    return path


def _keep(judged: Judged, shard: str, lost: Mapping[str, str], cells: str, work: Path) -> None:
    """Choose the genes, and write which cells every space holds."""
    how = {"dataset": judged.options.name, "seed": judged.options.seed}
    genes, selection = str(work / "genes.parquet"), str(work / "selection.parquet")
    select_genes([shard], "", method="highly_variable", number=judged.options.genes, output=genes, **how)
    SELECTION.write(_selection(judged), selection)
    keep_cells([shard], selection, genes, lost, output=cells, **how)


@dataclass(frozen=True)
class _Making:
    """Makes spaces as the jobs of the workflow do."""

    judged: Judged
    cells: str
    work: Path

    def _path(self, name: str) -> str:
        return str(self.work / f"{name}.h5ad")

    def gathered(self, name: str, parts: Sequence[str]) -> str:
        """Return the file of a space that is gathered from parts."""
        gather_space(parts, self.cells, seed=self.judged.options.seed, output=self._path(name))
        return self._path(name)

    def control(self, name: str) -> str:
        """Return the file of a control, or of another space that is made of the table of cells alone."""
        space = self.judged.catalogue.spaces[name]
        how = {"metric": space.metric, "function": space.function, "columns": space.cells}
        make_control(self.cells, space=name, seed=self.judged.options.seed, output=self._path(name), **how)
        return self._path(name)

    def of_counts(self, shard: str, metrics: set[str]) -> dict[str, str]:
        """Return the files of the spaces of counts, expression by each of the embeddings' metrics too."""
        files = {name: self._encoded(name, shard) for name in _OF_COUNTS if name != "expression-pca"}
        files["expression-pca"] = self._fitted("expression-pca", {"components": self.judged.options.components})
        for metric in sorted(metrics - {"correlation"}):
            view = f"{REFERENCE}@{metric}"
            write_view(files[REFERENCE], self._path(view), name=view, metric=metric, centred=False)
            files[view] = self._path(view)
        return files

    def _encoded(self, name: str, shard: str) -> str:
        space, part = self.judged.catalogue.spaces[name], str(self.work / f"{name}.part.h5ad")
        encode_shards(
            [shard],
            {"genes": str(self.work / "genes.parquet")},
            genes=space.genes,
            dataset=self.judged.options.name,
            space=name,
            metric=space.metric,
            metrics=[space.metric],
            function=space.function,
            seed=self.judged.options.seed,
            output=part,
            report_out=str(self.work / f"{name}.part.parquet"),
        )
        return self.gathered(name, [part])

    def _fitted(self, name: str, options: dict[str, Any]) -> str:
        space = self.judged.catalogue.spaces[name]
        fit_space(
            self._path(space.parent),
            space=name,
            metric=space.metric,
            function=space.function,
            columns=space.cells,
            options=options,
            seed=self.judged.options.seed,
            output=self._path(name),
        )
        return self._path(name)
