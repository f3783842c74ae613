"""The second opinion itself: audit, spaces, all pairs, and the study's tables of them.

Every number comes from the functions that the workflow's jobs call, on the same files, so that the same vectors give
the same tables here and there.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import anndata as ad
import pandas as pd

from rankstudy.core.errors import listing
from rankstudy.core.progress import Progress
from rankstudy.measures.audit.audit import audit, failures
from rankstudy.measures.audit.brought_rows import Brought
from rankstudy.measures.audit.tables import AUDIT
from rankstudy.measures.judge.given import AUTO, Given, given_of
from rankstudy.measures.judge.known import leakage_of
from rankstudy.measures.judge.options import Options
from rankstudy.measures.judge.spaces import Judged, Spaces, write_spaces
from rankstudy.measures.judge.tables import TABLES
from rankstudy.measures.judge.twins import write_twins
from rankstudy.measures.neighbours.neighbourhoods import summarise_neighbours
from rankstudy.measures.separation import evaluate, merge_blocks
from rankstudy.measures.uncertainty.evaluation import evaluate_uncertainty
from rankstudy.pairs.blocks import block_indices, pack
from rankstudy.pairs.engine import compare
from rankstudy.pairs.space_files import SpaceFile
from rankstudy.spaces.describe import describe_spaces

log = logging.getLogger(__name__)

_OUTLIERS = 10


@dataclass(frozen=True)
class Opinion:
    """What was found: tables by name (`docs/tables.md`), and sentences on what was decided and left out."""

    tables: Mapping[str, pd.DataFrame]
    notes: Sequence[str]


def judge(
    adata: ad.AnnData,
    *,
    cell_type: str,
    batch: str | None = None,
    obsm: Sequence[str] = (),
    files: Mapping[str, str] | None = None,
    counts: str = AUTO,
    **options: object,
) -> Opinion:
    """Judge embeddings of the cells of an AnnData object.

    Parameters
    ----------
    adata
        The cells.
    cell_type, batch
        Columns of `obs`; without a batch, nothing is said about batches.
    obsm
        The embeddings, entries of `obsm`.
    files
        Further embeddings in files of their own, by name (`rankstudy.spaces.brought.files.open_embedding`).
    counts
        Where the raw counts are: `X`, `layers/<name>`, `raw/X`; `auto`, the first of these that holds whole numbers; or
        `none`.
    options
        Fields of `rankstudy.measures.judge.options.Options`.

    Raises
    ------
    StudyError
        If a column or entry does not exist, or too few cells or types are left.
    """
    known = {one.name for one in fields(Options)}
    if unknown := sorted(set(options) - known):
        raise TypeError(f"judge() has no option {listing(unknown)}; it has {listing(sorted(known), 20)}")
    given = given_of(adata, cell_type=cell_type, batch=batch, obsm=obsm, files=files, counts=counts)
    with tempfile.TemporaryDirectory() as folder:
        paths = {table.name: str(Path(folder) / f"{table.name}.parquet") for table in TABLES}
        notes = write_opinion(given, Options(**options), paths, folder)
        found = {table.name: table.read(paths[table.name]) for table in TABLES if Path(paths[table.name]).exists()}
    return Opinion(found, notes)


def write_opinion(given: Given, options: Options, outputs: Mapping[str, str], work: str) -> list[str]:
    """Judge embeddings and write the tables.

    Parameters
    ----------
    given
        Cells and embeddings.
    options
        How they are judged.
    outputs
        Where each of `rankstudy.measures.judge.tables.TABLES` goes, by its name, and `<name>_tsv` for its text form.
        Where no embedding passes its audit, there is the table of audits alone.
    work
        A folder for files between.

    Returns
    -------
    Sentences on what was decided, and what is left out.
    """
    notes = list(given.notes)
    judged = Judged.of(given, options)
    notes += judged.notes
    passed = _audited(judged, outputs)
    if lost := [name for name in given.embeddings if name not in passed]:
        notes.append(f"{listing(lost)} failed the audit, and nothing is computed of them.")
    if not passed:
        return notes
    spaces = write_spaces(judged, passed, Path(work))
    notes += spaces.notes
    pairs = _all_pairs(spaces.files, spaces.sizes, options, Path(work))
    _write_tables(judged, spaces, pairs, outputs)
    return notes


def _audited(judged: Judged, outputs: Mapping[str, str]) -> list[str]:
    """Write the table of audits and return the embeddings that passed."""
    given, options = judged.given, judged.options
    frames, passed = [], []
    for name, embedding in given.embeddings.items():
        wanted = judged.chosen["cell_id"].to_numpy(object)
        brought = Brought.of(embedding, given.cells, wanted, keys=given.keys, seed=options.seed)
        findings = audit(brought, options.thresholds, seed=options.seed)
        frames.append(findings.assign(dataset=options.name, space=judged.names[name]))
        for sentence in (failed := failures(findings)):
            log.warning("%s: %s", name, sentence)
        passed += [] if failed else [name]
    AUDIT.write(pd.concat(frames)[AUDIT.names], outputs["embedding_audit"], outputs.get("embedding_audit_tsv"))
    return passed


def _all_pairs(files: Mapping[str, str], sizes: Mapping[str, int], options: Options, work: Path) -> str:
    """Compare all pairs of cells in blocks, in this process, and return the merged file."""
    groups, blocks = pack(sizes, options.cells_per_block), []
    most = max(options.neighbours)
    for i, j in Progress(block_indices(len(groups)), total=len(groups) * (len(groups) + 1) // 2, unit="blocks"):
        spaces = [SpaceFile(path) for path in files.values()]
        result = compare(spaces, groups[i], groups[j], neighbours=most, across=most, cutoffs=options.cutoffs)
        blocks.append(str(work / f"{i}-{j}.h5"))
        result.save(blocks[-1])
    merged = str(work / "pairs.h5")
    merge_blocks(blocks, merged)
    return merged


def _write_tables(judged: Judged, spaces: Spaces, pairs: str, outputs: Mapping[str, str]) -> None:
    """Write what the study says of spaces: by the functions of its own jobs."""
    options, seed = judged.options, judged.options.seed
    pairs_in, cells_in = {seed: pairs}, {seed: spaces.cells}
    kept = dict(outputs) | {
        # of the study's tables, those that are about single cells or two spaces at once
        name: str(Path(spaces.cells).parent / f"{name}.parquet")
        for name in ("joint_distribution", "neighbour_cells")
    }
    evaluate(pairs_in, cells_in, dataset=options.name, outliers=_OUTLIERS, outputs=kept)
    how = {"dataset": options.name, "unit": "batches", "level": options.level, "seed": seed}
    summarise_neighbours(pairs_in, cells_in, sizes=options.neighbours, reference=spaces.reference, outputs=kept, **how)
    evaluate_uncertainty(
        pairs_in,
        cells_in,
        neighbours=options.neighbours,
        resamples=options.resamples,
        references=spaces.references,
        outputs=kept,
        **how,
    )
    describe_spaces(
        spaces.files, spaces.declared, dataset=options.name, output=outputs["spaces"], tsv=outputs.get("spaces_tsv")
    )
    leakage_of(judged, spaces, outputs)
    write_twins(judged, spaces, outputs)
