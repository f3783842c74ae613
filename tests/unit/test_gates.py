"""Gates: how near to chance is near enough, and that each one fails when what it guards against happens."""

import dataclasses
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from rankstudy.controls import one_hot, random_vectors, shuffled
from rankstudy.errors import StudyError
from rankstudy.evaluation import EFFECT_SIZES, effect_sizes
from rankstudy.gates import (
    GATES,
    GATES_OF_CONTROLS,
    STANDARD_ERRORS,
    batch_auroc,
    chance_error,
    check_gates,
    found_at_gates,
)
from rankstudy.pairs import compare
from rankstudy.registry import SPACES
from tests.unit.helpers import analysed_cells, space, write_analysed

SIZES = (60, 80, 70, 50)
RANDOM, SHUFFLED, TYPES, BATCHES = (gate.name for gate in GATES_OF_CONTROLS)


def auroc_of(values, types):
    """Return the AUROC of a symmetric matrix of likeness, from ranks of all its pairs."""
    i, j = np.triu_indices(len(types), 1)
    ranks, within = rankdata(values[i, j]), types[i] == types[j]
    w = within.sum()
    return (ranks[within].sum() - w * (w + 1) / 2) / (w * (len(ranks) - w))


def of_hubs(random, n):
    """Return a likeness that cells have with all others alike: the case that leaves most to chance."""
    hub = random.normal(size=n)
    return hub[:, None] + hub[None, :]


def of_vectors(random, n):
    return random.normal(size=(n, 8)) @ random.normal(size=(n, 8)).T


# -- how near is near enough -------------------------------------------------------------------------------------------


@given(st.sampled_from([(3, 3), (2, 4), (2, 2, 2), (2, 3)]), st.integers(0, 2**32 - 1), st.integers(2, 30))
def test_no_likeness_varies_more_over_all_permutations_of_its_labels(sizes, seed, levels):
    random = np.random.default_rng(seed)
    types = np.repeat(np.arange(len(sizes)), sizes)
    values = random.integers(levels, size=(len(types), len(types))).astype(float)  # few levels: many ties
    values = values + values.T
    found = np.array([auroc_of(values, types[list(order)]) for order in permutations(range(len(types)))])
    assert found.mean() == pytest.approx(0.5, abs=1e-12)
    assert found.std() <= chance_error(sizes) * (1 + 1e-9)


@pytest.mark.parametrize(("sizes", "likeness"), [((100, 30, 15), of_hubs), ((40, 40, 40), of_vectors)])
def test_the_bound_is_no_larger_than_it_must_be(sizes, likeness):
    random = np.random.default_rng(0)
    types, values = np.repeat(np.arange(len(sizes)), sizes), likeness(random, sum(sizes))
    found = [auroc_of(values, random.permutation(types)) for _ in range(300)]
    assert 0.7 * chance_error(sizes) < np.std(found) < 1.1 * chance_error(sizes)


@pytest.mark.parametrize("likeness", [of_hubs, of_vectors])
@pytest.mark.parametrize("sizes", [(100, 30, 15), (40, 40, 40), (90, 3, 2), (2, 2)])
def test_labels_without_meaning_pass_every_time(sizes, likeness):
    random = np.random.default_rng(1)
    types, room = np.repeat(np.arange(len(sizes)), sizes), STANDARD_ERRORS * chance_error(sizes)
    for _ in range(200):
        assert abs(auroc_of(likeness(random, sum(sizes)), random.permutation(types)) - 0.5) <= room


def test_more_cells_leave_less_room():
    assert chance_error([500] * 89) < chance_error([100] * 14) < chance_error([20] * 14) < 0.01


# -- the gates ---------------------------------------------------------------------------------------------------------


def cells_of(batches=2):
    cells = space(np.zeros((sum(SIZES), 1)), SIZES).cells
    draws = np.random.default_rng(5).integers(batches, size=len(cells))
    # batches that are not independent of the types
    return cells.assign(batch=[f"b{d if s != 'a' else 0}" for d, s in zip(draws, cells["slug"], strict=True)])


CELLS = cells_of()
RANKS = np.random.default_rng(6).normal(size=(len(CELLS), 12)) + 3 * np.eye(12)[pd.factorize(CELLS["slug"])[0]]
VECTORS = {
    "random": random_vectors(CELLS[["cell_id"]], seed=3),
    "shuffled": shuffled(RANKS.astype(np.float32), seed=3),
    "one-hot": one_hot(CELLS[["cell_type"]], seed=3),
    "one-hot-batch": one_hot(CELLS[["batch"]], seed=3),
}


def effects_of(vectors=VECTORS, cells=CELLS):
    """Return the table `effect_sizes` of spaces with these vectors, by the engine."""
    spaces = [
        dataclasses.replace(space(v, SIZES, SPACES[name].metric, name), cells=cells) for name, v in vectors.items()
    ]
    return effect_sizes(compare(spaces), analysed_cells(cells)).assign(dataset="toy", seed=0)


def run(folder, effects, cells=CELLS):
    """Run the gates on tables in files and return the table `gates`."""
    EFFECT_SIZES.write(effects[EFFECT_SIZES.names], folder / "effects.parquet")
    table, paths = analysed_cells(cells), {"output": folder / "gates.parquet", "tsv": folder / "gates.tsv"}
    check_gates(
        str(folder / "effects.parquet"), write_analysed(folder / "cells.parquet", table), dataset="toy", **paths
    )
    return GATES.read(paths["output"])


def test_controls_as_they_are_pass_every_gate(tmp_path):
    found = run(tmp_path, effects_of())
    assert found["gate"].unique().tolist() == [RANDOM, SHUFFLED, TYPES, BATCHES] and found["passed"].all()
    assert found.loc[found["gate"] == TYPES, "found"].tolist() == [1.0, 1.0]
    assert (tmp_path / "gates.tsv").exists()


def leaking(strength):
    centres = np.eye(50, dtype=np.float32)[pd.factorize(CELLS["slug"])[0]]
    return {**VECTORS, "random": VECTORS["random"] + strength * centres}


def exchanged(name, a, b):
    """Give two cells each other's vector, as joining by position would."""
    order = np.arange(len(CELLS))
    order[[a, b]] = b, a
    return {**VECTORS, name: VECTORS[name][order]}


OTHER_BATCH = int(np.flatnonzero(CELLS["batch"] == "b1")[0])


@pytest.mark.parametrize(
    ("gate", "vectors", "advice"),
    [
        (RANDOM, leaking(1.5), "a label has found its way into vectors"),
        (SHUFFLED, {**VECTORS, "shuffled": RANKS.astype(np.float32)}, "the vectors were not permuted"),
        (TYPES, exchanged("one-hot", 0, len(CELLS) - 1), "no longer of the same cells"),
        (BATCHES, exchanged("one-hot-batch", 0, OTHER_BATCH), "no longer of the same cells"),
    ],
    ids=["a leak of types", "no shuffling", "two cells exchanged", "two batches exchanged"],
)
def test_each_gate_fails_when_it_should_and_says_where_to_look(tmp_path, gate, vectors, advice):
    with pytest.raises(StudyError, match=r"data set toy: \d of 5 gates failed") as failure:
        run(tmp_path, effects_of(vectors))
    message = str(failure.value)
    assert f"{gate}: seed 0, space " in message and f"look here: {gate}: " in message and advice in message
    assert not any(other in message for other in {RANDOM, SHUFFLED, TYPES, BATCHES} - {gate})
    assert not (tmp_path / "gates.parquet").exists()


def test_a_type_that_is_not_perfect_is_found_though_the_others_are(tmp_path):
    effects = effects_of()
    here = (effects["space"] == "one-hot") & (effects["cell_type"] == "B")
    with pytest.raises(StudyError, match="least AUROC of a cell type is 0.999, must be from 1 to 1"):
        run(tmp_path, effects.assign(auroc=effects["auroc"].mask(here, 0.999)))


def test_a_leak_that_is_too_small_to_matter_passes(tmp_path):
    assert run(tmp_path, effects_of(leaking(0.05)))["passed"].all()


def test_without_controls_nothing_is_checked_and_the_table_says_so(tmp_path, caplog):
    effects = effects_of().assign(space="rank").drop_duplicates(["space", "cell_type"])
    assert run(tmp_path, effects).empty and "no control is compared" in caplog.text


def test_every_replicate_is_judged_by_its_own_compared_cells():
    cells = pd.concat([analysed_cells(CELLS), analysed_cells(CELLS).assign(seed=1)])
    cells = cells.assign(used=(cells["seed"] == 0) | cells["slug"].isin(["a", "b"]))
    effects = effects_of()
    found = found_at_gates(pd.concat([effects, effects.assign(seed=1)]), cells)
    most = found[found["gate"] == RANDOM].set_index("seed")["most"]
    assert most[0] == 0.5 + STANDARD_ERRORS * chance_error(SIZES) and most[1] > most[0]


def test_the_auroc_of_batches_is_that_of_all_pairs():
    i, j = np.triu_indices(len(CELLS), 1)
    batch, slug = CELLS["batch"].to_numpy(), CELLS["slug"].to_numpy()
    likeness = np.equal.outer(batch, batch).astype(float)
    assert batch_auroc(CELLS) == pytest.approx(auroc_of(likeness, slug), abs=1e-12) and batch_auroc(CELLS) > 0.5
    assert batch_auroc(CELLS.assign(batch="one")) == 0.5


def test_every_control_has_a_gate():
    assert {gate.space for gate in GATES_OF_CONTROLS} == {n for n, s in SPACES.items() if s.role == "control"}
