"""The article: one self-contained HTML page about a run, whose every number is looked up in a table.

`rankstudy.report.article.about` says what was run, as plain values; `rankstudy.report.article.build` writes the page
from these, the tables and the figures. The words are in `article.html.jinja`, the references in `references.yaml`.
"""
