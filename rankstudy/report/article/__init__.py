"""The article: self-contained HTML pages about a run, whose every number is looked up in a table.

`rankstudy.report.article.about` says what was run, as plain values; `rankstudy.report.article.build` writes the pages
from these, the tables and the figures. The words are functions in `sentences/`, and the spaces' own in their
declarations; templates (`*.jinja`) hold structure only; the references are in `references.yaml`.
"""
