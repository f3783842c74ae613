"""Gates: that the controls as they are pass, and that each gate fails when what it guards against happens."""

import numpy as np
import pandas as pd
import pytest

from rankstudy.core.errors import StudyError
from rankstudy.measures.compared import Compared
from rankstudy.measures.gates.chance import auroc_error, neighbour_error
from rankstudy.measures.gates.gates import GATES_OF_CONTROLS, STANDARD_ERRORS, batch_auroc, check_gates, found_at_gates
from rankstudy.measures.gates.tables import GATES
from rankstudy.measures.neighbours.neighbourhoods import neighbour_cells, neighbourhoods
from rankstudy.measures.neighbours.tables import NEIGHBOURHOODS
from rankstudy.measures.separation import effect_sizes
from rankstudy.measures.tables import EFFECT_SIZES
from rankstudy.pairs.engine import SpaceData, compare
from rankstudy.spaces.controls import one_hot, random_vectors, shuffled
from rankstudy.spaces.registry import SPACES
from tests.unit.helpers import analysed_cells, auroc_of, space, write_analysed

SIZES, K = (60, 80, 70, 50), (15, 50)
RANDOM, SHUFFLED, TYPES, BATCHES = (gate.name for gate in GATES_OF_CONTROLS)


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


def tables_of(vectors=VECTORS, cells=CELLS):
    """Return the tables `effect_sizes` and `neighbourhoods` of spaces with these vectors, by the engine."""
    spaces = [SpaceData(name, SPACES[name].metric, v, cells) for name, v in vectors.items()]
    result, table = compare(spaces, neighbours=max(K)), analysed_cells(cells)
    compared = Compared.of(result, table)
    shares = neighbourhoods(neighbour_cells(result, compared, K), compared)
    return tuple(frame.assign(dataset="toy", seed=0) for frame in (effect_sizes(result, table), shares))


def run(folder, tables, cells=CELLS):
    """Run the gates on tables in files and return the table `gates`."""
    paths = [str(folder / f"{table.name}.parquet") for table in (EFFECT_SIZES, NEIGHBOURHOODS)]
    for table, frame, path in zip((EFFECT_SIZES, NEIGHBOURHOODS), tables, paths, strict=True):
        table.write(frame[table.names], path)
    analysed = write_analysed(folder / "cells.parquet", analysed_cells(cells))
    check_gates(*paths, analysed, dataset="toy", output=folder / "gates.parquet", tsv=folder / "gates.tsv")
    return GATES.read(folder / "gates.parquet")


def test_controls_as_they_are_pass_every_gate(tmp_path):
    found = run(tmp_path, tables_of())
    assert found["gate"].unique().tolist() == [RANDOM, SHUFFLED, TYPES, BATCHES] and found["passed"].all()
    assert found.loc[found["gate"] == TYPES, "found"].tolist()[:2] == [1.0, 1.0]
    assert (tmp_path / "gates.tsv").exists()


def test_neighbours_are_judged_for_each_size_of_a_neighbourhood(tmp_path):
    found = run(tmp_path, tables_of()).set_index(["gate", "statistic"])["found"]
    for k in K:
        assert 0.2 < found[RANDOM, f"share of own type among {k} neighbours"] < 0.35
        assert 0.2 < found[SHUFFLED, f"share of another type and the same batch among {k} neighbours"] < 0.6
    assert found[TYPES, f"share of own type among {min(K)} neighbours"] == 1
    assert found[BATCHES, f"share of same batch among {min(K)} neighbours"] == pytest.approx(1)


def test_what_neighbours_must_score_lies_about_the_share_of_all_other_cells(tmp_path):
    found = run(tmp_path, tables_of()).set_index(["gate", "statistic"])
    same_type, same_batch = (np.equal.outer(CELLS[c].to_numpy(), CELLS[c].to_numpy()) for c in ("slug", "batch"))
    others = ~np.eye(len(CELLS), dtype=bool)
    for words, related in (("own type", same_type), ("another type and the same batch", ~same_type & same_batch)):
        for k in K:
            row = found.loc[(RANDOM, f"share of {words} among {k} neighbours")]
            partners = (related & others).sum(axis=1)
            assert (row["least"] + row["most"]) / 2 == pytest.approx(related[others].mean(), abs=1e-12)
            room = STANDARD_ERRORS * neighbour_error(partners, k)
            assert (row["most"] - row["least"]) / 2 == pytest.approx(room, abs=1e-8)


def test_a_type_or_batch_with_fewer_cells_than_neighbours_passes_with_what_it_has(tmp_path):
    small = CELLS.assign(batch=[f"b{i // 9}" for i in range(len(CELLS))])
    vectors = {"one-hot-batch": one_hot(small[["batch"]], seed=3)}
    found = run(tmp_path, tables_of(vectors, small), small).set_index("statistic")["found"]
    assert found[f"share of same batch among {max(K)} neighbours"] == pytest.approx(8 / max(K), abs=0.01)


@pytest.mark.parametrize("sizes", [(2, 2), (3, 3), (8, 8), (9, 8)])
def test_sizes_of_neighbourhoods_above_the_number_of_cells_are_judged_once(tmp_path, sizes):
    labels = [slug for slug, size in zip("ab", sizes, strict=True) for _ in range(size)]
    few = space(np.zeros((len(labels), 1)), (), labels=labels).cells
    few = few.assign(batch=[f"b{i % 2}" for i in range(len(few))])
    vectors = {
        "random": random_vectors(few[["cell_id"]], seed=0),
        "one-hot": one_hot(few[["cell_type"]], seed=0),
        "one-hot-batch": one_hot(few[["batch"]], seed=0),
    }
    found = run(tmp_path, tables_of(vectors, few), few).set_index(["gate", "statistic"])["found"]
    possible = len(few) - 1
    of_types = {s for gate, s in found.index if gate == TYPES and s.startswith("share")}
    assert of_types == {f"share of own type among {min(k, possible)} neighbours" for k in K}
    share = np.mean([(labels.count(label) - 1) / possible for label in labels])
    assert found[TYPES, f"share of own type among {possible} neighbours"] == pytest.approx(share)


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
    with pytest.raises(StudyError, match=r"data set toy: \d+ of 17 gates failed") as failure:
        run(tmp_path, tables_of(vectors))
    message = str(failure.value)
    assert f"{gate}: seed 0, space " in message and f"look here: {gate}: " in message and advice in message
    assert not any(other in message for other in {RANDOM, SHUFFLED, TYPES, BATCHES} - {gate})
    assert not (tmp_path / "gates.parquet").exists()


def test_a_type_that_is_not_perfect_is_found_though_the_others_are(tmp_path):
    effects, neighbours = tables_of()
    here = (effects["space"] == "one-hot") & (effects["cell_type"] == "B")
    with pytest.raises(StudyError, match="least AUROC of a cell type is 0.999, must be from 1 to 1"):
        run(tmp_path, (effects.assign(auroc=effects["auroc"].mask(here, 0.999)), neighbours))


@pytest.mark.parametrize(
    ("gate", "relation", "batches", "statistic"),
    [
        (RANDOM, "own", "other", "share of own type among 15 neighbours"),
        (SHUFFLED, "other", "same", "share of another type and the same batch among 15 neighbours"),
        (TYPES, "own", "same", "share of own type among 15 neighbours"),
        (BATCHES, "own", "same", "share of same batch among 15 neighbours"),
    ],
)
def test_neighbours_alone_can_fail_a_gate(tmp_path, gate, relation, batches, statistic):
    effects, neighbours = tables_of()
    of = {g.name: g.space for g in GATES_OF_CONTROLS}[gate]
    here = (neighbours["space"] == of) & (neighbours["relation"] == relation) & (neighbours["batches"] == batches)
    moved = neighbours.assign(share=neighbours["share"] + 0.3 * (here & (neighbours["k"] == 15)))
    with pytest.raises(StudyError, match="1 of 17 gates failed") as failure:
        run(tmp_path, (effects, moved))
    assert f"{gate}: seed 0, space {of}: {statistic} is " in str(failure.value)


def test_a_leak_that_is_too_small_to_matter_passes(tmp_path):
    assert run(tmp_path, tables_of(leaking(0.05)))["passed"].all()


def test_without_controls_nothing_is_checked_and_the_table_says_so(tmp_path, caplog):
    effects, neighbours = tables_of({"random": VECTORS["random"]})
    assert (
        run(tmp_path, (effects.assign(space="rank"), neighbours.assign(space="rank"))).empty
        and "no control is compared" in caplog.text
    )


def test_every_replicate_is_judged_by_its_own_compared_cells():
    cells = pd.concat([analysed_cells(CELLS), analysed_cells(CELLS).assign(seed=1)])
    cells = cells.assign(used=(cells["seed"] == 0) | cells["slug"].isin(["a", "b"]))
    tables = (pd.concat([table, table.assign(seed=1)]) for table in tables_of())
    found = found_at_gates(*tables, cells)
    most = found[(found["gate"] == RANDOM) & (found["statistic"] == "AUROC")].set_index("seed")["most"]
    error = auroc_error(np.repeat(np.array(SIZES) - 1, SIZES))
    assert most[0] == 0.5 + STANDARD_ERRORS * error and most[1] > most[0]


def test_the_auroc_of_batches_is_that_of_all_pairs():
    i, j = np.triu_indices(len(CELLS), 1)
    batch, slug = CELLS["batch"].to_numpy(), CELLS["slug"].to_numpy()
    likeness = np.equal.outer(batch, batch).astype(float)
    assert batch_auroc(CELLS) == pytest.approx(auroc_of(likeness, slug), abs=1e-12) and batch_auroc(CELLS) > 0.5
    assert batch_auroc(CELLS.assign(batch="one")) == 0.5


def test_every_control_has_a_gate():
    assert {gate.space for gate in GATES_OF_CONTROLS} == {n for n, s in SPACES.items() if s.role == "control"}
