"""The catalogue of a study: what plug-ins declare stands beside what the package has, and nothing in its place."""

import os

import pytest

from rankstudy.core.errors import StudyError
from rankstudy.core.modules import load
from rankstudy.spaces.catalogue import BUILT_IN, catalogue, published_encodings
from rankstudy.spaces.models.registry import MODELS
from rankstudy.spaces.registry import SPACES

HEAD = "from rankstudy.spaces.models.registry import Model\nfrom rankstudy.spaces.registry import SpaceSpec\n"
SPACE = "SpaceSpec(title='Mine', measure='m', metric='cosine', {})"
MODEL = "Model(title='Mine', {})"


def plugin(folder, text, name="mine.py"):
    path = folder / name
    path.write_text(HEAD + text)
    return str(path)


def spaces(**declared):
    """Return the text of a file that declares these spaces, each by its arguments, and a function."""
    of = ", ".join(f"{name.replace('_', '-')!r}: {SPACE.format(how)}" for name, how in declared.items())
    return f"SPACES = {{{of}}}\n\ndef f(counts, totals):\n    return counts\n"


def models(**declared):
    of = ", ".join(f"{name.replace('_', '-')!r}: {MODEL.format(how)}" for name, how in declared.items())
    return f"MODELS = {{{of}}}\n"


def refused(message, *plugins, **readings):
    with pytest.raises(StudyError, match=message):
        catalogue(plugins, {name.replace("_", "-"): model for name, model in readings.items()})


def test_without_plugins_it_is_what_the_package_has():
    found = catalogue([], {})
    assert found == BUILT_IN and list(found.models) == list(MODELS)
    named = [name for name in found.spaces if "@" not in name]
    assert sorted(named) == sorted([*SPACES, *published_encodings()]) and len(set(named)) == len(named)


def test_every_parent_stands_before_what_is_fitted_on_it_and_controls_come_last(tmp_path):
    text = spaces(
        mine="function='f'", mine_fit="function='f', parent='mine'", mine_control="function='f', role='control'"
    )
    found = catalogue([plugin(tmp_path, text + models(mine_model=""))], {"further": "geneformer"})
    names = list(found.spaces)
    for name, space in found.spaces.items():
        assert space.parent is None or names.index(space.parent) < names.index(name), name
    controls = [space.role == "control" for space in found.spaces.values()]
    assert controls == sorted(controls) and names[-1] == "mine-control" and sum(controls) == 5
    assert {name for name in names if "@" not in name} - {*SPACES, *published_encodings()} == {
        *("mine", "mine-fit", "mine-control"), *("mine-model", "mine-model-umap", "further", "further-umap")
    }  # fmt: skip


def test_a_function_is_of_the_file_unless_it_names_its_module(tmp_path):
    path = plugin(tmp_path, spaces(own="function='f'", other="function='rankstudy.spaces.fits:harmony'"))
    found = catalogue([path], {}).spaces
    assert found["own"].function == f"{path}:f" and found["own"].modules[0] == path
    assert found["other"].function == "rankstudy.spaces.fits:harmony"


def test_a_model_of_a_file_brings_its_two_spaces_and_is_read_by_the_file(tmp_path):
    path = plugin(tmp_path, models(mine="", theirs="module='a.b', tokenizer='rankstudy.spaces.tokens.geneformer'"))
    found = catalogue([path], {})
    assert found.spaces["mine"].is_embedding and found.spaces["mine-umap"].parent == "mine"
    assert (found.models["mine"].module, found.models["mine"].tokenizer) == (path, path)
    assert (found.models["theirs"].module, found.models["theirs"].tokenizer) == (
        "a.b",
        "rankstudy.spaces.tokens.geneformer",
    )
    assert found.model_of("mine-umap") == found.models["mine"] and found.model_of("rank") is None


def test_files_of_a_model_lie_beside_the_plugin_if_they_are_there(tmp_path, monkeypatch):
    (tmp_path / "mine.yaml").write_text("")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    path = plugin(tmp_path, models(mine="release='mine.yaml', environment='models.yaml'"))
    model = catalogue([os.path.relpath(path)], {}).models["mine"]
    assert model.release == str(tmp_path / "mine.yaml") and model.environment == "models.yaml"
    assert catalogue([plugin(tmp_path, models(other=""), "o.py")], {}).models["other"].release is None


def test_spaces_of_a_file_may_be_fitted_on_those_of_the_package_of_itself_and_of_an_earlier_file(tmp_path):
    first = plugin(tmp_path, spaces(one="function='f'") + models(a_model=""), "first.py")
    second = plugin(
        tmp_path,
        spaces(
            on_rank="function='f', parent='rank'",
            on_first="function='f', parent='one'",
            on_model="function='f', parent='a-model'",
        ),
        "second.py",
    )
    assert {"on-rank", "on-first", "on-model"} <= set(catalogue([first, second], {}).spaces)
    refused(r"second.py: SPACES\['on-first'\].parent: there is no space 'one'", second, first)


def test_what_a_space_is_fitted_on_may_stand_behind_it_in_the_file(tmp_path):
    path = plugin(tmp_path, spaces(fitted="function='f', parent='encoded'", encoded="function='f'"))
    names = list(catalogue([path], {}).spaces)
    assert names.index("encoded") < names.index("fitted")


def test_spaces_that_are_fitted_on_each_other_are_refused(tmp_path):
    path = plugin(tmp_path, spaces(one="function='f', parent='two'", two="function='f', parent='one'"))
    refused("mine.py: SPACES: one, two: what they start from is fitted on themselves; give one of them another", path)


def test_what_is_fitted_on_a_control_stands_behind_it(tmp_path):
    path = plugin(tmp_path, spaces(mine="function='f', parent='shuffled'"))
    assert list(catalogue([path], {}).spaces)[-1] == "mine"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (spaces(rank="function='f'"), "SPACES: there is a 'rank' already; give it another name"),
        (spaces(geneformer_umap="function='f'"), "SPACES: there is a 'geneformer-umap' already"),
        (models(geneformer=""), "MODELS: there is a 'geneformer' already"),
        (models(rank=""), "MODELS: there is a 'rank' already"),
        (models(expression=""), "MODELS: there is a 'expression' already"),
        (models(mine="") + spaces(mine="function='f'"), "SPACES: there is a 'mine' already"),
        (models(mine="") + spaces(mine_umap="function='f'"), "SPACES: there is a 'mine-umap' already"),
        (models(mine="", mine_umap=""), "MODELS: there is a 'mine-umap' already"),
    ],
)
def test_a_name_that_is_taken_is_refused(tmp_path, text, message):
    refused(f"mine.py: {message}", plugin(tmp_path, text))


def test_two_files_cannot_declare_one_name(tmp_path):
    paths = [plugin(tmp_path, spaces(mine="function='f'"), f"{name}.py") for name in "ab"]
    refused("b.py: SPACES: there is a 'mine' already", *paths)


@pytest.mark.parametrize("name", ["Mine", "my space", "2d", "a--b", "-a", "a-", "", "a_b", "ä", "a/b", "a\n"])
@pytest.mark.parametrize(("what", "of"), [("SPACES", SPACE.format("function='f'")), ("MODELS", MODEL.format(""))])
def test_what_cannot_stand_in_a_path_is_no_name(tmp_path, name, what, of):
    refused(f"mine.py: {what}: .* is no name; write lower-case", plugin(tmp_path, f"{what} = {{{name!r}: {of}}}\n"))


@pytest.mark.parametrize("what", ["SPACES", "MODELS"])
@pytest.mark.parametrize("value", ["[]", "{'mine': 3}", "{'mine': dict(title='x')}", "None"])
def test_what_is_no_dictionary_of_declarations_is_refused(tmp_path, what, value):
    refused(f"mine.py: {what} is no dictionary of .*; write `{what} = ", plugin(tmp_path, f"{what} = {value}\n"))


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("function='g'", r"SPACES\['mine'\]: there is no function 'g' in this file; write the function, or name it as"),
        ("function='SPACES'", r"SPACES\['mine'\]: there is no function 'SPACES' in this file"),
        ("parent='rnak'", r"SPACES\['mine'\].parent: there is no space 'rnak' .did you mean 'rank'..; name one that"),
        ("function='f', needs='count'", r"SPACES\['mine'\].needs: there is no needs 'count' .did you mean 'counts'"),
        ("function='f', role='models'", r"SPACES\['mine'\].role: there is no role 'models' .did you mean 'model'"),
        (
            "function='f', parent='geneformer', model='genformer'",
            r"SPACES\['mine'\].model: there is no model 'genformer' .did you mean 'geneformer'",
        ),
        ("", r"SPACES\['mine'\]: names no function; name the one that makes its vectors"),
    ],
)
def test_what_a_space_names_must_be_there(tmp_path, how, message):
    refused(f"mine.py: {message}", plugin(tmp_path, spaces(mine=how)))


def test_an_unknown_metric_is_refused(tmp_path):
    text = f"SPACES = {{'mine': {SPACE.format('').replace('cosine', 'cosin')}}}\n"
    refused(
        r"mine.py: SPACES\['mine'\].metric: there is no metric 'cosin' .did you mean 'cosine'", plugin(tmp_path, text)
    )


@pytest.mark.parametrize("kind", ["trained", "untrained"])
def test_models_that_the_study_makes_are_those_of_the_package(tmp_path, kind):
    path = plugin(tmp_path, models(mine=f"kind='{kind}'"))
    refused(rf"mine.py: MODELS\['mine'\].kind: there is no kind of model for a plug-in '{kind}'; name one that", path)


def test_a_file_without_spaces_and_models_adds_none(tmp_path):
    assert catalogue([plugin(tmp_path, "")], {}) == BUILT_IN


def test_a_further_reading_is_a_model_of_its_own_name(tmp_path):
    path = plugin(tmp_path, models(mine="settings={'genes': 3}"))
    found = catalogue([path], {"small": "mine", "cls": "geneformer"})
    assert found.models["small"] == found.models["mine"] and found.models["cls"] == MODELS["geneformer"]
    assert found.spaces["small"].model == "small" and found.spaces["cls-umap"].parent == "cls"


def test_settings_of_a_model_that_there_is_are_no_further_reading():
    assert catalogue([], {"geneformer": "geneformer"}) == BUILT_IN


def test_what_a_further_reading_is_read_as_must_be_there_and_published():
    refused(
        "models.more.model: there is no published model 'genformer' .did you mean 'geneformer'..; name one that there "
        "is: geneformer",
        more="genformer",
    )
    refused("models.more.model: there is no published model 'trained-here'", more="trained-here")
    refused("models.more.model: there is no published model 'more'", more="more")


@pytest.mark.parametrize("name", ["More", "my_model", "a b"])
def test_a_further_reading_needs_a_name(name):
    with pytest.raises(StudyError, match=f"models: '{name}' is no name"):
        catalogue([], {name: "geneformer"})


@pytest.mark.parametrize("name", ["rank", "geneformer-umap", "expression"])
def test_a_further_reading_cannot_have_the_name_of_a_space(name):
    with pytest.raises(StudyError, match=f"models: there is a '{name}.*' already; give it another name"):
        catalogue([], {name: "geneformer"})


def test_the_file_is_executed_as_the_module_that_its_functions_are_of(tmp_path):
    path = plugin(tmp_path, spaces(mine="function='f'"))
    assert callable(load(path).f) and catalogue([path], {}).spaces["mine"].function == f"{path}:f"
