"""What all sections of the configuration have in common."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A section of the configuration: unknown keys are errors, values are not silently converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
