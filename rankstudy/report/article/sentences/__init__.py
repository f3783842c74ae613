"""The sentences and tables of the article, by subject.

Each is a function of the study or of one of its data sets, and returns text in which every number is looked up: the
literal words hold no digit. None knows a space, a model or a data set by its name.
"""
