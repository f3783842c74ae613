"""Names of files, groups of shards, blocks of pairs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rankstudy.core.cell_types import LONGEST_SLUG, TypeCount, qualifying, read_type_counts, selected_sizes, slugs
from rankstudy.core.errors import StudyError
from rankstudy.pairs.blocks import block_indices, pack

LABELS = st.lists(st.text(max_size=12), unique=True, max_size=12)
TYPES = [TypeCount("T cell", "t-cell", 30), TypeCount("B cell", "b-cell", 12), TypeCount("NK", "nk", 3)]


@given(LABELS)
def test_each_label_has_a_name_of_its_own_that_is_safe_in_a_path(labels):
    names = slugs(labels)
    assert list(names) == labels and len(set(names.values())) == len(labels)
    for name in names.values():
        assert name and name.isascii() and not set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert name.strip("-") == name


@given(LABELS)
def test_the_order_of_the_labels_does_not_matter(labels):
    assert slugs(labels[::-1]) == slugs(labels)


def test_plain_labels_read_well_and_those_that_collide_get_a_hash():
    names = slugs(["Alpha", "T cell", "t-cell", "β", "CD4+/CD45RO+ Memory"])
    assert names["Alpha"] == "alpha" and names["CD4+/CD45RO+ Memory"] == "cd4-cd45ro-memory"
    assert names["T cell"].startswith("t-cell-") and names["t-cell"].startswith("t-cell-") and len(names["β"]) == 8
    assert slugs(["T cell", "t-cell", "other"])["T cell"] == names["T cell"]


def test_a_long_label_has_a_name_that_file_systems_take():
    labels = ["T cell " * 60, "T cell " * 60 + "B", "x" * LONGEST_SLUG, "y" * (LONGEST_SLUG + 1)]
    names = slugs(labels)
    assert len(set(names.values())) == 4 and max(map(len, names.values())) == LONGEST_SLUG
    assert names[labels[2]] == labels[2] and re.fullmatch("y{91}-[0-9a-f]{8}", names[labels[3]])
    assert slugs(labels[:1]) == {labels[0]: names[labels[0]]}


@given(st.dictionaries(st.text(min_size=1, max_size=4), st.integers(0, 50), max_size=15), st.integers(1, 60))
def test_groups_keep_the_order_and_the_capacity(sizes, capacity):
    groups = pack(sizes, capacity)
    assert [name for group in groups for name in group] == list(sizes)
    for group in groups:
        assert len(group) == 1 or sum(sizes[name] for name in group) <= capacity
    for group, following in zip(groups, groups[1:], strict=False):
        assert sum(sizes[name] for name in group) + sizes[following[0]] > capacity


@given(st.integers(0, 12))
def test_blocks_cover_each_pair_of_groups_once(n_groups):
    blocks = block_indices(n_groups)
    assert len(blocks) == len(set(blocks)) == n_groups * (n_groups + 1) // 2
    assert {frozenset(block) for block in blocks} == {
        frozenset((i, j)) for i in range(n_groups) for j in range(n_groups)
    }


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(1, 20))
def test_blocks_of_groups_cover_each_pair_of_types_once(sizes, capacity):
    named = {f"t{i}": size for i, size in enumerate(sizes)}
    groups = pack(named, capacity)
    covered = [
        frozenset((a, b))
        for i, j in block_indices(len(groups))
        for a in groups[i]
        for b in groups[j]
        if i != j or a <= b
    ]
    assert len(covered) == len(set(covered)) == len(sizes) * (len(sizes) + 1) // 2


def test_types_that_qualify_are_sorted_by_the_name_of_their_files():
    assert [t.slug for t in qualifying(TYPES, 5, None)] == ["b-cell", "t-cell"]
    assert [t.slug for t in qualifying(TYPES, 3, ["T cell", "NK"])] == ["nk", "t-cell"]
    assert qualifying(TYPES, 31, None) == []


@pytest.mark.parametrize(
    ("only", "message"),
    [
        (
            ["B cell", "Tcell"],
            r"no cell type 'Tcell' \(did you mean 'T cell'\?\); name types of the data set: B cell, NK, T cell",
        ),
        (["B cell", "quite other"], r"no cell type 'quite other'; name types of the data set:"),
        (["B cell", "NK"], "'NK' has 3 usable cells, fewer than selection.min_cells = 5; lower `selection.min_cells`"),
    ],
)
def test_a_type_that_is_asked_for_must_be_there_and_large_enough(only, message):
    with pytest.raises(StudyError, match=message):
        qualifying(TYPES, 5, only)


def test_sizes_that_will_be_drawn():
    assert selected_sizes(TYPES, 12) == {"t-cell": 12, "b-cell": 12, "nk": 3}
    assert selected_sizes(TYPES, None) == {"t-cell": 30, "b-cell": 12, "nk": 3}


def test_the_summary_of_types_is_read_back_with_odd_labels(tmp_path):
    path = tmp_path / "cell_types.tsv"
    path.write_text('dataset\tcell_type\tslug\tn_cells\ntoy\t"a ""b"" c"\ta-b-c\t7\ntoy\tNA\tna\t2\n')
    assert read_type_counts(path) == [TypeCount('a "b" c', "a-b-c", 7), TypeCount("NA", "na", 2)]
