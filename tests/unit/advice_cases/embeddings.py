"""Remedies of what is refused of embeddings that are brought, in a data set's file and in their own."""

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.spaces.brought.files import open_embedding, read_rows
from tests.unit.advice_toy import Toy, calling, change, use

IDS = [f"c{i}" for i in range(6)]
VECTORS = np.arange(12, dtype=np.float32).reshape(6, 2)
FRAME = pd.DataFrame(VECTORS, index=IDS, columns=["x", "y"])


def toy(study=None, **mine):
    """Return how a data set with the embedding `mine` is loaded."""
    return lambda: Toy(embeddings={"mine": mine}).studying(**(study or {})).loading()


def mine(**keys):
    return use(embeddings={"mine": keys})


def remove_array(toy, said):
    del toy.datasets["toy"]["embeddings"]["mine"][said.split("`")[1]]


def two(**other):
    """Return how two data sets are loaded of which the first brings `mine`, and the spaces are of both."""

    def make():
        found = Toy(embeddings={"mine": {"file": "mine.csv"}})
        found.set("other", title="other", source={"local_file": "other.h5ad"}, cell_type="kind", **other)
        return found.studying(datasets=["toy", "other"], spaces=["rank", "mine"]).loading()

    return make


def read(folder, write, name, **how):
    """Write a file of vectors and read it whole."""
    write(folder / name)
    embedding = open_embedding(str(folder / name), **how)
    return read_rows(embedding, np.arange(len(embedding.ids)))


def h5ad(path, vectors=VECTORS, ids=IDS):
    ad.AnnData(sp.csr_matrix((len(ids), 1)), obs=pd.DataFrame(index=ids), obsm={"X_a": vectors}).write_h5ad(path)


def one_row_of_numbers(path):
    h5ad(path, VECTORS[:, :, None])


def csv(path, frame=FRAME):
    frame.to_csv(path)


def with_text(path):
    FRAME.assign(kind="B cell").to_csv(path)


def ids_last(path):
    FRAME.rename_axis("who").reset_index()[["x", "y", "who"]].to_csv(path, index=False)


def parquet(path, frame=FRAME):
    frame.to_parquet(path)


def without_ids(path):
    parquet(path, FRAME.reset_index(drop=True))


def npz(path, **arrays):
    np.savez(path, **({"ids": np.array(IDS), "a": VECTORS} | arrays))


def two_arrays(path):
    npz(path, b=-VECTORS)


def too_short(path):
    npz(path, a=VECTORS[1:])


def no_file(path):
    path.write_bytes(b"nothing of the kind")


def reading(write, name, **how):
    return calling(read, write=write, name=name, **how)


def the_one_that_is_said(key):
    def mend(call, said):
        call.keywords[key] = said.rpartition(": ")[2].split(", ")[0]

    return mend


MEETS = [
    (
        toy(),
        {
            "config.embedding_model: give `obsm` (of the data set's own h5ad)": mine(obsm="X_a"),
            "config.embedding_model: give `file`": mine(file="a.csv"),
        },
    ),
    (toy(file="a.dat"), {"config.embedding_model: name it after what it is": mine(file="a.csv")}),
    (
        toy(file="a.h5ad"),
        {"config.embedding_model: add `obsm`, the entry that holds the vectors": mine(file="a.h5ad", obsm="X_a")},
    ),
    (toy(file="a.csv", obsm="X_a"), {"config.embedding_model: remove `obsm`": mine(file="a.csv")}),
    (toy(file="a.csv", array="x"), {"config.embedding_model: remove `…`": remove_array}),
    (
        two(),
        {
            "config.embeddings: name the files that hold its cells under `embeddings` here": use(
                "other", embeddings={"mine": {"file": "other.csv"}}
            ),
            "config.embeddings: give it `spaces` of its own": use("other", spaces=["rank"]),
        },
    ),
    (
        two(embeddings={"mine": {"file": "b.csv", "measure": "cosine"}}),
        {
            "config.embeddings: say the same of both": use("other", embeddings={"mine": {"file": "b.csv"}}),
            "config.embeddings: give one of them another name": use(
                "other", embeddings={"theirs": {"file": "b.csv", "measure": "cosine"}}, spaces=["rank"]
            ),
        },
    ),
    (
        lambda: Toy(source={"local_file": "toy.loom"}, batch=None, embeddings={"mine": {"obsm": "X_a"}}).loading(),
        {"config.embeddings: add `file`, the h5ad that holds it": mine(file="a.h5ad", obsm="X_a")},
    ),
    (
        reading(with_text, "a.csv"),
        {"spaces.brought.files: leave columns of text out of the file": change(write=csv)},
    ),
    (
        reading(ids_last, "a.csv"),
        {"spaces.brought.files: name the one of the ids (`ids`)": change(ids="who")},
    ),
    (
        reading(h5ad, "a.h5ad", obsm="X_b"),
        {"spaces.brought.files: name one that it holds: …": the_one_that_is_said("obsm")},
    ),
    (
        reading(npz, "a.npz", array="b"),
        {"spaces.brought.files: name one that it holds: …": the_one_that_is_said("array")},
    ),
    (
        reading(one_row_of_numbers, "a.h5ad", obsm="X_a"),
        {"spaces.brought.files: write one row of numbers per cell": change(write=h5ad)},
    ),
    (reading(no_file, "a.parquet"), {"spaces.brought.files: write it again": change(write=parquet)}),
    (
        reading(without_ids, "a.parquet"),
        {"spaces.brought.files: write them as the index or as a column of text": change(write=parquet)},
    ),
    (
        reading(no_file, "a.npz"),
        {"spaces.brought.files: write it with numpy.savez, ids as an array of text": change(write=npz)},
    ),
    (
        reading(two_arrays, "a.npz"),
        {"spaces.brought.files: say which array holds the vectors (`array`)": change(array="b")},
    ),
    (reading(too_short, "a.npz"), {"spaces.brought.files: write one row of numbers per id": change(write=npz)}),
]
