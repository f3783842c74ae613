"""The configuration: typed models of it, and loading with errors that say what to write instead."""

from rankstudy.config.load import DatasetPlan, StudyPlan, find_file, load_study

__all__ = ["DatasetPlan", "StudyPlan", "find_file", "load_study"]
