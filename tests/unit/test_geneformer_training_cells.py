"""Cells to train on: not those that are compared, as long as there are others; sampled evenly, with a seed."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.cells.tables import CELLS, GENES, SELECTION
from rankstudy.cells.treatments.treated import treated
from rankstudy.core.errors import StudyError
from rankstudy.spaces.models.geneformer.tables import TRAINING, TRAINING_CELLS, VALIDATION
from rankstudy.spaces.models.geneformer.training_cells import sample_training_cells, tokenise_training_cells
from rankstudy.spaces.models.registry import GENEFORMER_TOKENS
from rankstudy.spaces.tokens.genes import map_genes
from rankstudy.spaces.tokens.token_files import read_tokens
from rankstudy.spaces.tokens.vocabulary import read_vocabulary
from tests.unit.helpers import put_together, run_index, run_scan, toy_counts, write_h5ad
from tests.unit.tiny_geneformer import convert, gene_id, tokenised_counts


def write_cells(folder, dataset, n, *, selected=(), seeds=(0,), empty=0):
    """Write `cells` of a data set and one `selection` per seed; `selected` are numbers of cells, by seed."""
    names = [f"c{i:03d}" for i in range(n)]
    cells = pd.DataFrame({"dataset": dataset, "cell_id": [f"{dataset}:{c}" for c in names], "cell_name": names})
    cells = cells.assign(
        cell_type="A", slug="a", batch="all", donor=None, left_out=None, n_genes=5, part="0", row=np.arange(n)
    )
    cells["cell_type"] = cells["cell_type"].where(cells["row"] % 7 != 0)  # cells without a label can be trained on
    cells["n_counts"] = np.where(np.arange(n) < n - empty, 100.0, 0.0)
    paths = [str(folder / f"{dataset}.parquet")]
    CELLS.write(cells[CELLS.names], paths[0])
    chosen = cells.assign(seed=0, cell_type="A")
    for seed in seeds:
        of_seed = chosen.iloc[list(selected if len(seeds) == 1 else selected[seed])].assign(seed=seed)
        paths.append(str(folder / f"{dataset}-{seed}.parquet"))
        SELECTION.write(of_seed[SELECTION.names], paths[-1])
    return paths


def sample(folder, paths, name="sampled", **changes):
    settings = {"number": 40, "validation": 10, "least": 20, "seed": 0, **changes}
    cells = [p for p in paths if "-" not in p.rsplit("/")[-1]]
    output = folder / f"{name}.parquet"
    sample_training_cells(cells, [p for p in paths if p not in cells], **settings, output=str(output))
    return TRAINING_CELLS.read(output)


def test_no_cell_that_a_replicate_selected_is_trained_on_while_enough_are_left(tmp_path):
    selected = {0: range(20), 1: range(10, 40)}
    paths = write_cells(tmp_path, "one", 100, selected=selected, seeds=(0, 1))
    for seed in range(5):
        found = sample(tmp_path, paths, seed=seed)
        assert len(found) == 50 and not found["evaluated"].any() and found["row"].min() >= 40
    assert found["role"].value_counts().to_dict() == {TRAINING: 40, VALIDATION: 10}


def test_exactly_enough_cells_are_enough(tmp_path):
    paths = write_cells(tmp_path, "one", 60, selected=range(40))
    found = sample(tmp_path, paths, least=20)
    assert not found["evaluated"].any() and len(found) == 20
    assert found["role"].value_counts().to_dict() == {TRAINING: 16, VALIDATION: 4}


def test_where_too_few_are_left_selected_cells_are_trained_on_and_marked(tmp_path, caplog):
    paths = write_cells(tmp_path, "one", 60, selected=range(41))
    found = sample(tmp_path, paths, least=20)
    assert found["evaluated"].any() and (found["evaluated"] == (found["row"] < 41)).all()
    assert "19 cells are in no replicate, fewer than 20: cells that are compared are trained on too" in caplog.text


def test_fewer_cells_than_needed_are_refused(tmp_path):
    paths = write_cells(tmp_path, "one", 30, selected=range(10), empty=11)
    with pytest.raises(
        StudyError, match="the data sets have 19 cells in all, and at least 20 are needed; lower `training.least_cells`"
    ):
        sample(tmp_path, paths)


def test_cells_without_counts_are_not_drawn(tmp_path):
    found = sample(tmp_path, write_cells(tmp_path, "one", 60, empty=30), number=1000)
    assert len(found) == 30 and found["row"].max() == 29


def test_cells_that_the_data_set_leaves_out_are_not_drawn(tmp_path):
    paths = write_cells(tmp_path, "one", 60)
    cells = CELLS.read(paths[0])
    cells["left_out"] = np.where(cells["row"] < 25, "class is DBL", None)
    CELLS.write(cells, paths[0])
    found = sample(tmp_path, paths, number=1000)
    assert len(found) == 35 and found["row"].min() == 25


@pytest.mark.parametrize(
    ("sizes", "wanted"),
    [((100, 100), {"one": 25, "two": 25}), ((200, 12), {"one": 38, "two": 12}), ((30, 200), {"one": 25, "two": 25})],
)
def test_data_sets_take_part_as_evenly_as_they_allow(tmp_path, sizes, wanted):
    paths = write_cells(tmp_path, "one", sizes[0]) + write_cells(tmp_path, "two", sizes[1])
    assert sample(tmp_path, paths)["dataset"].value_counts().to_dict() == wanted


def test_the_seed_alone_decides(tmp_path):
    one, two = write_cells(tmp_path, "one", 100, selected=range(20)), write_cells(tmp_path, "two", 80)
    straight = sample(tmp_path, [*one, *two])
    pd.testing.assert_frame_equal(straight, sample(tmp_path, [*one, *two], "again"))
    pd.testing.assert_frame_equal(straight, sample(tmp_path, [*two, *one], "other order of the data sets"))
    shuffled = CELLS.read(one[0]).sample(frac=1, random_state=0)
    CELLS.write(shuffled, one[0])
    pd.testing.assert_frame_equal(straight, sample(tmp_path, [*one, *two], "other order of the cells"))
    assert set(straight["cell_id"]) != set(sample(tmp_path, [*one, *two], "other seed", seed=1)["cell_id"])


GENES_OF = [*(gene_id(n) for n in range(40, 60)), "unknown"]
TOKENS_OF = [*range(42, 62), -1]


def tokenise_sampled(folder, counts, sampled, *, max_length=16, values="counts", **treated):
    """Tokenise sampled cells of an h5ad with these counts; return tokens, and what the whole matrix gives by row."""
    path = write_h5ad(folder / "d.h5ad", counts, obs={"kind": ["x"] * len(counts)}, genes=GENES_OF)
    paths = convert(folder)
    run_index(folder, path, {"format": "h5ad", "counts": "X"}, values=values)
    out = {name: str(folder / name) for name in ("tokens_out", "report_out")}
    map_genes(
        str(folder / "genes.parquet"),
        paths["vocabulary"],
        paths["names"],
        paths["identity"],
        dataset="toy",
        tokens="tiny",
        least_share=0,
        read_by=["x"],
        may_lack=False,
        found_out=f"{out['tokens_out']}.json",
        **out,
    )
    TRAINING_CELLS.write(sampled, folder / "sampled.parquet")
    tokenise_training_cells(
        path,
        {"format": "h5ad", "counts": "X"},
        str(folder / "sampled.parquet"),
        out["tokens_out"],
        paths["vocabulary"],
        paths["identity"],
        tokenizer=GENEFORMER_TOKENS,
        dataset="toy",
        part="0",
        values=values,
        max_length=max_length,
        output=str(folder / "tokens.parquet"),
        **treated,
    )
    vocabulary = read_vocabulary(paths["vocabulary"], paths["identity"])
    flat, offsets, _ = tokenised_counts(sp.csr_matrix(counts), TOKENS_OF, vocabulary, max_length=max_length)
    return read_tokens(folder / "tokens.parquet"), np.split(flat, offsets[1:-1])


def sampled_rows(rows, dataset="toy"):
    cells = pd.DataFrame({"dataset": dataset, "row": rows, "cell_id": [f"{dataset}:c{r}" for r in rows]})
    cells = cells.assign(cell_type=None, slug=None, batch="all", part="0", role=TRAINING, evaluated=False)
    return cells[TRAINING_CELLS.names]


def test_drawn_cells_have_the_tokens_of_their_own_rows(tmp_path):
    counts = toy_counts(30, len(GENES_OF)).astype(np.float32)
    sampled = pd.concat([sampled_rows([17, 3, 29, 8]), sampled_rows([1, 2], "other")])
    found, wanted = tokenise_sampled(tmp_path, counts, sampled, max_length=5)
    assert found.cells["cell_id"].tolist() == ["toy:c3", "toy:c8", "toy:c17", "toy:c29"]
    for row, source in enumerate((3, 8, 17, 29)):
        assert found.of(row).tolist() == wanted[source].tolist() and len(wanted[source]) <= 5


def test_training_cells_are_treated_as_those_that_are_compared(tmp_path):
    counts, sampled = toy_counts(30, len(GENES_OF)).astype(np.float32), sampled_rows([3, 8, 17])
    found, _ = tokenise_sampled(tmp_path, counts, sampled, treatment={"thin": 0.5}, seed=4)
    names = [f"c{row}" for row in range(30)]
    half = treated(sp.csr_matrix(counts), names, GENES_OF, {"thin": 0.5}, part="0", seed=4)
    vocabulary = read_vocabulary(str(tmp_path / "vocabulary.parquet"), str(tmp_path / "identity.json"))
    flat, offsets, _ = tokenised_counts(half, TOKENS_OF, vocabulary, max_length=16)
    for at, row in enumerate((3, 8, 17)):
        assert found.of(at).tolist() == flat[offsets[row] : offsets[row + 1]].tolist()


def test_training_cells_of_several_files_have_the_tokens_of_their_own_file(tmp_path):
    counts = [toy_counts(12, len(GENES_OF), seed=seed).astype(np.float32) for seed in (1, 2)]
    order = np.random.default_rng(0).permutation(len(GENES_OF))
    genes = [GENES_OF, [GENES_OF[i] for i in order]]
    paths, sources, scanned = convert(tmp_path), [], []
    for part, of_part, names in zip(("p", "q"), (counts[0], counts[1][:, order]), genes, strict=True):
        sources.append(write_h5ad(tmp_path / f"{part}.h5ad", of_part, obs={"kind": ["x"] * 12}, genes=names))
        scanned.append(run_scan(tmp_path, sources[-1], {"format": "h5ad"}, part=part, several_parts=True))
    put_together(tmp_path, scanned)
    out = {name: str(tmp_path / name) for name in ("tokens_out", "report_out")}
    map_genes(
        str(tmp_path / "genes.parquet"),
        paths["vocabulary"],
        paths["names"],
        paths["identity"],
        dataset="toy",
        tokens="tiny",
        least_share=0,
        read_by=["x"],
        may_lack=False,
        found_out=f"{out['tokens_out']}.json",
        **out,
    )
    sampled = pd.concat([sampled_rows([1, 5]), sampled_rows([5, 7])], ignore_index=True)
    sampled["part"] = ["p", "p", "q", "q"]
    sampled["cell_id"] = [f"toy:{p}/c{r}" for p, r in zip(sampled["part"], sampled["row"], strict=True)]
    TRAINING_CELLS.write(sampled, tmp_path / "sampled.parquet")
    vocabulary = read_vocabulary(paths["vocabulary"], paths["identity"])
    for part, source, of_part, rows in zip(("p", "q"), sources, counts, ([1, 5], [5, 7]), strict=True):
        tokenise_training_cells(
            source,
            {"format": "h5ad"},
            str(tmp_path / "sampled.parquet"),
            out["tokens_out"],
            paths["vocabulary"],
            paths["identity"],
            tokenizer=GENEFORMER_TOKENS,
            dataset="toy",
            part=part,
            values="counts",
            max_length=16,
            output=str(tmp_path / f"{part}.tokens"),
        )
        found = read_tokens(tmp_path / f"{part}.tokens")
        assert found.cells["cell_id"].tolist() == [f"toy:{part}/c{row}" for row in rows]
        flat, offsets, _ = tokenised_counts(sp.csr_matrix(of_part), TOKENS_OF, vocabulary, max_length=16)
        for at, row in enumerate(rows):
            assert found.of(at).tolist() == flat[offsets[row] : offsets[row + 1]].tolist()


def test_training_cells_need_counts_too(tmp_path):
    counts = (toy_counts(6, len(GENES_OF)) + 0.5).astype(np.float32)
    found, _ = tokenise_sampled(tmp_path, counts, sampled_rows([0, 1]), values="expected_counts")
    assert len(found.cells) == 2
    with pytest.raises(StudyError, match="d.h5ad: tokens are made of counts"):
        tokenise_training_cells(
            str(tmp_path / "d.h5ad"), {"format": "h5ad", "counts": "X"}, str(tmp_path / "sampled.parquet"),
            str(tmp_path / "tokens_out"), str(tmp_path / "vocabulary.parquet"), str(tmp_path / "identity.json"),
            tokenizer=GENEFORMER_TOKENS, dataset="toy", part="0", values="counts", max_length=16,
            output=str(tmp_path / "other.parquet"),
        )  # fmt: skip
    assert GENES.read(tmp_path / "genes.parquet")["gene"].tolist() == GENES_OF


def test_a_data_set_of_which_no_cell_was_drawn_has_no_tokens(tmp_path):
    found, _ = tokenise_sampled(tmp_path, toy_counts(6, len(GENES_OF)).astype(np.float32), sampled_rows([1], "other"))
    assert found.cells.empty
