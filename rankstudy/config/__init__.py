"""The configuration: typed models of it, and loading with errors that say what to write instead."""

from rankstudy.config.dataset_plan import DatasetPlan
from rankstudy.config.load import load_study
from rankstudy.config.model_plan import ModelPlan
from rankstudy.config.part_plan import PartPlan
from rankstudy.config.study_plan import StudyPlan
from rankstudy.sources.source import FILE_NAME

__all__ = ["FILE_NAME", "DatasetPlan", "ModelPlan", "PartPlan", "StudyPlan", "load_study"]
