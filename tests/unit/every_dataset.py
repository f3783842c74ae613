"""A data set of every format from every source, in every place of the schema that names a file.

Taken from the models.
"""

import typing
from pathlib import Path

from pydantic import BaseModel

from rankstudy.config.dataset_model import BESIDE, OF_MEMBERS, Dataset
from rankstudy.config.formats_model import FORMATS
from rankstudy.sources.source import ORIGINS, Source
from rankstudy.sources.tenx import ROLES
from tests.unit.config_files import SHA

EVERY_ORIGIN = ("local_file", *ORIGINS)
FILES = {
    "table": "counts.csv",
    "h5ad": "cells.h5ad",
    "rds": "cells.rds",
    "mtx": "matrix.mtx.gz",
    "tenx_h5": "cells.h5",
    "loom": "cells.loom",
}
# how many there are of each: one, several, or one of a combined data set
PLACES = ("source", "parts", "combine")
UUID = "00000000-0000-0000-0000-000000000000"

# what cannot be, and what the message says to do
REFUSED = {
    **{(format, "package"): r"a `package` is an archive.*`table\.counts`.*`local_file`" for format in FORMATS},
    **{(format, "cellxgene"): rf"an h5ad, which is not read as `{format}`; write `h5ad: \{{\}}`" for format in FORMATS},
}
del REFUSED["table", "package"], REFUSED["h5ad", "cellxgene"]

# a value of every key of a data set that is not one of its files and not one of FORMATS
SECTIONS = {
    "spaces": {"spaces": ["rank"]},
    "selection": {"selection": {"cell_types": ["a", "b"]}},
    "genes": {"genes": {"method": "all"}},
    "title": {"title": "another"},
    "keep": {"keep": {"column": "kind", "values": ["a"]}},
    "cell_type": {"cell_type": {"column": "cell_name", "pattern": "^(.)", "otherwise": "x"}},
    "batch": {"batch": "lane"},
    "donor": {"donor": "who"},
    "donors": {"donor": "who", "donors": {"source": {"local_file": "data/donors.csv"}, "key": "who"}},
    "ontology": {"ontology": {"column": "id", "by_name": True, "terms": {"a": "CL:0000169"}}},
    "similar": {"similar": [["a", "b"]]},
    "values": {"values": "normalised", "spaces": ["rank"], "genes": {"method": "all"}},
    "treatment": {"treatment": {"change": {"gene": "INS", "add": 3}}},
    "embeddings": {"embeddings": {"mine": {"file": "data/mine.csv", "title": "Mine"}}},
    "states": {"donor": "who", "states": {"condition": "ill", "cells": 100}},
    "feature_types": {"feature_types": ["Gene Expression", "Antibody Capture"]},
    "missing": {"missing": ["unassigned"]},
    "organism": {"organism": "mouse"},
    "protocol": {"protocol": "10x"},
    "expect": {"expect": {"cells": 3}},
    "citations": {"citations": [{"text": "Somebody", "doi": "10.1/1"}]},
    "licence": {"licence": "CC BY 4.0"},
}


def source(origin, name):
    """Return the section of a file of this name."""
    return {
        "local_file": {"local_file": f"data/{name}"},
        "url": {"url": f"https://host/{name}", "bytes": 1},
        "figshare": {"figshare": 1, "file": name, "bytes": 1},
        "zenodo": {"zenodo": {"record": 1, "file": name}},
        "cellxgene": {"cellxgene": {"collection": UUID, "dataset": UUID}},
        "package": {"package": "toy==1.0", "sha256": SHA, "bytes": 1},
    }[origin]


def files(format, origin):
    """Return what stands in a data set or in one of its parts: where its files come from."""
    found = {"source": source(origin, FILES[format])}
    if format == "table" and origin != "package":
        found["labels"] = source("local_file", "labels.csv")
    if format == "mtx":
        beside = origin if (format, origin) not in REFUSED else "url"
        found |= {role: source(beside, f"{role}.tsv.gz") for role in ROLES}
    return found


def how(format, origin):
    """Return the section of the format."""
    inside = {"counts": "in/counts.csv", "labels": "in/labels.csv"}
    return {format: inside if (format, origin) == ("table", "package") else {}}


def datasets(format, origin, place, **sections):
    """Return the YAML files of a data set, by name: `toy`, and `member` where it combines that one."""
    keys = {"title": "toy", "cell_type": "kind", **how(format, origin)}
    if place == "parts":
        return {"toy": {**keys, "parts": {"one": files(format, origin)}, **sections}}
    if place == "source":
        return {"toy": {**keys, **files(format, origin), **sections}}
    own = {key: value for key, value in sections.items() if key in OF_MEMBERS}
    rest = {key: value for key, value in sections.items() if key not in OF_MEMBERS}
    return {
        "toy": {"title": "toy", "combine": {"member": {}}, **rest},
        "member": {**keys, **files(format, origin), **own},
    }


def places_of_sources(model, prefix=""):
    """Yield the path of every key of a model that is a `Source`, however deep."""
    for name, field in model.model_fields.items():
        inner = _models(field.annotation)
        if Source in inner:
            yield f"{prefix}{name}"
        for section in inner - {Source}:
            yield from places_of_sources(section, f"{prefix}{name}.")


def _models(annotation):
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    return {model for argument in typing.get_args(annotation) for model in _models(argument)}


def write_local_files(folder):
    """Write every file that these data sets name on this machine; nothing reads them before a job does."""
    (Path(folder) / "data").mkdir(parents=True, exist_ok=True)
    for name in (*FILES.values(), *(f"{role}.tsv.gz" for role in ROLES), "labels.csv", "donors.csv"):
        (Path(folder) / "data" / name).touch()


def other_keys():
    """Return the keys of a data set that are neither files nor formats."""
    return set(Dataset.model_fields) - set(FORMATS) - {"source", "parts", "combine", *BESIDE}
