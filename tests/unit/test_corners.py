"""Corners of the lattice: which there are, and that they are the encodings that they are said to be."""

from dataclasses import asdict, replace
from itertools import permutations, product

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from rankstudy.measures.lattice.corner import Corner, Cube, neighbours
from rankstudy.measures.lattice.tables import STEPS
from rankstudy.measures.lattice.vectors import Read, ReadGenes, medians_by
from rankstudy.spaces.catalogue import BUILT_IN
from rankstudy.spaces.encodings.genes import FileGenes
from rankstudy.spaces.encodings.stored import with_values
from rankstudy.spaces.steps import Steps
from tests.unit.encoded_cells import SPACES, cells, encode
from tests.unit.helpers import write_genes
from tests.unit.test_encoders import many_cells, some_cells

CORNERS = {
    name: Corner.of(space.vocabulary, asdict(space.steps)) for name, space in BUILT_IN.spaces.items() if space.is_corner
}
PUBLISHED = sorted(set(CORNERS) & set(SPACES))
START = CORNERS["expression"]
ENDS = sorted(set(CORNERS) - {"expression"})
# what a step can be at, but for how many
LEVELS = {
    "total": ["none", "all genes", "its genes"],
    "vocabulary": ["file", "panel", "v"],
    "scaling": ["none", "v"],
    "logarithm": ["none", "ln", "log2"],
    "kept": ["value", "30 bins", "9 levels", "order", "presence"],
    "first": [None, 40],
    "ties": ["shared", "columns", "chance"],
    "form": ["rank", "logarithm"],
}
ANY_CORNER = st.builds(Corner, **{step: st.sampled_from(levels) for step, levels in LEVELS.items()})


def vectors(of, corner, draw=0):
    return with_values(of.counts, ReadGenes(of, lambda _: of.medians).values(corner, draw=draw)).toarray()


def test_every_published_encoding_but_values_that_are_cut_declares_its_steps():
    assert set(SPACES) - set(PUBLISHED) == {"genecompass-values", "genecompass-values-cp10k"}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_corner_is_the_encoding_that_it_is_said_to_be_cell_by_cell(name):
    for of in (many_cells(), many_cells(seed=1, n_genes=300)):
        ours, theirs = vectors(of, CORNERS[name]), encode(name, of)
        # logarithms are rounded once or twice
        np.testing.assert_allclose(ours, theirs, rtol=1e-6 if CORNERS[name].kind == "value" else 0)


@pytest.mark.parametrize("name", PUBLISHED)
@settings(max_examples=20)
@given(of=some_cells())
def test_also_where_many_values_are_equal(name, of):
    np.testing.assert_allclose(vectors(of, CORNERS[name]), encode(name, of), rtol=1e-6)


@given(ANY_CORNER, some_cells())
def test_levels_that_are_left_out_make_no_difference(corner, of):
    # all genes of these cells are read: vocabularies and panels, and what totals are over, are the same
    of = cells(of.counts.toarray(), medians=of.medians, totals=np.maximum(of.counts.sum(axis=1).A1, 1), seed=of.seed)
    assert corner.plain.plain == corner.plain
    np.testing.assert_allclose(vectors(of, corner), vectors(of, corner.plain), rtol=1e-6)


def test_corners_that_differ_have_other_vectors():
    of = many_cells(n_genes=400)
    # values are equal also over medians, and reach all levels
    of = replace(of, medians=np.ceil(of.medians), totals=of.totals * 50)
    levels = LEVELS | {"vocabulary": ["file"]}
    plain = {Corner(**dict(zip(levels, each, strict=True))).plain for each in product(*levels.values())}
    assert len({vectors(of, corner).tobytes() for corner in plain}) == len(plain)


@pytest.mark.parametrize("name", ENDS)
def test_a_cube_leads_from_the_start_to_the_end(name):
    cube = Cube.between(START, CORNERS[name])
    assert cube.corner([]) == START
    assert cube.corner(cube.steps) == CORNERS[name]
    assert {"kept", "first"} <= set(cube.steps) or "first" not in cube.steps
    for first, then in cube.precedence:
        without = [step for step in cube.steps if step != first]
        # before the one, the other makes no difference
        assert cube.corner([then]) == START, (first, then)
        assert cube.corner(without) == cube.corner([step for step in without if step != then])


def test_a_logarithm_is_no_step_to_an_order():
    assert Cube.between(START, CORNERS["geneformer-v1-order"]).steps == [
        "vocabulary", "scaling", "kept", "first", "ties",
    ]  # fmt: skip
    assert Cube.between(START, CORNERS["scbert-levels"]).steps == ["total", "vocabulary", "logarithm", "kept"]
    assert Cube.between(START, CORNERS["scgpt-bins"]).steps == ["vocabulary", "kept", "ties"]


def test_neighbours_differ_by_one_step():
    corners = [START, START.with_level("kept", "order"), CORNERS["genept-order"], CORNERS["tgpt-order"]]
    corners.append(CORNERS["tgpt-order"].with_level("ties", "shared"))
    found = {(step, corners.index(before), corners.index(after)) for step, before, after in neighbours(corners)}
    assert found == {("kept", 0, 1), ("first", 2, 3), ("first", 3, 2), ("ties", 4, 3)}
    assert not [pair for pair in permutations(corners, 2) if pair[0].name == pair[1].name]


def test_a_step_to_what_there_is_no_word_for_is_refused():
    with pytest.raises(ValueError, match="ties is 'vocabulary'"):
        Steps(kept="order", ties="vocabulary")


class Scaling(FileGenes):
    """A vocabulary of some genes."""

    known = {"a": 2.0, "b": 8.0, "z": 3.0}

    def read(self, known):
        """Return the genes of the vocabulary."""
        return list(self.known)

    def medians(self, genes):
        """Return their medians."""
        return np.array(list(self.known.values()))

    def known_as(self, names, what):
        """Return those that there are."""
        return [name if name in self.known else None for name in names]


@pytest.fixture
def file_genes(tmp_path):
    return {"genes": write_genes(tmp_path / "genes.parquet", ["c", "a", "b"], [True] * 3)}


def test_genes_that_a_vocabulary_does_not_know_have_the_median_of_all_its_medians(file_genes):
    assert medians_by(Scaling(file_genes, 0), ["c", "b", "a"]).tolist() == [3, 8, 2]


def test_vectors_over_a_panel_are_those_of_its_genes_and_nothing_is_ranked_again(file_genes):
    counts = ad.AnnData(
        sp.csr_matrix(np.array([[4.0, 9, 1], [0, 2, 5]])),
        obs=pd.DataFrame({"n_counts": [14.0, 7.0]}, index=["x", "y"]),
        var=pd.DataFrame(index=["c", "a", "b"]),
    )
    genes = {"file": FileGenes(file_genes, 0), "v": Scaling(file_genes, 0)}
    read = Read(counts, genes, {"p": ["b", "c"], "all": ["c", "a", "b"]})

    def dense(**steps):
        return {panel: of.toarray().tolist() for panel, of in read.vectors(Corner(**steps)).items()}

    assert dense() == {"p": [[1, 4], [5, 0]], "all": [[4, 9, 1], [0, 2, 5]]}
    # of three genes, the places are 2, 1, 3 and -, 2, 1
    assert dense(kept="order") == {"p": [[0.5, 1.5], [2, 0]], "all": [[1.5, 2.5, 0.5], [0, 1, 2]]}
    assert dense(kept="order", vocabulary="panel")["p"] == [[0.5, 1.5], [1, 0]]
    # the vocabulary does not know c
    assert dense(vocabulary="v") == {"p": [[1, 0], [5, 0]], "all": [[0, 9, 1], [0, 2, 5]]}
    np.testing.assert_allclose(dense(scaling="v")["all"], [[4 / 3, 4.5, 0.125], [0, 1, 0.625]], rtol=1e-6)
    of_own_total = dense(total="its genes", vocabulary="v")["all"]
    np.testing.assert_allclose(of_own_total, [[0, 9000, 1000], [0, 2 / 7 * 1e4, 5 / 7 * 1e4]], rtol=1e-6)
    assert set(STEPS) == set(Corner._fields)
