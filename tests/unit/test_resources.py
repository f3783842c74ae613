"""What jobs ask for: each rule says it in one place, and it grows with the input and with each attempt."""

import json
import re

import pytest

from rankstudy.run.resources import (
    READERS,
    REQUESTS,
    Memory,
    Minutes,
    block_units,
    curve_units,
    gigabytes,
    model_units,
    reading,
)
from tests.unit.helpers import ROOT

RULES = {
    name: body
    for file in sorted((ROOT / "workflow/rules").glob("*.smk"))
    for name, body in re.findall(
        r"^(?:rule|checkpoint) (\w+):\n(.*?)(?=^\S|\Z)", file.read_text(), re.MULTILINE | re.DOTALL
    )
}


def test_each_rule_asks_for_what_the_table_has():
    assert set(REQUESTS) == set(RULES) - set(READERS)
    own = {"train_model": "training", "embed_shards": "embedding", "compare_block": "block", "specify_pairs": "curves"}
    own |= {"walk_lattice": "lattice", "find_causes": "causes", "change_genes": "causes", "tell_states": "states"}
    own |= {"read_lists": "lists", "embed_genes": "gene_texts"}
    own |= {rule: "download(" for rule in RULES if rule.startswith("download_")} | dict.fromkeys(READERS, "reading")
    of_its_own = {"embed_shards": "memory_of_embedding"}
    of_its_own |= {name: f'memory_of_text_model("{name}")' for name in ("read_lists", "embed_genes")}
    for name, body in RULES.items():
        asked = re.search(r"^ {8}mem_mb=(.*),$", body, re.MULTILINE)[1]
        assert asked == ("memory_of_reading" if name in READERS else of_its_own.get(name, f'memory("{name}")')), name
        stated = re.search(r"^ {8}runtime=(.*)$", body, re.MULTILINE)[1]
        assert stated.startswith(f"runtime_of_{own[name]}" if name in own else f'runtime("{name}")'), name


def test_a_file_of_ten_gigabytes_is_read_in_time():
    """As `benchmarks/readers.json` has it for RDS, and the default study's files for text."""
    measured = json.loads((ROOT / "benchmarks/readers.json").read_text())
    seconds = 10e9 / measured["rds_bytes"] * (measured["rds_open_seconds"] + measured["rds_read_seconds"])
    assert 3 * 2 * seconds / 60 < reading("rds").minutes.at(10) <= 60, "every value is checked as well"
    assert reading("mtx").minutes == reading("table").minutes
    assert reading("table").minutes.at(1) > 3 * reading("h5ad").minutes.at(1)
    assert reading("table").memory.mb(1000) > reading("mtx").memory.mb(1000) == reading("h5ad").memory.mb(1000)


def test_more_attempts_and_larger_inputs_ask_for_more():
    assert Memory(500, 2).mb(100) == 1000 and Memory(500, 2).mb(100, attempt=2) == 2000  # with Snakemake's own 300
    assert Minutes(5, 2).at(0) == 5 and Minutes(5, 2).at(1.1) == 8 and Minutes(5, 2).at(1.1, attempt=3) == 22
    assert gigabytes(2_000_000_000) == 2 and gigabytes(None) > 10


def test_a_block_goes_by_its_share_of_the_pairs_and_a_model_by_its_device():
    assert block_units(2000, 10_000, 5000, 4000, threads=2) == pytest.approx(2 * 0.5 * 4 / 2)
    assert curve_units(2000, 10, threads=2) == 10  # 2 million pairs
    assert model_units(40, threads=4) == 10 and model_units(40, threads=4, device="cuda") == 2
