"""The pages of the article: which sections they have, and the figures that stand in them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import jinja2
from markupsafe import Markup, escape

from rankstudy.core.errors import StudyError
from rankstudy.report.article.anchors import anchor
from rankstudy.report.article.page_names import INDEX, METHODS, page_of
from rankstudy.report.article.sentences import (
    answer,
    causes,
    caveats,
    cells,
    changes,
    data,
    ledgers,
    methods,
    metrics,
    models,
    neighbours,
    question,
    separation,
    settings,
    states,
    texts,
    types,
)
from rankstudy.report.article.sentences.references import references
from rankstudy.report.article.study import Dataset, Study
from rankstudy.report.article.text import Bullets, Facts, Grid, Note, Section, label
from rankstudy.report.figure import OF_STUDY

Figures = Mapping[str, Mapping[str, str | os.PathLike]]
_HERE = Path(__file__).resolve().parent
_PIXELS_PER_POINT = 96 / 72
# what a figure of the screen is larger than that of a printed page
_ENLARGED = 1.3

# what stays as it is in an address in single quotes
_PLAIN = ' !"$()*+,-./:;<=>?@[]^_`{|}~'

# a data set's page, from the answer down; figures whose section is none of these stand at its end
SECTIONS: tuple[Callable[[Dataset], Section | None], ...] = (
    settings.section,
    separation.answer,
    ledgers.section,
    causes.section,
    changes.section,
    separation.separation,
    neighbours.neighbours,
    neighbours.transfer,
    neighbours.cutoffs,
    states.section,
    texts.section,
    metrics.metrics,
    types.types,
    types.joint,
    cells.encoding,
    types.controls,
    data.data,
)
# the first screen of the study, and what stands at the end
FIRST, FURTHER = "first", "further"


class Drawn(NamedTuple):
    """A figure of a page."""

    id: str
    title: str
    caption: Markup
    note: str
    alt: str
    address: str
    width: int
    height: int
    command: str


def pages(study: Study, figures: Figures) -> dict[str, str]:
    """Return the pages as HTML, by the name of the file.

    Parameters
    ----------
    study
        The run.
    figures
        Per data set, and under the empty name for the whole run, the path of each figure (SVG) by its name; those that
        are not given are left out.
    """
    templates = environment()
    links = [
        {"address": INDEX, "name": "Answer"},
        *({"address": page_of(dataset.name), "name": study.called(dataset.name)} for dataset in study.datasets),
        {"address": METHODS, "name": "Methods"},
    ]
    contents = {
        INDEX: ("index", _index(study, figures)),
        **{page_of(dataset.name): ("dataset", _dataset(dataset, figures)) for dataset in study.datasets},
        METHODS: ("methods", _methods(study, figures)),
    }
    return {
        here: templates.get_template(f"{template}.html.jinja").render(here=here, pages=links, **content)
        for here, (template, content) in contents.items()
    }


def environment() -> jinja2.Environment:
    """Return the templates of pages, with what they use."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(anchor=anchor, lower_first=lambda words: words[:1].lower() + words[1:])
    kinds = {"grid": Grid, "bullets": Bullets, "facts": Facts, "note": Note}
    made.tests.update({name: _is_a(kind) for name, kind in kinds.items()})
    made.globals["style"] = Markup((_HERE / "article.css").read_text(encoding="utf-8").replace("</", "<\\/"))
    return made


def _is_a(kind: type) -> Callable[[Any], bool]:
    return lambda item: isinstance(item, kind)


def _index(study: Study, figures: Figures) -> dict[str, Any]:
    everywhere = answer.everywhere(study)
    tables, folded = [everywhere, answer.every_space(study)], []
    if settings.has_curves(study):
        tables, folded = tables[:1], [table for table in tables[1:] if table]
    sections = [
        Section("everywhere", "Does it hold everywhere?", tables, folded) if everywhere else None,
        ledgers.everywhere(study),
        causes.everywhere(study),
        Section("data-sets", "The data sets", [data.overview(study)]),
        Section("sure", "How sure that is", [Bullets(caveats.how_sure(study)), question.more]),
        models.trained_here(study),
        metrics.published(study),
    ]
    return {
        "title": question.TITLE,
        "question": {"title": question.TITLE, "asked": question.asked(study)},
        "headline": answer.headline(study),
        "measure": answer.measure_of_the_pair(study),
        "cards": answer.cards(study),
        **_placed(study, figures, "", [section for section in sections if section]),
    }


def _dataset(dataset: Dataset, figures: Figures) -> dict[str, Any]:
    found = [write(dataset) for write in SECTIONS]
    return {
        "title": f"{dataset.title}: {question.TITLE}",
        "heading": label(dataset.title),
        "short": data.short(dataset),
        "note": dataset.values.sentence,
        **_placed(
            dataset.study, figures, dataset.name, [section for section in found if section], dataset.values.short
        ),
    }


def _question(study: Study) -> list[Any]:
    """Return the question at length, and which models are asked besides."""
    of_texts = texts.in_the_question(study)
    if of_texts is None:
        return [question.long(study), models.in_the_question(study)]
    of_models = [models.in_the_question(study)] if study.about["models"] else []
    return [question.long(study), *of_models, of_texts]


def _methods(study: Study, figures: Figures) -> dict[str, Any]:
    sections = [
        Section("question", "Question", _question(study)),
        *methods.sections(study),
        Section("limits", "What these results do not say", [Bullets(caveats.caveats(study))]),
        Section(
            "reproducibility",
            "Reproducibility",
            [caveats.reproducibility(study), caveats.same_bytes(study), caveats.versions(study)],
        ),
        Section("settings", "All settings of the run", [caveats.settings(study)], folded=True),
        Section("citations", "Citations and licences of the data", [caveats.citations(study)]),
    ]
    return {
        "title": f"Methods: {question.TITLE}",
        "heading": "Methods, caveats, provenance",
        "sections": sections,
        "drawn": {},
        "references": {"heading": "Software and references", "groups": references(study)},
    }


def _placed(study: Study, figures: Figures, dataset: str, sections: list[Section], note: str = "") -> dict[str, Any]:
    """Return sections with the figures that stand in each; one more section for those that name none of them."""
    known = {section.key for section in sections} | ({FIRST} if not dataset else set())
    drawn: dict[str, list[Drawn]] = {}
    for name, declared in study.about["figures"][dataset].items():
        if name in figures.get(dataset, {}):
            place = declared["section"] if declared["section"] in known else FURTHER
            drawn.setdefault(place, []).append(_drawn(study, figures, dataset, name, note))
    if FURTHER in drawn:
        sections = [*sections, Section(FURTHER, "Further figures")]
    return {"sections": sections, "drawn": drawn}


def _drawn(study: Study, figures: Figures, dataset: str, name: str, note: str) -> Drawn:
    declared, folder = study.about["figures"][dataset][name], dataset or OF_STUDY
    options = f" {study.about['options']}" if study.about["options"] else ""
    return drawn(
        figures[dataset][name],
        id=f"{anchor(folder)}-{anchor(name)}",
        title=declared["title"],
        caption=caption(declared["caption"]),
        note=note,
        command=f"snakemake --cores all results/figures/{folder}/{name}.svg{options}",
    )


def drawn(path: str | os.PathLike, *, title: str, **further: Any) -> Drawn:
    """Return the figure of a page from its file; `further` are the fields of `Drawn` that the file does not tell."""
    content, width, height = read_svg(path)
    return Drawn(
        title=title,
        alt=alt_text(content) or title,
        address=data_address(content),
        width=round(width * _ENLARGED),
        height=round(height * _ENLARGED),
        **further,
    )


def read_svg(path: str | os.PathLike) -> tuple[bytes, float, float]:
    """Return a drawing with its width and height in CSS pixels (0: not stated)."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise StudyError(f"article: figure {path} cannot be read: {error.strerror}") from error
    found = re.search(rb'<svg[^>]*?\swidth="([\d.]+)pt"[^>]*?\sheight="([\d.]+)pt"', content[:4000])
    found = found or re.search(rb'<svg[^>]*?\sheight="([\d.]+)pt"[^>]*?\swidth="([\d.]+)pt"', content[:4000])
    return content, *(float(side) * _PIXELS_PER_POINT for side in (found.groups() if found else (0, 0)))


def data_address(svg: bytes) -> Markup:
    """Return a drawing as an address, for an attribute in single quotes: a fifth shorter than in base64.

    A browser leaves line breaks out of addresses; a space does as well in SVG, and for any indentation. Comments say
    what is drawn as letters: words are in the page (`alt_text`).
    """
    drawing = re.sub(rb"\s+", b" ", re.sub(rb"<!--.*?-->", b"", svg, flags=re.DOTALL))
    return Markup("data:image/svg+xml;charset=utf-8," + quote(drawing.replace(b"> <", b"><"), safe=_PLAIN))


def alt_text(svg: bytes) -> str:
    """Return what a drawing shows, in words, as its file holds it."""
    found = re.search(rb"<dc:description>(.*?)</dc:description>", svg, re.DOTALL)
    return Markup(found[1].decode("utf-8")).unescape() if found else ""


def caption(words: str) -> Markup:
    """Return a caption of a declaration, in which ``x`` is code."""
    return Markup(re.sub(r"``(.+?)``", r"<code>\1</code>", str(escape(words))))
