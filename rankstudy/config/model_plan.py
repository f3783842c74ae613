"""A model as the rules use it: what it is, the files that it consists of, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rankstudy.config.release import ReleasePlan
from rankstudy.spaces.models.registry import Model


@dataclass(frozen=True)
class VocabularyPlan:
    """A vocabulary of which cells are tokenised: a release, and the module that reads its files and makes tokens."""

    release: ReleasePlan
    tokenizer: str
    environment: str


@dataclass(frozen=True)
class ModelPlan:
    """A model of the study, with the settings that it is read with, and the section that holds these (`where`)."""

    name: str
    model: Model
    release: ReleasePlan
    settings: dict[str, Any]
    where: str

    @property
    def is_downloaded(self) -> bool:
        """Whether it is one that others have trained, whose release holds its files."""
        return self.model.kind == "published"

    @property
    def files(self) -> dict[str, str]:
        """Where its files lie, by what they are: those of its release, or what the study makes."""
        if self.is_downloaded:
            return {role: self.release.path(role) for role in self.release.weights}
        folder = f"results/models/{self.name}"
        return {"config": f"{folder}/config.json", "weights": f"{folder}/model.safetensors"}

    @property
    def about(self) -> str:
        """Where what it is is written down."""
        return f"results/models/{self.name}/about.json"

    @property
    def vocabulary(self) -> VocabularyPlan:
        """What its tokens are made of; an environment of its own is needed by a tokenizer of its own alone."""
        own = self.model.tokenizer == self.model.module
        return VocabularyPlan(self.release, self.model.tokenizer, self.model.environment if own else "core.yaml")

    @property
    def how(self) -> dict[str, Any]:
        """The settings that its functions get: those that can change a vector."""
        return {name: value for name, value in self.settings.items() if name not in ("release", "cells_per_job")}

    @property
    def threads(self) -> int:
        """CPU threads of a job."""
        return self.settings.get("threads", 1)

    @property
    def device(self) -> str:
        """What it computes on, `cpu` or `cuda`."""
        return self.settings.get("device", "cpu")
