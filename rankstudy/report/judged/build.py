"""Build the pages of a second opinion: one for each embedding, and one that puts all side by side."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rankstudy.core.files import atomic
from rankstudy.core.modules import load
from rankstudy.measures.judge.tables import NOTES
from rankstudy.report.article.anchors import anchor
from rankstudy.report.article.page_names import INDEX
from rankstudy.report.article.pages import Drawn, caption, drawn, environment
from rankstudy.report.article.text import text
from rankstudy.report.figure import draw, modules
from rankstudy.report.judged.found import Found
from rankstudy.report.judged.sections import OF_AN_EMBEDDING, audit, done, every_space, headline

TITLE = "A second opinion on embeddings"
# the figures of the study that say as much of other cells, by the section that they stand in
_FIGURES = {
    "intervals": "answer",
    "batch_driven": "transfer",
    "label_transfer": "transfer",
    "type_matrix": "types",
}


def build_pages(tables: str, about: Mapping[str, Any], *, output: str) -> None:
    """Write the pages.

    Parameters
    ----------
    tables
        Folder of the tables.
    about
        `name` of the cells, what was `given`, `options` and the `command`.
    output
        Folder for the pages: `index.html`, and `<embedding>.html`.

    Raises
    ------
    StudyError
        If a table or a row is missing.
    """
    notes = json.loads((Path(tables) / NOTES).read_text(encoding="utf-8"))
    found, templates = Found(Path(tables), about, notes), environment()
    links = [{"address": INDEX, "name": "All"}]
    links += [{"address": f"{space}.html", "name": found.titles[space] or space} for space in found.embeddings]
    contents = {INDEX: _index(found)} | {f"{space}.html": _page(found, space) for space in found.embeddings}
    Path(output).mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        page = templates.get_template("dataset.html.jinja").render(here=name, pages=links, note="", **content)
        with atomic(Path(output) / name) as temporary:
            temporary.write_text(page, encoding="utf-8")


def _index(found: Found) -> dict[str, Any]:
    asked = text("Embeddings of {}: audited, then compared on all pairs of cells.", found.about["name"])
    said = [headline(found, space) for space in found.embeddings]
    sections = [every_space(found)] if found.scored else []
    sections = [*sections, *(_named(audit(found, space), found, space) for space in found.embeddings), done(found)]
    drawings = _drawings(found, {"intervals": {}}) if found.scored else {}
    return {
        "title": TITLE,
        "heading": TITLE,
        "short": text("{} {}", asked, text(" ").join(said)),
        **_placed(sections, drawings),
    }


def _named(section: Any, found: Found, space: str) -> Any:
    heading = f"{section.heading}: {found.titles[space] or space}"
    return type(section)(f"{section.key}-{space}", heading, section.said, folded=found.embeddings[space])


def _page(found: Found, space: str) -> dict[str, Any]:
    passed = found.embeddings[space]
    sections = [made for make in OF_AN_EMBEDDING if (made := make(found, space))] if passed else [audit(found, space)]
    names = {name: {"space": space} if name == "type_matrix" else {} for name in _FIGURES}
    title = found.titles[space] or space
    return {
        "title": f"{title}: {TITLE}",
        "heading": title,
        "short": headline(found, space),
        **_placed([*sections, done(found)], _drawings(found, names) if passed else {}),
    }


def _placed(sections: list[Any], drawings: Mapping[str, Drawn]) -> dict[str, Any]:
    placed: dict[str, list[Drawn]] = {}
    for name, drawing in drawings.items():
        placed.setdefault(_FIGURES[name], []).append(drawing)
    return {"sections": sections, "drawn": placed}


def _drawings(found: Found, wanted: Mapping[str, Mapping[str, Any]]) -> dict[str, Drawn]:
    """Return figures of the study drawn from the tables of the opinion."""
    known, options = modules(), found.about["options"]
    reference = next((row["reference"] for row in found.rows("differences", "reference")), None)
    settings = {"intervals": {"reference": reference, "curved": []}}
    drawings = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, own in wanted.items():
            declared = load(known[name]).FIGURE
            how = {"seed": options["seed"], **settings.get(name, {}), **own}
            files = {key: [str(found.folder / f"{table.name}.parquet")] for key, table in declared.reads.items()}
            path = str(Path(folder) / f"{name}.svg")
            draw(known[name], files, how, paths=[path])
            words = caption(declared.caption.format(dataset=found.about["name"], **how))
            drawings[name] = drawn(
                path, id=anchor(name), title=declared.title, caption=words, note="", command=found.about["command"]
            )
    return drawings
