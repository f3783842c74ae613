"""What all sections of the configuration have in common."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from rankstudy.errors import advise


class Strict(BaseModel):
    """A section of the configuration: unknown keys are errors, values are not silently converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def without_braces(path: str) -> str:
    """Return a path unless it has braces, which Snakemake takes for wildcards."""
    if {"{", "}"} & set(path):
        problem = f"{path!r} has braces, which Snakemake takes for wildcards"
        raise ValueError(
            advise(problem, "rename the file or folder", "make a link without braces to it, and name that")
        )
    return path


LocalPath = Annotated[str, AfterValidator(without_braces)]
