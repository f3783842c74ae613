"""Models of a study: the release that each is of, the settings that it is read with, and where its files lie."""

import pytest

from rankstudy.core.errors import StudyError
from tests.unit.advice_cases.plugins import HEAD, MODEL, RELEASE, Plugged


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def plan_of(text, models=None, spaces=("rank", "mine"), files=None):
    return Plugged({"mine.py": HEAD + text, **(files or {})}, spaces=spaces, models=models).load()


def with_settings(settings="{'genes': 3, 'device': 'cpu'}"):
    return MODEL.replace("title=", f"settings={settings}, title=")


BAG = {"bag.yaml": RELEASE}


def test_a_model_of_a_file_has_its_own_release_settings_and_tokens():
    plan = plan_of(with_settings(), files=BAG)
    mine = plan.models["mine"]
    assert mine.release.folder == "resources/models/bag" and mine.about == "results/models/mine/about.json"
    assert mine.files == {"weights": "resources/models/bag/files/w.npy"}
    assert (mine.how, mine.threads, mine.device) == ({"genes": 3, "device": "cpu"}, 1, "cpu")
    assert plan.tokens_of("toy") == ["bag"] == list(plan.tokens) and plan.tokens["bag"].tokenizer == "mine.py"
    assert [file.path for file in plan.release_downloads["bag"]] == ["genes.tsv", "w.npy"]


def test_a_further_reading_shares_the_release_and_has_settings_of_its_own():
    models = {"few": {"model": "mine", "genes": 2}}
    plan = plan_of(with_settings(), models, ("mine", "few"), BAG)
    assert plan.models["few"].how == {"genes": 2, "device": "cpu"} and plan.models["mine"].how["genes"] == 3
    assert plan.models["few"].about != plan.models["mine"].about and plan.tokens_of("toy") == ["bag"]


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"genes": "many"}, "models.mine.genes: found 'many'"),
        ({"gene": 3}, "models.mine.gene: unknown key .did you mean 'genes'"),
        ({"pooling": "cell"}, "models.mine.pooling: unknown key"),
    ],
)
def test_settings_that_the_model_has_not_are_refused(stated, message):
    with pytest.raises(StudyError, match=message):
        plan_of(with_settings(), {"mine": stated}, files=BAG)


def test_a_model_without_a_release_is_of_that_of_geneformer():
    plan = plan_of(MODEL.replace(", release='bag.yaml'", ""))
    assert plan.models["mine"].release == plan.own_release and plan.own_release.name == "v1_dictionaries"


def test_a_model_of_a_file_may_be_of_a_release_of_geneformer():
    plan = plan_of(MODEL.replace("bag.yaml", "v1_10m"))
    assert set(plan.models["mine"].files) == {"config", "weights"}
    with pytest.raises(StudyError, match=r"MODELS\['mine'\].release: there is no release 'v1_10'"):
        plan_of(MODEL.replace("bag.yaml", "v1_10"))


def test_models_that_the_study_makes_are_of_the_release_of_the_study():
    models = {"trained-here": {"layer": 0}}
    assert plan_of("", models, ("trained-here",)).models["trained-here"].how["layer"] == 0
    models["trained-here"]["release"] = "v1_10m"
    with pytest.raises(StudyError, match="models.trained-here.release: the study makes this model, .*; state it there"):
        plan_of("", models, ("trained-here",))


def test_a_release_that_is_not_there_names_the_model_that_declares_it():
    with pytest.raises(StudyError, match=r"MODELS\['mine'\].release: there is no file bag.yaml; write it beside"):
        plan_of(MODEL)
