"""Data sets that consist of others (`combine`): what follows from their members, and what is refused of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from rankstudy.cells.needs import GIVES
from rankstudy.config.dataset_plan import DatasetPlan
from rankstudy.config.part_plan import PartPlan
from rankstudy.core.errors import StudyError, advise, listing

NOT_STATED = "not stated"


def combined(plan: DatasetPlan, members: Mapping[str, DatasetPlan]) -> DatasetPlan:
    """Return the plan of a combined data set with its members, and with what it does not say itself taken from them.

    Its values are those of the member that allow least; organism, protocol, licence and citations are those of all.

    Raises
    ------
    StudyError
        If a member is combined itself, has no batches where its own are asked for, or reads the file of another one.
    """
    for name, member in members.items():
        _require_usable(plan, name, member)
    of_members = [member.model for member in members.values()]
    found: dict[str, Any] = {"values": max((model.values for model in of_members), key=list(GIVES).index)}
    for key in ("organism", "protocol", "licence"):
        if getattr(plan.model, key) == NOT_STATED:
            found[key] = "; ".join(dict.fromkeys(getattr(model, key) for model in of_members))
    cited = [*plan.model.citations, *(citation for model in of_members for citation in model.citations)]
    found["citations"] = list({citation.text: citation for citation in cited}.values())
    _require_counts_together(plan.file, members)
    whole = replace(plan, model=plan.model.model_copy(update=found), members=dict(members))
    _require_other_files(plan.file, whole.parts_of_members())
    return whole


def require_cells_apart(plans: Iterable[DatasetPlan]) -> None:
    """Refuse to train a model on cells that another data set of the run, or a member, compares under another id."""
    tokenised = [plan for plan in plans if plan.models]
    trained = [name for plan in tokenised for name in plan.models if plan.catalogue.models[name].kind == "trained"]
    if not trained:
        return
    readers: dict[str, DatasetPlan] = {}
    for plan in tokenised:
        for declared in plan.declared:
            other = readers.setdefault(declared.name, plan)
            if other is not plan:
                problem = (
                    f"{plan.file}: spaces: cells of {declared.name} are in {other.name} and in {plan.name}: trained "
                    f"on what the one does not compare, `{trained[0]}` could know what the other does"
                )
                raise StudyError(advise(problem, "leave the spaces of models out of one of them (`spaces`)"))


def _require_usable(plan: DatasetPlan, name: str, member: DatasetPlan) -> None:
    where = f"{plan.file}: combine.{name}"
    if member.name == plan.name:
        raise StudyError(advise(f"{where}: is this data set itself", "name others"))
    if member.model.combine is not None:
        problem = f"{where}: is a combined data set itself"
        raise StudyError(advise(problem, f"name those that it combines: {listing(member.model.combine)}"))
    own = plan.model.combine[name].batch == "own"
    if own and member.model.batch is None:
        problem = f"{where}.batch: {member.file} names no `batch`"
        raise StudyError(advise(problem, "add it there", "set `batch: dataset` here"))
    if not own and member.model.values == "by_batch":
        problem = f"{where}.batch: its values are counts in some batches only (`values: by_batch`)"
        raise StudyError(advise(problem, "set `batch: own`, so that they are told apart"))


def _require_counts_together(file: str, members: Mapping[str, DatasetPlan]) -> None:
    """Refuse counts by batch beside proportions: which batches to leave out is known only where counts are needed."""
    by_batch, cpm = (
        [name for name, member in members.items() if member.model.values == values] for values in ("by_batch", "cpm")
    )
    if by_batch and cpm:
        problem = (
            f"{file}: combine: the values of {listing(by_batch)} are `by_batch`, those of {listing(cpm)} are `cpm`"
        )
        raise StudyError(advise(problem, f"leave out {listing(cpm)}", f"leave out {listing(by_batch)}"))


def _require_other_files(file: str, parts: Iterable[PartPlan]) -> None:
    """Refuse parts of one name, and cells that would be read twice, under two ids."""
    names: dict[str, PartPlan] = {}
    seen: dict[tuple, PartPlan] = {}
    for part in parts:
        other = names.setdefault(part.name, part)
        if other is not part:
            problem = (
                f"{file}: combine: parts of {other.declared.name} and of {part.declared.name} would both be called "
                f"{part.name!r}"
            )
            raise StudyError(advise(problem, "rename one of the parts"))
        content = (part.downloaded, part.member, part.options.get("counts"))
        other = seen.setdefault(content, part)
        if other is not part:
            names = f"{other.declared.name} and {part.declared.name}"
            problem = f"{file}: combine: {names} read the same cells ({part.downloaded})"
            raise StudyError(advise(problem, "leave one of them out"))
