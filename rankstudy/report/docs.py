"""Documentation that is generated from the code: `python -m rankstudy.report.docs` (or `make schemas`) writes it.

- `config/schemas/*.json`: JSON schemas of the configuration, for editors and the workflow catalogue
- `config/README.md`: the tables of keys between its markers
- `docs/tables.md`: every table between rules, column by column
- `docs/questions.md`: what users ask, answered with the locked numbers of the default study

A test fails when a file and the code differ.
"""

from __future__ import annotations

import html
import importlib
import json
import pkgutil
import re
import types
import typing
from pathlib import Path

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

import rankstudy
from rankstudy.config.common_models import Citation
from rankstudy.config.dataset_model import Dataset
from rankstudy.config.labels_model import Labels
from rankstudy.config.ontology import OntologyRelease
from rankstudy.config.release import GeneformerRelease, Release
from rankstudy.config.study_model import Study
from rankstudy.config.text_model import GeneTexts, TextModelRelease
from rankstudy.core.tables import Table
from rankstudy.report import questions
from rankstudy.run.workflow import FOLDER
from rankstudy.sources.source import Source
from rankstudy.spaces.catalogue import BUILT_IN
from rankstudy.spaces.models.registry import MODELS


def generated() -> dict[Path, str]:
    """Return the content of every generated file, by its path from the root."""
    readme = Path("config/README.md")
    return {
        Path("config/schemas/config.schema.json"): _schema(Study),
        Path("config/schemas/dataset.schema.json"): _schema(Dataset),
        Path("config/schemas/release.schema.json"): _schema(GeneformerRelease),
        Path("config/schemas/vocabulary.schema.json"): _schema(Release),
        Path("config/schemas/ontology.schema.json"): _schema(OntologyRelease),
        Path("config/schemas/text_model.schema.json"): _schema(TextModelRelease),
        Path("config/schemas/gene_texts.schema.json"): _schema(GeneTexts),
        readme: _filled((FOLDER / readme).read_text(encoding="utf-8")),
        Path("docs/tables.md"): _tables(),
        Path("docs/questions.md"): questions.page(),
    }


def all_tables() -> list[Table]:
    """Return every table that a room of the package declares, sorted by where it lies."""
    found: dict[str, Table] = {}
    for module in pkgutil.walk_packages(rankstudy.__path__, "rankstudy."):
        if module.name.endswith(".tables"):
            values = vars(importlib.import_module(module.name)).values()
            found.update({value.name: value for value in values if isinstance(value, Table)})
    return sorted(found.values(), key=lambda table: (table.location.count("/"), table.location))


def _schema(model: type[BaseModel]) -> str:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _filled(text: str) -> str:
    """Fill each `<!-- begin NAME -->` ... `<!-- end NAME -->` of a page with the table of that name."""
    parts = {
        "study": _keys(Study),
        "dataset": _keys(Dataset),
        "release": _keys(GeneformerRelease),
        "ontology": _keys(OntologyRelease),
        "text_model": _keys(TextModelRelease),
        "gene_texts": _keys(GeneTexts),
        "source": _keys(Source),
        "spaces": _spaces(),
    }

    def fill(match: re.Match) -> str:
        return f"{match[1]}\n{parts[match[2]]}\n{match[4]}"

    return re.sub(r"(<!-- begin (\w+) -->)\n(.*?)(<!-- end \2 -->)", fill, text, flags=re.DOTALL)


def _keys(model: type[BaseModel], prefix: str = "") -> str:
    """Return a row per key; those of a `Source` have a table of their own."""
    rows = ["| key | type | default | meaning |", "|---|---|---|---|"] if not prefix else []
    for name, field in model.model_fields.items():
        key = f"{prefix}{name}"
        section = _section(field.annotation)
        elsewhere = " [Its keys](#where-a-file-comes-from)." if section is Source else ""
        rows.append(f"| `{key}` | {_type(field)} | {_default(field)} | {field.description}{elsewhere} |")
        if section not in (None, Citation, Source) and key not in ("batch", "donor"):
            rows.append(_keys(section, f"{key}."))
    return "\n".join(rows)


def _section(annotation: object) -> type[BaseModel] | None:
    candidates = [annotation, *typing.get_args(annotation)]
    candidates += [inner for c in candidates for inner in typing.get_args(c)]
    return next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)


def _type(field) -> str:
    annotation = field.annotation
    if _section(annotation) is Labels:
        return "column, or section"
    if _section(annotation) is not None:
        return "list of sections" if typing.get_origin(annotation) is list else "section"
    return _type_name(annotation)


def _type_name(annotation: object) -> str:
    names = {int: "whole number", str: "text", float: "number", bool: "true/false", types.NoneType: "null"}
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return ", ".join(f"`{a}`" for a in arguments)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(map(_type_name, arguments))
    if origin is typing.Annotated:
        return _type_name(arguments[0])
    if origin is list:
        return f"list of {_type_name(arguments[0])}"
    if origin is dict and typing.get_origin(arguments[1]) is dict:
        return "sections, by names"
    if origin is dict:
        return f"{_type_name(arguments[0])} to {_type_name(arguments[1])}"
    if origin is tuple:
        return f"[{', '.join(_type_name(a) for a in arguments)}]"
    return names.get(annotation, str(annotation))


def _default(field) -> str:
    if field.default is PydanticUndefined:
        return "required"
    if isinstance(field.default, BaseModel):
        return ""
    return f"`{json.dumps(field.default)}`"


def _spaces() -> str:
    rows = ["| space | role | what | measure | needs |", "|---|---|---|---|---|"]
    for name, space in BUILT_IN.spaces.items():
        if space.is_view:
            continue
        title = space.title.format(model=MODELS[space.model].title.format(cells="N")) if space.model else space.title
        made = f"{title}, fitted on `{space.parent}`" if space.parent else title
        rows.append(f"| `{name}` | {space.role} | {made} | {space.measure} | {space.needs} |")
    return "\n".join(rows)


def _tables() -> str:
    parts = [
        "# Tables\n",
        "Generated by `make schemas` from the declarations in `rankstudy/`. Every table is Parquet, with these "
        "meanings and units in the metadata of its columns; those that a person reads are TSV as well.\n",
    ]
    for table in all_tables():
        key = ", ".join(f"`{name}`" for name in table.key)
        parts.append(
            f"## {table.name}\n\n{html.escape(table.meaning, quote=False)}\n\n`{table.location}`; a row is identified "
            f"by {key}.\n"
        )
        rows = ["| column | type | unit | meaning |", "|---|---|---|---|"]
        rows += [
            f"| `{c.name}` | {c.type}{', may be empty' if c.optional else ''} | {c.unit} | "
            f"{html.escape(c.meaning, quote=False)} |"
            for c in table.columns
        ]
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def main() -> None:
    """Write every generated file whose content differs."""
    for path, text in generated().items():
        target = FOLDER / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")
            print(f"wrote {path}")


if __name__ == "__main__":
    main()
