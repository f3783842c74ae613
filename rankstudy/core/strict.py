"""What all sections of the configuration have in common."""

from collections.abc import Iterator
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo, field_validator

from rankstudy.core.errors import advise


class Strict(BaseModel):
    """A section of the configuration: unknown keys are errors, and so are true and false in place of a number.

    Text that says a number is one, since Snakemake hands over what stands within `--config 'seeds=[1, 2]'` as text.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Make one line of the meaning of each key, however the code breaks it."""
        for field in cls.model_fields.values():
            field.description = " ".join((field.description or "").split()) or None
        cls.model_rebuild(force=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_value_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse what Python would count as 1 or 0."""
        annotation = cls.model_fields[str(info.field_name)].annotation
        if any(kind in (int, float) for kind in _kinds(annotation)) and _has_truth_value(value):
            problem = "true or false (to YAML, the bare words yes, no, on, off too), where a number is wanted"
            raise ValueError(advise(problem, "write the number"))
        return value


def _kinds(annotation: Any) -> Iterator[Any]:
    """Yield what an annotation is made of: `int` and `NoneType` of `list[int] | None`."""
    arguments = get_args(annotation)
    if not arguments:
        yield annotation
    for argument in arguments:
        yield from _kinds(argument)


def _has_truth_value(value: Any) -> bool:
    return any(map(_has_truth_value, value)) if isinstance(value, list) else isinstance(value, bool)


def without_braces(path: str) -> str:
    """Return a path unless it has braces, which Snakemake takes for wildcards."""
    if {"{", "}"} & set(path):
        problem = f"{path!r} has braces, which Snakemake takes for wildcards"
        raise ValueError(
            advise(problem, "rename the file or folder", "make a link without braces to it, and name that")
        )
    return path


LocalPath = Annotated[str, AfterValidator(without_braces)]
