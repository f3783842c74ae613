"""Remedies of what is refused of a release of Geneformer or of the Cell Ontology."""

import yaml

from tests.unit.advice_toy import Toy
from tests.unit.config_files import SHA

REVISION = "0" * 40


def file(path):
    return {"path": path, "bytes": 10, "sha256": SHA}


MODEL = {"config": file("m/config.json"), "weights": file("m/model.safetensors")}
HUB = {"repository": "https://hub/x", "revision": REVISION}
PACKAGE = {"package": "toy==1", "bytes": 10, "sha256": SHA}
OBO = {"source": {"url": "https://h/cl-basic.obo", "sha256": SHA}}


class Release(Toy):
    """The data set `toy` and a release `mine` of what a section of the study names."""

    def __init__(self, kind, content, **files):
        section = {"geneformer": {"ontology": None}, "ontology": {"ontology": {}}}[kind]
        super().__init__(**section)
        self.kind, self.content, self.files = kind, {"title": "mine", **content}, files
        self.studying(**{kind: {"release": "mine"}}).loading()

    def load(self):
        path = self.folder / "config" / self.kind / "mine.yaml"
        super().write_files()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(self.content))
        return super().load()


def geneformer(*, files=None, **origin):
    dictionaries = {"tokens": file("t.pkl"), "medians": file("m.pkl"), "names": file("n.pkl")}
    return lambda: Release("geneformer", {"version": "V1", "files": {**dictionaries, **(files or {})}, **origin})


def ontology(**content):
    return lambda: Release("ontology", content)


def put(**keys):
    """Return a remedy: keys of the release are replaced; None removes one."""

    def mend(release, said):
        release.content = {k: v for k, v in {**release.content, **keys}.items() if v is not None}

    return mend


def of_model(**files):
    """Return a remedy: files of the release are replaced; None removes one."""

    def mend(release, said):
        kept = {**release.content["files"], **files}
        release.content["files"] = {k: v for k, v in kept.items() if v is not None}

    return mend


MEETS = [
    (
        geneformer(**HUB, files={"config": MODEL["config"]}),
        {
            "config.release: give both": of_model(**MODEL),
            "config.release: give neither: a vocabulary alone": of_model(config=None),
        },
    ),
    (
        geneformer(**HUB, files={**MODEL, "weights": file("m/model.bin")}),
        {"config.release: give the path of model.safetensors": of_model(**MODEL)},
    ),
    (
        geneformer(**HUB, files={**MODEL, "config": file("m/c.json")}),
        {"config.release: give the path of config.json": of_model(**MODEL)},
    ),
    (
        geneformer(**HUB, files={**MODEL, "config": file("n/config.json")}),
        {"config.release: give the config.json beside model.safetensors": of_model(**MODEL)},
    ),
    (
        geneformer(),
        {
            "config.release: give `repository` and `revision`": put(**HUB),
            "config.release: give `package`": put(package=PACKAGE),
            "config.release: give `local_folder`": put(local_folder="."),
        },
    ),
    (
        geneformer(package={"url": "https://h/x.whl", "bytes": 10}),
        {
            "config.release: give `package: name==version` and `sha256` in it": put(package=PACKAGE),
            "config.release: give `local_file` in it": put(package={"local_file": "x.whl"}),
        },
    ),
    (
        geneformer(repository=HUB["repository"]),
        {"config.release: give `revision`, the commit to take": put(revision=REVISION)},
    ),
    (
        ontology(source=PACKAGE),
        {
            "config.ontology: give `source.package` and `member`": put(member=file("in/cl.owl")),
            "config.ontology: give neither": put(**OBO),
        },
    ),
    (
        ontology(source={"url": "https://h/cl.zip", "sha256": SHA}),
        {"config.ontology: give one of these files, such as cl-basic.obo": put(**OBO)},
    ),
    (
        ontology(source={"url": "https://h/cl.obo", "bytes": 10}),
        {"config.ontology: give the hash of the one that is meant (`sha256sum FILE`)": put(**OBO)},
    ),
]
