"""Every error of a data set's file names file, key, what was found and what to write."""

import pytest

from tests.unit.config_files import H5AD, elsewhere, refused  # noqa: F401

pytestmark = pytest.mark.usefixtures("elsewhere")


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
            r"genes\.method: found 'variable': input should be 'highly_variable', 'flagged', 'listed' or 'all'",
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
