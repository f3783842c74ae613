"""What is refused of a data set, and of several together, though each key by itself is right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rankstudy.config.dataset_plan import DatasetPlan, as_downloaded
from rankstudy.config.release import ReleasePlan
from rankstudy.config.study_model import Study
from rankstudy.errors import StudyError, listing
from rankstudy.registry import SPACES
from rankstudy.source import Source


def counts_where_needed(plan: DatasetPlan) -> None:
    """Refuse spaces and gene selections that need counts for a data set that declares it has none."""
    if plan.model.values != "normalised":
        return
    if plan.members:
        without = [name for name, member in plan.members.items() if member.model.values == "normalised"]
        layer = f"leave out {listing(without)}, which says so"
    elif plan.model.table is None:
        layer = "name the layer with the raw counts (h5ad.counts, rds.layer)"
    else:
        layer = "give a file with raw counts"
    refused = [name for name in plan.spaces if SPACES[name].needs_counts]
    if refused:
        usable = [name for name, space in SPACES.items() if not space.needs_counts and space.role != "control"]
        raise StudyError(
            f"{plan.file}: spaces: {listing(refused)} need counts, but `values: normalised` says there are none; "
            f"{layer}, or set `spaces: [{', '.join(usable)}]` in this file"
        )
    if plan.genes.method == "highly_variable":
        raise StudyError(
            f"{plan.file}: genes.method: highly_variable needs counts, but `values: normalised` says there are none; "
            f"{layer}, or set `genes: {{method: all}}` or `{{method: flagged, column: ...}}` in this file"
        )


def names_differ(plan: DatasetPlan) -> None:
    """Refuse files of a data set that would overwrite each other; one file that several parts name is one download."""
    found: dict[str, dict[str, Any]] = {}
    repeated = set()
    for source in plan.downloaded_sources:
        path = source.path(plan.name)
        if found.setdefault(path, as_downloaded(source)) != as_downloaded(source):
            repeated.add(path)
    if repeated:
        raise StudyError(
            f"{plan.file}: parts: several files would be kept as {listing(sorted(repeated))}; give each a `file` of its own"
        )


def labels_once(plan: DatasetPlan) -> None:
    """Refuse a table without labels, or with labels from two places."""
    table = plan.model.table
    for name, part in plan.parts.items():
        where = f"parts.{name}.labels" if plan.several_parts else "labels"
        if part.model.labels is not None and table is None:
            raise StudyError(f"{plan.file}: {where}: only a `table` has its labels in a file of their own")
        if table is not None and (table.labels is None) == (part.model.labels is None):
            raise StudyError(
                f"{plan.file}: table.labels: give either `table.labels` (a member of the archive, or a path) or `{where}` (a source)"
            )
        if part.model.labels is not None and table is not None and table.counts is not None:
            raise StudyError(
                f"{plan.file}: {where}: `table.counts` names a member of an archive, whose labels are read from the archive too; "
                "give `table.labels`, the member that holds them"
            )


def member_of_an_archive(plan: DatasetPlan) -> None:
    """Refuse the name of a member where the file is not unpacked."""
    for part in plan.parts.values():
        if part.options.get("member") is not None and not part.is_zipped:
            raise StudyError(
                f"{plan.file}: h5ad.member: {part.downloaded} is read as it is, for its name does not end in .zip; remove "
                "`member`, or give the archive a name that does (`source.file`)"
            )


def shared_files_agree(plans: Iterable[DatasetPlan]) -> None:
    """Refuse data sets that share a file (a package, a file of figshare) and say different things of it."""
    seen: dict[str, tuple[DatasetPlan, Source]] = {}
    for plan in plans:
        for source in plan.model.every_source:
            if source.local_file is not None or source.package is None and source.figshare is None:
                continue
            other, first = seen.setdefault(source.path(plan.name), (plan, source))
            if (first.sha256, first.md5, first.bytes) != (source.sha256, source.md5, source.bytes):
                raise StudyError(
                    f"{plan.file}: source: {source.package or f'figshare {source.figshare}'} has another hash or size than in "
                    f"{other.file}; make them the same"
                )


def terms_accepted(plans: Iterable[DatasetPlan]) -> None:
    """Refuse to download data whose terms are unstated or need consent before whoever runs the study accepts them."""
    what = {
        "unstated": "nobody states the terms of these data",
        "consent": "these data need the consent of their owner",
    }
    lines = dict.fromkeys(
        f"{plan.file}: source: {what[source.terms]}: {source.terms_note or 'nothing more is known'} "
        "If you may use them, set `accept_terms: true` here; if you have the file already, set `local_file` to its path"
        for plan in plans
        for source in plan.model.every_source
        if source.awaits_consent
    )
    if lines:
        raise StudyError("\n".join(lines))


def weights_where_needed(plans: Iterable[DatasetPlan], study: Study, release: ReleasePlan) -> None:
    """Refuse spaces and poolings that the release of Geneformer cannot give."""
    for plan in plans:
        published = [name for name in plan.spaces if SPACES[name].model == "published"]
        if published and release.model.files.weights is None:
            raise StudyError(
                f"spaces: {listing(published)} of {plan.name} need published weights, and geneformer.release: {release.name} holds none; "
                "set `geneformer: {release: v1_10m}` (downloads 41 MB), or leave these spaces out"
            )
        if plan.models and study.geneformer.pooling == "cls" and release.model.version == "V1":
            raise StudyError(
                f"geneformer.pooling: 'cls' is the token <cls>, which {release.name} (Geneformer V1) does not have; use 'cell'"
            )
