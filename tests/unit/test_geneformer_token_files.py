"""Files of tokens: cells by id, and what the tokens are."""

import numpy as np
import pandas as pd
import pytest

from rankstudy.core.errors import StudyError
from rankstudy.spaces.tokens.geneformer.frames import fitted, require_form
from rankstudy.spaces.tokens.geneformer.versions import CLS, EOS
from rankstudy.spaces.tokens.token_files import TokenWriter, read_tokens
from tests.unit.tiny_geneformer import random_tokens, tokenised, vocabulary, with_tokens

LENGTHS = [5, 0, 12, 1, 7]


@pytest.fixture(params=["V1", "V2"])
def identity(request, tmp_path):
    return vocabulary(tmp_path, request.param)[0].identity


@pytest.fixture
def v2(tmp_path):
    return vocabulary(tmp_path, "V2")[0].identity


def cells_of(identity, lengths=LENGTHS, **columns):
    """Return cells of which those of length 0 have no token at all."""
    cells = random_tokens(identity, lengths)
    return tokenised([cells.of(row) if n else [] for row, n in enumerate(lengths)], identity, **columns)


def write(path, *parts):
    with TokenWriter(path, parts[0].about) as writer:
        for part in parts:
            writer.write(part)
    return str(path)


def same(found, wanted):
    pd.testing.assert_frame_equal(found.cells, wanted.cells)
    assert found.tokens.tolist() == wanted.tokens.tolist() and found.offsets.tolist() == wanted.offsets.tolist()
    assert found.about == wanted.about and found.tokens.dtype == np.int32


def test_what_is_written_is_read(tmp_path, identity):
    wanted = cells_of(identity, slug=list("abacb"))
    same(read_tokens(write(tmp_path / "t.parquet", wanted)), wanted)


def test_shards_are_written_one_after_the_other(tmp_path, identity):
    wanted = cells_of(identity)
    parts = [wanted.take(np.array(rows, int)) for rows in ([0, 1], [], [2, 3, 4])]
    same(read_tokens(write(tmp_path / "t.parquet", *parts)), wanted)


@pytest.mark.parametrize(("slugs", "rows"), [(["a"], [0, 2]), (["b", "c"], [1, 3, 4]), (["z"], [])])
def test_cells_of_some_types_are_read(tmp_path, identity, slugs, rows):
    wanted = cells_of(identity, slug=list("abacb"))
    same(read_tokens(write(tmp_path / "t.parquet", wanted), slugs), wanted.take(np.array(rows, int)))


def test_cells_are_taken_in_any_order(identity):
    cells = cells_of(identity)
    turned = cells.take(np.array([3, 0, 2]))
    assert [turned.of(k).tolist() for k in range(3)] == [cells.of(k).tolist() for k in (3, 0, 2)]
    by_id = cells.by_id(["toy:c0003", "toy:c0000", "toy:c0002"], "cells")
    same(by_id, turned)
    with pytest.raises(StudyError, match="cells: 1 of 2 ids are missing, such as toy:c0009"):
        cells.by_id(["toy:c0001", "toy:c0009"], "cells")


def test_an_id_that_occurs_twice_is_refused(tmp_path, identity):
    cells = cells_of(identity, cell_id=["a", "b", "c", "d", "b"])
    with pytest.raises(StudyError, match="t.parquet: cells: 1 names occur more than once: b"):
        read_tokens(write(tmp_path / "t.parquet", cells))


def test_another_table_is_refused(tmp_path):
    pd.DataFrame({"cell_id": ["a"]}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(StudyError, match="t.parquet: is not a file of tokens"):
        read_tokens(tmp_path / "t.parquet")


@pytest.mark.parametrize("token", [-1, 1_000_000, None])
def test_tokens_beyond_the_vocabulary_are_refused(tmp_path, identity, token):
    cells = cells_of(identity)
    tokens = cells.tokens.copy()
    tokens[2] = identity["size"] if token is None else token
    wrong = write(tmp_path / "t.parquet", with_tokens(cells, tokens))
    with pytest.raises(StudyError, match=f"holds the token {tokens[2]}, its vocabulary .V.* has {identity['size']}"):
        read_tokens(wrong)


@pytest.mark.parametrize("which", ["first", "last", "both"])
def test_tokens_without_specials_are_refused_in_v2(tmp_path, v2, which):
    cells = cells_of(v2)
    cut = {"first": slice(1, None), "last": slice(None, -1), "both": slice(1, -1)}[which]
    bare = tokenised([cells.of(row)[cut] for row in range(5)], v2)
    with pytest.raises(
        StudyError, match="t.parquet: 4 cells do not begin with <cls> and end with <eos>, .* Geneformer V2 needs"
    ):
        require_form(read_tokens(write(tmp_path / "t.parquet", bare)), "t.parquet")


def test_one_cell_without_specials_among_many_is_seen(v2):
    cells = cells_of(v2)
    tokens = cells.tokens.copy()
    tokens[cells.offsets[3] - 1] = 17
    with pytest.raises(StudyError, match="x: 1 cells do not begin"):
        require_form(with_tokens(cells, tokens), "x")


def test_cells_are_cut_to_a_shorter_input_and_keep_the_end_token(identity):
    cells, frames = cells_of(identity), identity["version"] == "V2"
    cut = fitted(cells, 6)
    assert cut.lengths.tolist() == np.minimum(cells.lengths, 6).tolist()
    for row, whole in enumerate(LENGTHS):
        own, of_cut = cells.of(row), cut.of(row)
        if len(own) <= 6:
            assert of_cut.tolist() == own.tolist()
        elif frames:
            assert of_cut.tolist() == [CLS, *own[1:5], EOS]
        else:
            assert of_cut.tolist() == own[:6].tolist()
        assert whole == 0 or len(of_cut)
    require_form(cut, "cut")
    assert cells.lengths.max() > 6  # the cells themselves are left as they are


def test_a_writer_that_fails_leaves_no_file(tmp_path, identity):
    cells = cells_of(identity)
    with pytest.raises(RuntimeError), TokenWriter(tmp_path / "t.parquet", cells.about) as writer:
        writer.write(cells)
        raise RuntimeError
    assert not (tmp_path / "t.parquet").exists()
