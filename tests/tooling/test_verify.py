"""Locked numbers: what moved is printed and fails, what is written keeps tolerances and reasons, addresses exist."""

import re

import pandas as pd
import pytest
import yaml

from rankstudy.config import load_study
from rankstudy.report.docs import all_tables
from tests.unit.helpers import ROOT
from tools.verify import LOCKED, main, read

FILE = "results/toy/tables/effect_sizes.parquet"
HEAD = "# Two lines\n# of remarks.\n"
NUMBERS = [
    {"column": "auroc", "where": {"space": "rank", "cell_type": None}, "value": 0.91, "tolerance": 0.01, "why": "main"},
    {"column": "metric", "where": {"space": "rank", "cell_type": "a b"}, "value": "correlation", "why": "a word"},
    {"column": "max(n_within)", "where": {"space": "rank"}, "value": 7, "why": "of several rows"},
]


@pytest.fixture
def locked(tmp_path):
    """Return a file of locked numbers, of a run in the same folder."""
    rows = [{"cell_type": None, "auroc": 0.914, "n_within": 7}, {"cell_type": "a b", "auroc": 0.8, "n_within": 3}]
    (tmp_path / FILE).parent.mkdir(parents=True)
    pd.DataFrame(rows).assign(space="rank", metric="correlation").to_parquet(tmp_path / FILE)
    path = tmp_path / "locked.yaml"
    path.write_text(HEAD + yaml.safe_dump([{"file": FILE, **number} for number in NUMBERS], sort_keys=False))
    return path


def verify(locked, *options):
    return main([*options, str(locked.parent)], locked)


def change(locked, at, **keys):
    entries = yaml.safe_load(locked.read_text())
    entries[at] |= keys
    locked.write_text(HEAD + yaml.safe_dump(entries, sort_keys=False))


def test_what_lies_within_its_tolerance_has_not_moved(locked, capsys):
    assert verify(locked) == 0 and capsys.readouterr().out == "3 of 3 numbers are as locked\n"


@pytest.mark.parametrize(
    ("at", "keys", "row"),
    [
        (0, {"value": 0.903}, f"0.903 0.914 0.01 {FILE}: auroc where space=rank, cell_type is empty"),
        (0, {"tolerance": 0.003}, f"0.91 0.914 0.003 {FILE}: auroc where space=rank, cell_type is empty"),
        (1, {"value": "cosine"}, f'cosine correlation 0 {FILE}: metric where space=rank, cell_type="a b"'),
        (2, {"value": 6}, f"6 7 0 {FILE}: max(n_within) where space=rank"),
        (2, {"value": None}, f"none 7 0 {FILE}: max(n_within) where space=rank"),
    ],
)
def test_what_moved_is_printed_with_its_address_and_fails(locked, capsys, at, keys, row):
    change(locked, at, **keys)
    assert verify(locked) == 1
    said = capsys.readouterr().out.splitlines()
    assert [" ".join(line.split()) for line in said] == ["2 of 3 numbers are as locked", TITLES, row]


TITLES = "locked found tolerance address"


@pytest.mark.parametrize(
    "keys",
    [{"file": "results/toy/tables/none.parquet"}, {"column": "none"}, {"where": {"space": "none"}}, {"where": {}}],
    ids=["file", "column", "row", "rows"],
)
def test_what_is_missing_or_not_one_number_fails_and_is_not_written(locked, capsys, keys):
    change(locked, 0, **keys)
    assert verify(locked) == 1 and re.search(r"^ +0.91 +none +0.01 +results/", capsys.readouterr().out, re.MULTILINE)
    assert verify(locked, "--write") == 1
    assert read(locked)[0].value == 0.91


def test_new_values_are_written_and_tolerances_reasons_and_remarks_stay(locked):
    change(locked, 0, value=0.5)
    change(locked, 1, value=None)
    assert verify(locked) == 1 and verify(locked, "--write") == 0 and verify(locked) == 0
    assert [number.value for number in read(locked)] == [0.914, "correlation", 7]
    assert [(number.tolerance, number.why) for number in read(locked)] == [
        (0.01, "main"),
        (0, "a word"),
        (0, "of several rows"),
    ]
    assert locked.read_text().startswith(HEAD)
    before = locked.read_text()
    assert verify(locked, "--write") == 0 and locked.read_text() == before


def test_every_address_is_of_a_table_that_the_default_study_has():
    config = ROOT / "config" / "config.yaml"
    study = load_study(yaml.safe_load(config.read_text()), [str(config)], ROOT)
    tables = {table.name: set(table.names) for table in all_tables()}
    numbers = read(LOCKED)
    assert len({(number.file, number.column, str(number.where)) for number in numbers}) == len(numbers) > 50
    for number in numbers:
        _, dataset, _, table = number.file.removesuffix(".parquet").split("/")
        column = re.sub(r"\w+\((\w+)\)", r"\1", number.column)
        assert {*number.where, column} <= tables[table], number
        assert {number.where.get(key, "rank") for key in ("space", "reference")} <= set(study.datasets[dataset].spaces)
        assert number.where["seed"] == study.study.seeds[0] and number.why and number.tolerance >= 0
        assert number.value is not None, number
    assert {number.file.split("/")[1] for number in numbers} == set(study.datasets)


def test_the_declared_differences_are_those_of_the_declared_setting():
    declared = yaml.safe_load((ROOT / "config/config.yaml").read_text())["settings"]["declared"]
    of_curves = [number.where for number in read(LOCKED) if number.file.endswith("specifications.parquet")]
    assert of_curves and all({key: where[key] for key in declared if key != "reason"} == {
        key: value for key, value in declared.items() if key != "reason"
    } for where in of_curves)  # fmt: skip
