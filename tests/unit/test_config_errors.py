"""Every error of the configuration names file, key, what was found and what to write."""

import re

import pytest

from rankstudy.config import load_study
from rankstudy.core.errors import StudyError
from tests.unit.config_files import H5AD, TABLE, load, write_dataset


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def refused(pattern, *args, **kwargs):
    with pytest.raises(StudyError) as error:
        load(*args, **kwargs)
    assert re.search(pattern, str(error.value)), str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"titel": "x"},
            (
                r"toy\.yaml: titel: unknown key \(did you mean 'title'\?\); the keys here are spaces, selection, "
                r"genes, title, source"
            ),
        ),
        ({"quite_other": 1}, r"toy\.yaml: quite_other: unknown key; the keys here are"),
        (
            {"source": {"local_file": "a.h5ad", "sha": "x"}},
            (
                r"toy\.yaml: source\.sha: unknown key.*the keys here are url, figshare, zenodo, cellxgene, "
                r"package, file, bytes, sha256, md5,"
            ),
        ),
        (
            {"cell_type": {"column": "x", "patern": "(a)"}},
            r"cell_type\.patern: unknown key \(did you mean 'pattern'\?\)",
        ),
        ({"batch": {"column": "x", "patern": "(a)"}}, r"batch\.patern: unknown key \(did you mean 'pattern'\?\)"),
        ({"selection": {"min_cell": 3}}, r"selection\.min_cell: unknown key \(did you mean 'min_cells'\?\)"),
        (
            {"citations": [{"text": "a"}, {"txt": "b"}]},
            r"citations\.1\.txt: unknown key \(did you mean 'text'\?\); the keys here are text, doi, accession",
        ),
        ({"title": None}, r"toy\.yaml: title: is missing; write `title:` \(What it is, in one line\.\)"),
        ({"cell_type": None}, r"toy\.yaml: cell_type: is missing; write `cell_type:`"),
        (
            {"cell_type": {"pattern": "(a)"}},
            r"cell_type\.column: is missing; write `column:` \(Column of the labels file",
        ),
        ({"title": 5}, r"toy\.yaml: title: found 5: a number or a date, where text is wanted; put it in quotes: '5'"),
        ({"selection": {"min_cells": "many"}}, r"selection\.min_cells: found 'many': input should be a valid integer"),
        (
            {"selection": {"cells_per_type": True}},
            r"selection\.cells_per_type: found True: true or false .*, where a number is wanted; write the number$",
        ),
        ({"expect": {"donors": False}}, r"expect\.donors: found False: true or false .*, where a number is wanted"),
        (
            {"source": {"local_file": "a.h5ad", "bytes": True}},
            r"source\.bytes: found True: true or false .*, where a number is wanted",
        ),
        ({"selection": {"min_cells": 1}}, r"selection\.min_cells: found 1: input should be greater than or equal to 2"),
        (
            {"selection": {"cell_types": ["beta"]}},
            r"selection\.cell_types: found \['beta'\]: list should have at least 2 items",
        ),
        ({"selection": {"cell_types": ["a", "b", "a"]}}, r"selection\.cell_types: .*a stands there more than once"),
        (
            {"selection": []},
            r"toy\.yaml: selection: found \[\]: a section is wanted; write its keys below it, indented: min_cells,",
        ),
        (
            {"genes": {"method": "variable"}},
            r"genes\.method: found 'variable': input should be 'highly_variable', 'flagged' or 'all'",
        ),
        (
            {"genes": {"method": "flagged"}},
            r"genes: method 'flagged' takes the genes that a column marks, and none is named; give `column`",
        ),
        (
            {"values": "count"},
            r"values: found 'count': input should be 'counts', 'expected_counts', 'by_batch', 'cpm' or 'normalised'",
        ),
        (
            {"spaces": ["rank", "expresion"]},
            (
                r"toy\.yaml: spaces: .*there is no space 'expresion' \(did you mean 'expression'\?\); name "
                r"spaces that there are: rank, expression,"
            ),
        ),
        (
            {"batch": {"column": "x", "pattern": "(a"}},
            r"batch\.pattern: found '\(a': is not a regular expression: missing \)",
        ),
        (
            {"batch": {"column": "x", "pattern": "abc"}},
            r"batch\.pattern: found 'abc': has 0 groups; put what is wanted in exactly one group",
        ),
        ({"batch": {"column": "x", "pattern": "(a)(b)"}}, r"batch\.pattern: .*has 2 groups"),
        (
            {"source": {}},
            (
                r"toy\.yaml: source: names no origin; give `local_file: path/to/file`, or one of `url`, "
                r"`figshare`, `zenodo` and `cellxgene`, or `package: name==version`"
            ),
        ),
        (
            {"source": {"url": "https://h/x.h5ad", "figshare": 1, "bytes": 1}},
            r"source: names url, figshare; keep one of them",
        ),
        (
            {"source": {"url": "https://h/x.h5ad"}},
            (
                r"source: nothing would show that a download from `url` is another file; give `sha256`, `md5` or "
                r"`bytes`.*`unverified: true`"
            ),
        ),
        (
            {"source": {"figshare": 3, "file": "x.h5ad"}},
            r"source: nothing would show that a download from `figshare` is another file; give `sha256`",
        ),
        (
            {"source": {"url": "https://h/x.h5ad", "bytes": 1, "unverified": True}},
            r"source: `unverified` is for a file of which nothing is known",
        ),
        ({"source": {"url": []}}, r"source: url: the list has no address"),
        (
            {"source": {"url": "ftp://h/x.h5ad"}},
            r"source: url: 'ftp://h/x\.h5ad' is no address; write https://host/path",
        ),
        ({"source": {"url": ["https://h/x", "https:///x"]}}, r"source: url: 'https:///x' is no address"),
        (
            {"source": {"url": "https://me:secret@h/x.h5ad"}},
            r"source: url: the address https://h/x\.h5ad holds a user name or password; put them into ~/\.netrc",
        ),
        (
            {"source": {"url": "https://h/", "bytes": 1}},
            r"source: '' is where the file's name should come from; give `file`: at most 200 letters",
        ),
        (
            {"source": {"url": "https://h/..%2Fx.h5ad", "bytes": 1, "file": "../x.h5ad"}},
            r"source\.file: found '\.\./x\.h5ad': '\.\./x\.h5ad' is no name for a file here",
        ),
        ({"source": {"url": "https://h/%2E%2E", "bytes": 1}}, r"source: '\.\.' is where the file's name"),
        ({"source": {"figshare": 3, "bytes": 1}}, r"source: '' is where the file's name should come from; give `file`"),
        (
            {"source": {"url": "https://h/x.json", "bytes": 1}},
            r"'x\.json' would be taken for what stands beside a download",
        ),
        (
            {"source": {"zenodo": {"record": 3, "file": "a/b"}}},
            r"source\.zenodo\.file: found 'a/b': string should match",
        ),
        ({"source": {"zenodo": {"file": "b"}}}, r"source\.zenodo\.record: is missing; write `record:`"),
        (
            {"source": {"cellxgene": {"collection": "x", "dataset": "y"}}},
            r"source\.cellxgene\.collection: found 'x': string should match",
        ),
        ({"source": {"local_file": "a.h5ad", "md5": "0"}}, r"source\.md5: found '0': string should match"),
        (
            {
                "source": {
                    "url": "https://h/x.h5ad",
                    "bytes": 1,
                    "terms": "unstated",
                    "terms_note": "No licence was found.",
                }
            },
            (
                r"toy\.yaml: source: nobody states the terms of these data: No licence was found\.; set "
                r"`accept_terms: true` here if you may use them, or .*`local_file`"
            ),
        ),
        (
            {"source": {"url": "https://h/x.h5ad", "bytes": 1, "terms": "consent"}},
            r"these data need the consent of their owner: nothing more is known",
        ),
        ({"source": {"package": "toy==1"}}, r"source: a package is not taken unseen; give `sha256`"),
        ({"source": {"package": "toy"}}, r"source\.package: found 'toy': string should match pattern"),
        (
            {"source": {"package": "../x==1; rm", "sha256": "a" * 64}},
            r"source\.package: found '\.\./x==1; rm': string should match",
        ),
        ({"source": {"local_file": "a.h5ad", "sha256": "ABC"}}, r"source\.sha256: found 'ABC': string should match"),
        (
            {"source": {"local_file": "data.csv"}},
            (
                r"says not how to read the file; add `table:` \(CSV, TSV\) with its keys, or `h5ad: {}`, or "
                r"`rds: {}`, or `mtx: {}`"
            ),
        ),
        ({"h5ad": {}, "table": {"labels": "l.csv"}}, r"has `table` and `h5ad`; keep the one that the file is"),
        ({"h5ad": {}, "rds": {}}, r"has `h5ad` and `rds`; keep the one that the file is"),
        (
            {"source": {"local_file": "a.rds"}, "rds": {"layers": "x"}},
            r"rds\.layers: unknown key \(did you mean 'layer'\?\)",
        ),
        ({"h5ad": {"counts": "layer/x"}}, r"h5ad\.counts: found 'layer/x': string should match"),
        (
            {"table": {}},
            (
                r"table\.labels: is missing; give `table\.labels` alone \(a member of the archive, or a path\), "
                r"or give `labels` alone \(a source\)"
            ),
        ),
        (
            {"table": {"labels": "l.csv", "rows": "gene"}},
            r"table\.rows: found 'gene': input should be 'genes' or 'cells'",
        ),
        (
            {"keep": {"column": "x", "values": [1]}},
            r"keep\.values\.0: found 1: a number or a date, where text is wanted; put it in quotes: '1'",
        ),
        (
            {"keep": {"column": "x", "values": "a"}},
            r"keep\.values: found 'a': one value, where a list is wanted; put it in brackets: \[a\]",
        ),
        ({"batch": 3}, r"batch\.column: found 3: a number or a date, where text is wanted; put it in quotes: '3'"),
        (
            {"batch": {"column": "x", "otherwise": False}},
            r"batch\.otherwise: found False: true or false .*; put the word in quotes",
        ),
        (
            {"source": {"local_file": "run{1}/a.h5ad"}},
            r"source\.local_file: found 'run\{1\}/a\.h5ad': .* has braces, which Snakemake takes for wildcards; rename",
        ),
        ({"table": {"labels": "run{1}/l.csv"}}, r"table\.labels: .* has braces"),
        ({"similar": [[]]}, r"similar\.0: found \[\]: list should have at least 1 item"),
        ({"similar": [["A", "B"], ["C", "A"]]}, r"similar: .*A stands there more than once"),
        (
            {"similar": ["A", "B"]},
            r"similar\.0: found 'A': one value, where a list is wanted; put it in brackets: \[A\]",
        ),
        ({"expect": {"cell": 3}}, r"expect\.cell: unknown key \(did you mean 'cells'\?\)"),
    ],
)
def test_errors_of_a_data_set(tmp_path, changes, message):
    assert refused(message, tmp_path, H5AD, **changes).startswith(str(tmp_path / "config/datasets/toy.yaml"))


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
                r"toy\.yaml: spaces: expression, expression-correlation, expression-euclidean, .*; genes\.method: "
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
