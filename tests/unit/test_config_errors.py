"""Every error of the configuration names file, key, what was found and what to write."""

import pytest

from rankstudy.config import load_study
from rankstudy.core.errors import StudyError
from tests.unit.config_files import H5AD, TABLE, elsewhere, load, refused, write_dataset  # noqa: F401

pytestmark = pytest.mark.usefixtures("elsewhere")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"datasets": ["tyo"]},
            (
                r"datasets: there is no data set 'tyo' \(did you mean 'toy'\?\): no file "
                r"config/datasets/tyo\.yaml; write that file, or name one of the data sets toy"
            ),
        ),
        ({"datasets": []}, r"datasets: found \[\]: list should have at least 1 item"),
        ({"datasets": ["toy", "toy"]}, r"datasets: .*toy stands there more than once; name each once"),
        (
            {"datasets": ["../toy"]},
            r"datasets\.0: found '\.\./toy': '\.\./toy' is no name; rename it: a lower-case letter",
        ),
        ({"datasets": "toy"}, r"datasets: found 'toy': one value, where a list is wanted; put it in brackets: \[toy\]"),
        ({"seeds": [1, 2, 1]}, r"seeds: .*1 stands there more than once"),
        ({"seeds": [2**31]}, r"seeds\.0: found 2147483648: input should be less than or equal to 2147483647"),
        ({"training": {"seed": 2**31}}, r"training\.seed: found 2147483648: input should be less"),
        ({"uncertainty": {"seed": 2**31}}, r"uncertainty\.seed: found 2147483648: input should be less"),
        ({"datasets": [123]}, r"datasets\.0: found 123: 123 is no name; rename it: a lower-case letter"),
        (
            {"datasets": [False]},
            r"datasets\.0: found False: true or false .*where text is wanted; put the word in quotes",
        ),
        ({"datasets": ["x" * 101]}, r"datasets\.0: .* is no name; rename it: .* at most 99"),
        (
            {"seeds": [True]},
            (
                r"seeds: found \[True\]: true or false \(to YAML, the bare words yes, no, on, off too\), where a "
                r"number is wanted; write the number$"
            ),
        ),
        ({"training": {"epochs": True}}, r"training\.epochs: found True: true or false .*, where a number is wanted"),
        (
            {"uncertainty": {"level": True}},
            r"uncertainty\.level: found True: true or false .*, where a number is wanted",
        ),
        (
            {"pairs": {"neighbours": [15, False]}},
            r"pairs\.neighbours: found \[15, False\]: true or false .*, where a number is wanted",
        ),
        ({"seeds": [-1]}, r"seeds\.0: found -1: input should be greater than or equal to 0"),
        ({"seeds": 3}, r"seeds: found 3: one value, where a list is wanted; put it in brackets: \[3\]"),
        ({"spaces": []}, r"spaces: found \[\]: list should have at least 1 item"),
        (
            {"controls": ["one-hat"]},
            (
                r"controls: .*'one-hat' is not a control \(did you mean 'one-hot'\?\); name controls that there "
                r"are: random, shuffled, one-hot, one-hot-batch"
            ),
        ),
        ({"controls": ["rank"]}, r"controls: .*'rank' is not a control; name it in `spaces`"),
        ({"spaces": ["ranks"]}, r"spaces: found \['ranks'\]: there is no space 'ranks' \(did you mean 'rank'\?\)"),
        ({"pairs": {"hexagons": 5}}, r"pairs\.hexagons: found 5: input should be greater than or equal to 10"),
        ({"pairs": {"neighbours": []}}, r"pairs\.neighbours: found \[\]: list should have at least 1 item"),
        ({"pairs": {"neighbours": [15, 15]}}, r"pairs\.neighbours: .*15 stands there more than once"),
        ({"pairs": {"neighbours": [0]}}, r"pairs\.neighbours\.0: found 0: input should be greater than or equal to 1"),
        ({"pairs": {"cutoffs": 1}}, r"pairs\.cutoffs: found 1: input should be greater than or equal to 10"),
        ({"pairs": {"joint": [["rank"]]}}, r"pairs\.joint\.0\.1: is missing"),
        (
            {"uncertainty": {"references": ["expresion"]}},
            r"uncertainty\.references: .*no space 'expresion' \(did you mean 'expression'\?\); name .*: rank, exp",
        ),
        ({"uncertainty": {"references": ["rank", "rank"]}}, r"uncertainty\.references: .*rank stands there more than"),
        ({"uncertainty": {"references": []}}, r"uncertainty\.references"),
        ({"pairs": {"joint": [["rank", "umap"]]}}, r"pairs\.joint: .*there is no space 'umap'"),
        (
            {"umap": {"n_components": 5}},
            r"umap\.n_components: unknown key \(did you mean 'components'\?\); the keys here are components",
        ),
        ({"pca": {"components": 1}}, r"pca\.components: found 1"),
        ({"sellection": {}}, r"sellection: unknown key \(did you mean 'selection'\?\)"),
    ],
)
def test_errors_of_the_study(tmp_path, config, message):
    refused(message, tmp_path, config=config)


def test_numbers_may_be_text_as_snakemake_gives_those_of_the_command_line(tmp_path):
    config = {"seeds": ["9"], "training": {"learning_rate": "1e-3"}, "field_metrics": "false"}
    study = load(tmp_path, config=config).study
    assert study.seeds == [9] and study.training.learning_rate == 0.001 and study.field_metrics is False


def test_all_errors_are_told_at_once(tmp_path):
    text = refused("titel", tmp_path, title=None, titel="x", values="count", selection={"min_cells": 0})
    assert len(text.splitlines()) == 4 and all(line.startswith(str(tmp_path)) for line in text.splitlines())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: [", r"toy\.yaml: is not YAML: "),
        (
            "title: a\ncell_type: b\ntitle: c",
            r"toy\.yaml: is not YAML: the key 'title' stands twice; remove one of the two\n.*line 3",
        ),
        ("h5ad: {counts: X, counts: raw/X}", r"the key 'counts' stands twice"),
        ("a: b: c", r"toy\.yaml: is not YAML: "),
        ("- a\n- b\n", r"toy\.yaml: must be a mapping of keys to values, found list"),
        ("just text", r"found str"),
        ("", r"must be a mapping of keys to values, found NoneType"),
        ("x: !!python/object/apply:os.getcwd []", r"toy\.yaml: is not YAML: "),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path, text, message):
    refused(message, tmp_path, text)


def test_a_key_of_the_study_that_stands_twice_is_refused(tmp_path):
    study = tmp_path / "study.yaml"
    study.write_text("pairs: {bins: 10}\nseeds: [1]\npairs: {threads: 2}\n")
    refused(r"study\.yaml: is not YAML: the key 'pairs' stands twice", tmp_path, files=[study])


def test_a_file_in_another_encoding_is_refused(tmp_path):
    write_dataset(tmp_path, "toy", "")
    (tmp_path / "config/datasets/toy.yaml").write_bytes("title: zelle\u00e4\n".encode("latin-1"))
    with pytest.raises(StudyError, match=r"toy\.yaml: is not YAML"):
        load_study({"datasets": ["toy"]}, [], tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"spaces": None},
            (
                r"toy\.yaml: spaces: expression, expression-pca, .*; genes\.method: "
                r"highly_variable: more is needed than `values: normalised` gives .*read raw counts "
                r"\(h5ad\.counts, .* or set `spaces: \[rank\]` and `genes: {method: all}`"
            ),
        ),
        ({"spaces": ["expression"]}, r"spaces: expression; genes"),
        ({"spaces": ["rank"]}, r"toy\.yaml: genes\.method: highly_variable: more is needed .*`genes: \{method: all\}`"),
    ],
)
def test_values_without_counts_are_refused_where_counts_are_needed(tmp_path, changes, message):
    refused(message, tmp_path, values="normalised", **changes)


def test_for_a_table_without_counts_a_file_is_asked_for(tmp_path):
    refused(
        r"or another file\) and declare `values: counts`, or set `spaces: \[rank\]`",
        tmp_path,
        TABLE,
        values="normalised",
    )


@pytest.mark.parametrize("change", [{"sha256": "b" * 64}, {"bytes": 11}, {"bytes": None}])
def test_one_package_with_two_hashes_or_sizes_is_refused(tmp_path, change):
    write_dataset(tmp_path, "one", TABLE)
    write_dataset(tmp_path, "two", {**TABLE, "source": {**TABLE["source"], **change}})
    with pytest.raises(
        StudyError,
        match=r"two\.yaml: source: toy==1\.0 has another hash or size than in .*one\.yaml; make them the same",
    ):
        load_study({"datasets": ["one", "two"]}, [], tmp_path)


def merged_study(tmp_path, first, second, **config):
    write_dataset(tmp_path, "toy", H5AD)
    files = [tmp_path / "first.yaml", tmp_path / "second.yaml"]
    for file, text in zip(files, (first, second), strict=True):
        file.write_text(text)
    with pytest.raises(StudyError) as error:
        load_study({"datasets": ["toy"], **config}, [str(f) for f in files], tmp_path)
    return str(error.value)


def test_the_file_that_holds_the_wrong_key_is_named(tmp_path):
    first, second = "datasets: [toy]\nseeds: [-1]\n", "seeds: [0]\npca: {components: 1}\n"
    assert merged_study(tmp_path, first, second, pca={"components": 1}).startswith(
        str(tmp_path / "second.yaml") + ": pca.components"
    )
    assert merged_study(tmp_path, first, "umap: {}\n", seeds=[-1]).startswith(
        str(tmp_path / "first.yaml") + ": seeds.0"
    )
    assert merged_study(tmp_path, first, "seeds: [-2]\n", seeds=[-2]).startswith(
        str(tmp_path / "second.yaml") + ": seeds.0"
    )


def test_a_key_that_no_file_holds_was_given_on_the_command_line(tmp_path):
    text = merged_study(tmp_path, "datasets: [toy]\n", "seeds: [1]\n", sedes=[1])
    assert text.startswith("the configuration (--config): sedes: unknown key (did you mean 'seeds'?)")


def test_a_value_that_the_command_line_replaced_is_not_laid_to_the_file(tmp_path):
    text = merged_study(tmp_path, "datasets: [toy]\nseeds: [0]\n", "pca: {components: 5}\n", seeds=[-1])
    assert text.startswith("the configuration (--config): seeds.0: found -1")


def test_a_key_that_is_missing_everywhere_is_named_with_its_meaning(tmp_path):
    (tmp_path / "c.yaml").write_text("seeds: [0]\n")
    with pytest.raises(StudyError, match=r": datasets: is missing; write `datasets:` \(Data sets of the run"):
        load_study({"seeds": [0]}, [str(tmp_path / "c.yaml")], tmp_path)
