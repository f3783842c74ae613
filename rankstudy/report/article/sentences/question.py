"""The question of the study."""

from __future__ import annotations

from markupsafe import Markup

from rankstudy.report.article.page_names import METHODS
from rankstudy.report.article.study import Study
from rankstudy.report.article.text import listed, text

TITLE = "What does the order of a cell’s genes keep?"
_MODELS = ("geneformer", "cell2sentence", "genept")


def asked(study: Study) -> Markup:
    """Return the question, for the first screen."""
    return text(
        "{} replace a cell’s expression by the <em>order</em> of its genes. Is the order a good stand-in: are cells of "
        "one type still alike?",
        listed(_MODELS, study.cite),
    )


def long(study: Study) -> Markup:
    """Return the question at length."""
    return text(
        "{} replace a cell’s expression vector by the <em>order</em> of its genes, a rank-value encoding, and train or "
        "prompt a language model on that order. Is the order a good stand-in for the expression? What does it keep of "
        "which cells are alike, within a cell type and between cell types, and what does it lose? The study compares "
        "the encoding with expression on the same cells and with the same statistics.",
        listed(_MODELS, study.cite),
    )


more = text(
    'What the results <a href="{page}#limits">do not say</a>, how they were <a href="{page}">computed</a>, and how to '
    '<a href="{page}#reproducibility">run the study again</a> stand apart.',
    page=METHODS,
)
