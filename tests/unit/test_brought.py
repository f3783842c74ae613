"""Embeddings in files: each format gives the same rows, joined by id, and what is wrong is said."""

import gzip

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.cells.tables import CELLS, SELECTION
from rankstudy.core.errors import StudyError
from rankstudy.pairs.space_files import made_of, read_space
from rankstudy.spaces.brought import files as reading
from rankstudy.spaces.brought.bring import bring_embedding, known_as, open_brought, vectors_of
from rankstudy.spaces.brought.files import open_embedding, read_rows
from rankstudy.spaces.genes import unreadable_cells
from rankstudy.spaces.tables import BROUGHT_CELLS

IDS = [f"cell {i}" for i in range(23)]
VECTORS = np.random.default_rng(0).normal(size=(23, 4)).astype(np.float32)
FRAME = pd.DataFrame(VECTORS, index=IDS, columns=list("wxyz"))


def h5ad(path, values):
    ad.AnnData(sp.csr_matrix((23, 2)), obs=pd.DataFrame(index=IDS), obsm={"X_a": values}).write_h5ad(path)
    return open_embedding(str(path), obsm="X_a")


def text(path, separator=",", **how):
    FRAME.to_csv(path, sep=separator, **how)
    return open_embedding(str(path))


def npz(path, values=VECTORS, **further):
    np.savez_compressed(path, ids=np.array(IDS), a=values, **further)
    return open_embedding(str(path), array="a")


def parquet(path, frame=FRAME, **how):
    frame.to_parquet(path, row_group_size=5)
    return open_embedding(str(path), **how)


MADE = {
    "dense obsm": lambda folder: h5ad(folder / "a.h5ad", VECTORS),
    "sparse obsm": lambda folder: h5ad(folder / "a.h5ad", sp.csr_matrix(VECTORS)),
    "obsm by column": lambda folder: h5ad(folder / "a.h5ad", sp.csc_matrix(VECTORS)),
    "frame in obsm": lambda folder: h5ad(folder / "a.h5ad", FRAME),
    "csv": lambda folder: text(folder / "a.csv"),
    "tsv": lambda folder: text(folder / "a.tsv", "\t"),
    "packed csv": lambda folder: text(folder / "a.csv.gz"),
    "npz": lambda folder: npz(folder / "a.npz"),
    "npz by column": lambda folder: npz(folder / "a.npz", np.asfortranarray(VECTORS)),
    "npz of doubles": lambda folder: npz(folder / "a.npz", VECTORS.astype(float), other=np.zeros(3)),
    "parquet, ids as index": lambda folder: parquet(folder / "a.parquet"),
    "parquet, ids as a column": lambda folder: parquet(
        folder / "a.parquet", FRAME.rename_axis("who").reset_index()[["w", "who", "x", "y", "z"]], ids="who"
    ),
    "parquet, the one column of text": lambda folder: parquet(
        folder / "a.parquet",
        FRAME.rename_axis("who").reset_index().set_index("w").reset_index()[["w", "x", "y", "z", "who"]],
    ),
}


@pytest.mark.parametrize("kind", sorted(MADE))
@pytest.mark.parametrize("at_once", [5, 8192])
def test_every_format_gives_the_rows_that_are_asked_for(tmp_path, monkeypatch, kind, at_once):
    monkeypatch.setattr(reading, "_ROWS_AT_ONCE", at_once)
    embedding = MADE[kind](tmp_path)
    assert embedding.ids == IDS and len(embedding.columns) == 4
    for rows in ([0, 4, 5, 6, 22], list(range(23)), [7], []):
        np.testing.assert_allclose(read_rows(embedding, np.array(rows, int)), VECTORS[rows], rtol=1e-6)


def test_ids_of_text_may_stand_in_any_column(tmp_path):
    FRAME.rename_axis("who").reset_index()[["w", "x", "who", "y", "z"]].to_csv(tmp_path / "a.csv", index=False)
    embedding = open_embedding(str(tmp_path / "a.csv"), ids="who")
    assert embedding.ids == IDS and embedding.columns == ["w", "x", "y", "z"]
    np.testing.assert_allclose(read_rows(embedding, np.arange(23)), VECTORS, rtol=1e-6)


def test_missing_values_come_through_for_the_audit(tmp_path):
    gaps = FRAME.copy()
    gaps.iloc[2, 1] = np.nan
    gaps.to_csv(tmp_path / "a.csv")
    found = read_rows(open_embedding(str(tmp_path / "a.csv")), np.arange(23))
    assert np.isnan(found[2, 1]) and np.isnan(found).sum() == 1


def spoilt(path, content):
    path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda f: open_embedding(str(f / "a.h5ad"), obsm="X_b"), "no entry 'X_b'.*X_a"),
        (lambda f: open_embedding(str(f / "a.npz"), array="b"), "holds no array 'b'"),
        (lambda f: open_embedding(str(f / "a.npz"), ids="names"), "holds no array 'names'"),
        (lambda f: open_embedding(str(f / "two.npz")), "holds a, b beside ids; say which"),
        (lambda f: open_embedding(str(f / "short.npz")), "shape .22, 4., and there are 23 ids"),
        (lambda f: open_embedding(spoilt(f / "no.npz", b"no archive")), "no readable npz"),
        (lambda f: open_embedding(spoilt(f / "no.parquet", b"no table")), "no readable Parquet"),
        (lambda f: open_embedding(str(f / "numbers.parquet")), "no column holds ids"),
        (lambda f: read_rows(open_embedding(str(f / "words.csv")), np.arange(23)), "holds what is no number"),
        (lambda f: open_embedding(str(f / "a.csv"), ids="who"), "no column 'who'"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path, make, said):
    h5ad(tmp_path / "a.h5ad", VECTORS)
    npz(tmp_path / "a.npz")
    np.savez(tmp_path / "two.npz", ids=np.array(IDS), a=VECTORS, b=VECTORS)
    np.savez(tmp_path / "short.npz", ids=np.array(IDS), a=VECTORS[1:])
    FRAME.reset_index(drop=True).to_parquet(tmp_path / "numbers.parquet")
    FRAME.assign(kind="T cell").to_csv(tmp_path / "words.csv")
    FRAME.to_csv(tmp_path / "a.csv")
    with pytest.raises(StudyError, match=said):
        make(tmp_path)


def index_of(names, dataset="toy", part=""):
    prefix = f"{dataset}:{part}/" if part else f"{dataset}:"
    return pd.DataFrame({"cell_id": [f"{prefix}{name}" for name in names], "cell_name": names})


def test_rows_are_known_by_the_ids_of_cells_or_by_their_names():
    cells = index_of(IDS)
    assert known_as(cells["cell_id"].tolist(), cells).tolist() == cells["cell_id"].tolist()
    assert known_as(IDS, cells).tolist() == cells["cell_id"].tolist()
    assert known_as([*IDS[:3], "stranger"], cells).tolist() == [*cells["cell_id"][:3], "stranger"]


def test_a_name_that_cells_of_two_files_have_is_no_id():
    both = pd.concat([index_of(IDS, part="one"), index_of(IDS[:2], part="two")], ignore_index=True)
    found = known_as(IDS, both).tolist()
    assert found[:2] == IDS[:2] and found[2:] == both["cell_id"][2:23].tolist()


def test_obsm_of_several_files_is_one_embedding_under_the_ids_of_the_cells(tmp_path):
    h5ad(tmp_path / "one.h5ad", VECTORS)
    h5ad(tmp_path / "two.h5ad", -VECTORS)
    files = {"one": str(tmp_path / "one.h5ad"), "two": str(tmp_path / "two.h5ad")}
    embedding = open_brought(files, {"obsm": "X_a"}, "toy")
    assert embedding.ids == [f"toy:{part}/{name}" for part in files for name in IDS]
    np.testing.assert_array_equal(read_rows(embedding, np.array([1, 24])), [VECTORS[1], -VECTORS[1]])


def test_an_id_that_stands_twice_is_refused_if_it_is_wanted(tmp_path):
    pd.concat([FRAME, FRAME[:1]]).to_csv(tmp_path / "a.csv")
    embedding = open_embedding(str(tmp_path / "a.csv"))
    ids = np.array(embedding.ids, object)
    assert len(vectors_of(embedding, ids, IDS[1:])[0]) == 22
    with pytest.raises(StudyError, match="ids: 1 names occur more than once: cell 0"):
        vectors_of(embedding, ids, IDS)


def brought(folder, frame, metric="euclidean"):
    """Return the part and the report of an embedding of the 23 cells, which are selected in another order."""
    frame.to_csv(folder / "a.csv")
    cells = index_of(IDS).assign(
        dataset="toy",
        left_out=None,
        cell_type="t",
        slug="t",
        batch="b",
        donor=None,
        n_counts=1.0,
        n_genes=1,
        part="0",
        row=0,
    )
    CELLS.write(cells[CELLS.names], folder / "cells.parquet")
    SELECTION.write(cells[::-1].assign(seed=3)[SELECTION.names], folder / "selection.parquet")
    outputs = {"output": str(folder / "part.h5ad"), "report_out": str(folder / "report.parquet")}
    bring_embedding(
        {"": str(folder / "a.csv")}, str(folder / "cells.parquet"), str(folder / "selection.parquet"), how={},
        made={"title": "Mine"}, dataset="toy", space="mine", metric=metric, seed=3, **outputs,
    )  # fmt: skip
    return read_space(outputs["output"]), BROUGHT_CELLS.read(outputs["report_out"])


def test_an_embedding_becomes_a_part_of_a_space_by_id(tmp_path):
    space, report = brought(tmp_path, FRAME.sample(frac=1, random_state=0))
    assert space.cells["cell_id"].tolist() == [f"toy:{name}" for name in IDS[::-1]]
    np.testing.assert_allclose(space.vectors, VECTORS[::-1], rtol=1e-6)
    assert (report["reason"] == "brought").all()
    assert made_of(str(tmp_path / "part.h5ad")) == {"kind": "brought", "files": ["a.csv"], "title": "Mine"}


@pytest.mark.parametrize(("metric", "vector"), [("correlation", 2.0), ("cosine", 0.0)])
def test_cells_without_a_vector_or_a_likeness_leave_with_a_reason(tmp_path, metric, vector):
    frame = FRAME[:-2].copy()
    frame.iloc[4] = vector
    space, report = brought(tmp_path, frame, metric)
    lost = unreadable_cells([], [], [str(tmp_path / "report.parquet")])
    assert len(space.cells) == 21 and set(lost) == {"toy:cell 4", "toy:cell 21", "toy:cell 22"}
    assert "no vector" in lost["toy:cell 21"] and "no likeness" in lost["toy:cell 4"]


def test_a_packed_file_that_is_cut_off_is_refused(tmp_path):
    packed = gzip.compress(FRAME.to_csv().encode())
    with pytest.raises(StudyError, match="not a complete gzip"):
        open_embedding(spoilt(tmp_path / "a.csv.gz", packed[:-20]))
