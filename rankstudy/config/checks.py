"""What is refused of a data set, and of several together, though each key by itself is right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rankstudy.cells.needs import GENE_METHODS, GIVES, suffices
from rankstudy.config.dataset_model import BESIDE, LABELS_BESIDE
from rankstudy.config.dataset_plan import DatasetPlan, as_downloaded
from rankstudy.config.model_plan import ModelPlan
from rankstudy.config.part_plan import PartPlan
from rankstudy.core.addresses import shown
from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.sources.source import Source
from rankstudy.sources.tenx import ROLES


def values_suffice(plan: DatasetPlan) -> None:
    """Refuse spaces and a selection of genes that need more of the values than a data set declares."""
    values, spaces = plan.model.values, plan.catalogue.spaces
    refused = [name for name in plan.spaces if not suffices(values, spaces[name].needs)]
    what, settings = [], []
    if refused:
        usable = [name for name in plan.spaces if name not in refused and spaces[name].role != "control"] or ["rank"]
        what.append(f"spaces: {listing(refused)}")
        settings.append(f"`spaces: [{', '.join(usable)}]`")
    if not suffices(values, GENE_METHODS[plan.genes.method]):
        what.append(f"genes.method: {plan.genes.method}")
        settings.append("`genes: {method: all}`")
    if not what:
        return
    problem = f"{plan.file}: {'; '.join(what)}: more is needed than `values: {values}` gives ({_GIVEN[GIVES[values]]})"
    without = [name for name, member in plan.members.items() if member.model.values == values]
    if without:
        raise StudyError(
            advise(
                problem, f"leave out {listing(without)}, which says so", f"set {' and '.join(settings)} in this file"
            )
        )
    raise StudyError(
        advise(
            problem,
            "read raw counts (h5ad.counts, rds.layer, loom.counts, or another file) and declare `values: counts`",
            f"set {' and '.join(settings)} in this file",
        )
    )


def treatment_is_of_counts(plan: DatasetPlan) -> None:
    """Refuse treatments of values that are declared to be no counts: there are no molecules to be drawn or changed."""
    for declared in plan.declared:
        values = declared.model.values
        if declared.model.treatment is not None and not plan.are_whole_counts(values):
            problem = (
                f"{declared.file}: treatment: only molecules can be drawn or changed, and by `values: {values}` its "
                "values are no whole counts, or not in all batches that are used"
            )
            raise StudyError(advise(problem, "remove `treatment`", "read raw counts and declare `values: counts`"))


_GIVEN = {"order": "the order of a cell's genes, and nothing else", "proportions": "proportions, not counts"}


# keys of the article under which a data set of that name would have the same ones: `release.title`, `pairs.joint`
_KEYS_OF_THE_STUDY = ("ontology", "pairs", "release", "version")


def settings_of_its_own(plan: DatasetPlan) -> None:
    """Refuse the name of a data set whose settings would stand under keys that the article has for the study."""
    if plan.name in _KEYS_OF_THE_STUDY:
        problem = f"a data set cannot be called {plan.name!r}: the article has settings of the study under {plan.name}."
        raise StudyError(advise(problem, f"give {plan.file} another name"))


def names_differ(plan: DatasetPlan) -> None:
    """Refuse files of a data set that would overwrite each other; one file that several parts name is one download."""
    found: dict[str, dict[str, Any]] = {}
    repeated = set()
    for source in plan.downloaded_sources:
        path = source.path(plan.name)
        if found.setdefault(path, as_downloaded(source)) != as_downloaded(source):
            repeated.add(path)
    if repeated:
        problem = f"{plan.file}: parts: several files would be kept as {listing(sorted(repeated))}"
        raise StudyError(advise(problem, "give each a `file` of its own"))


def sources_fit(plan: DatasetPlan) -> None:
    """Refuse sources whose files are of another format than what is read of them."""
    for part in plan.parts.values():
        where, source = f"{plan.file}: {_key(plan, part, 'source')}", part.model.source
        if source.local_file is None and source.package and not part.reads_a_member:
            problem = f"{where}: a `package` is an archive, of which members are read that are tables"
            raise StudyError(
                advise(
                    problem,
                    "name the member of the counts and that of the labels (`table.counts`, `table.labels`)",
                    "unpack the file and give its path (`local_file`)",
                )
            )
        if source.local_file is None and source.cellxgene and part.format != "h5ad":
            problem = f"{where}: CELLxGENE gives an h5ad, which is not read as `{part.format}`"
            raise StudyError(advise(problem, f"write `h5ad: {{}}` in place of `{part.format}`"))
        for role in BESIDE:
            if (of_role := getattr(part.model, role)) is not None:
                _require_text(f"{plan.file}: {_key(plan, part, role)}", of_role)
    if plan.model.donors is not None:
        _require_text(f"{plan.file}: donors.source", plan.model.donors.source)


def _require_text(where: str, source: Source) -> None:
    """Refuse an archive or an h5ad as the source of a file that is read as CSV or TSV."""
    if source.local_file is None and source.origin in ("package", "cellxgene"):
        problem = f"{where}: is read as CSV or TSV, and a `{source.origin}` is none"
        raise StudyError(advise(problem, "give `local_file`", "one of `url`, `figshare` and `zenodo`"))


def _key(plan: DatasetPlan, part: PartPlan, key: str) -> str:
    """Return where a key of a part stands in the data set's file."""
    return f"parts.{part.name}.{key}" if plan.several_parts else key


def labels_once(plan: DatasetPlan) -> None:
    """Refuse a table without labels, labels from two places, and labels of their own where the file holds them."""
    for part in plan.parts.values():
        where, stated = _key(plan, part, "labels"), part.model.labels is not None
        inside = part.options.get("labels") is not None
        if stated and part.format not in LABELS_BESIDE:
            formats = listing(f"`{name}`" for name in LABELS_BESIDE)
            problem = f"{plan.file}: {where}: only these have their labels in a file of their own: {formats}"
            raise StudyError(advise(problem, f"remove `{where}`"))
        if inside and stated or part.format == "table" and not (inside or stated):
            own = f"{part.format}.labels"
            member = "a member of the archive, or a path" if part.format == "table" else "a path"
            problem = f"{plan.file}: {own}: {f'stands beside `{where}`' if stated else 'is missing'}"
            raise StudyError(advise(problem, f"give `{own}` alone ({member})", f"give `{where}` alone (a source)"))
        if stated and part.reads_a_member:
            problem = (
                f"{plan.file}: {where}: `table.counts` names a member of an archive, whose labels are read from the "
                "archive too"
            )
            raise StudyError(advise(problem, f"give `table.labels`, the member that holds them, in place of `{where}`"))


def features_and_barcodes(plan: DatasetPlan) -> None:
    """Refuse a 10x matrix that is downloaded without its other files or whose files on this machine are not clear."""
    for part in plan.parts.values():
        stated = [role for role in ROLES if getattr(part.model, role) is not None]
        if part.format == "mtx" and part.model.source.local_file is not None:
            part.beside  # noqa: B018 - so that a folder that is not clear is an error of the configuration
        elif part.format == "mtx" and len(stated) < len(ROLES):
            missing = [_key(plan, part, role) for role in ROLES if role not in stated]
            problem = f"{plan.file}: {listing(missing)}: a 10x matrix that is downloaded needs its other files"
            example = f"{missing[0].rpartition('.')[2]}: {{ url: {_beside(part, missing[0])}, sha256: ... }}"
            raise StudyError(
                advise(
                    problem,
                    f"say where they are, as `{example}`",
                    "download the folder and give the path of its matrix (`local_file`)",
                )
            )
        elif part.format != "mtx" and stated:
            problem = f"{plan.file}: {_key(plan, part, stated[0])}: only an `mtx` has such a file"
            raise StudyError(advise(problem, "remove it"))


def _beside(part: PartPlan, key: str) -> str:
    """Return the address at which 10x would have put the file beside the matrix."""
    address = next(iter(part.model.source.addresses), "https://host/matrix.mtx.gz")
    return shown(address).replace("matrix.mtx", f"{key.rpartition('.')[2]}.tsv")


def member_of_an_archive(plan: DatasetPlan) -> None:
    """Refuse the name of a member where the file is not unpacked."""
    for part in plan.parts.values():
        if part.options.get("member") is not None and not part.is_zipped:
            problem = f"{plan.file}: h5ad.member: {part.downloaded} is read as it is, for its name does not end in .zip"
            raise StudyError(advise(problem, "remove `member`", "give the archive a name that does (`source.file`)"))


def shared_files_agree(plans: Iterable[DatasetPlan]) -> None:
    """Refuse data sets that share a file (a package, a file of figshare) and say different things of it."""
    seen: dict[str, tuple[DatasetPlan, Source]] = {}
    for plan in plans:
        for source in plan.model.every_source:
            if source.local_file is not None or source.package is None and source.figshare is None:
                continue
            other, first = seen.setdefault(source.path(plan.name), (plan, source))
            if (first.sha256, first.md5, first.bytes) != (source.sha256, source.md5, source.bytes):
                what = source.package or f"figshare {source.figshare}"
                problem = f"{plan.file}: source: {what} has another hash or size than in {other.file}"
                raise StudyError(advise(problem, "make them the same"))


def terms_accepted(plans: Iterable[DatasetPlan]) -> None:
    """Refuse to download data whose terms are unstated or need consent before whoever runs the study accepts them."""
    what = {
        "unstated": "nobody states the terms of these data",
        "consent": "these data need the consent of their owner",
    }
    lines = dict.fromkeys(
        advise(
            f"{plan.file}: source: {what[source.terms]}: {source.terms_note or 'nothing more is known'}",
            "set `accept_terms: true` here if you may use them",
            "set `local_file` to its path if you have the file already",
        )
        for plan in plans
        for source in plan.model.every_source
        if source.awaits_consent
    )
    if lines:
        raise StudyError("\n".join(lines))


def weights_where_needed(plans: Iterable[DatasetPlan], models: Mapping[str, ModelPlan]) -> None:
    """Refuse spaces and poolings that a release of Geneformer cannot give."""
    for plan in plans:
        for model in (models[name] for name in plan.models if models[name].model.section is not None):
            release = model.release
            if model.is_downloaded and not release.weights:
                published = [space for space in plan.spaces if plan.catalogue.spaces[space].model == model.name]
                problem = (
                    f"spaces: {listing(published)} of {plan.name} need published weights, and {model.where}.release: "
                    f"{release.name} holds none"
                )
                raise StudyError(
                    advise(
                        problem,
                        f"set `release: v1_10m` in `{model.where}` (downloads 41 MB)",
                        "leave these spaces out",
                    )
                )
            if model.settings["pooling"] == "cls" and release.model.version == "V1":
                key = f"{model.where}.pooling"
                problem = f"{key}: 'cls' is the token <cls>, which {release.name} (Geneformer V1) does not have"
                raise StudyError(advise(problem, f"set `pooling: cell` in `{model.where}`"))
