"""Encodings over all genes of a vocabulary: each cell has the counts of these genes, whatever is selected."""

import anndata as ad
import numpy as np
import pytest

from rankstudy.cells.shards import read_counts
from rankstudy.core.errors import StudyError
from rankstudy.core.files import write_anndata
from rankstudy.pairs.space_files import dimensions_of, read_space
from rankstudy.spaces.make import encode_shards
from rankstudy.spaces.tokens.vocabulary import read_vocabulary
from tests.unit.helpers import analysed_cells, toy_counts, write_analysed, write_shard_file
from tests.unit.test_geneformer_tokenising import NAMES, prepare
from tests.unit.tiny_geneformer import gene_id

GENES = "rankstudy.spaces.tokens.counts:VocabularyGenes"
OF_FILE = """
def counts_and_medians(counts, totals, vocabulary):
    assert counts.shape == (len(totals), len(vocabulary.ensembl_ids))
    return counts.multiply(1 / vocabulary.medians).tocsr()


def first_three(counts, totals, vocabulary):
    return counts[:, :3].toarray()
"""
SIZES = {"b": 5, "a": 4}


@pytest.fixture
def study(tmp_path):
    paths = prepare(tmp_path)
    (tmp_path / "mine.py").write_text(OF_FILE)
    for seed, (slug, n) in enumerate(SIZES.items()):
        write_shard_file(tmp_path / f"{slug}.h5ad", toy_counts(n, len(NAMES), seed), slug, genes=NAMES)
    table = ad.concat([read_counts(tmp_path / f"{slug}.h5ad") for slug in SIZES]).obs.rename_axis("cell_id")
    write_analysed(tmp_path / "cells.parquet", analysed_cells(table.reset_index(), used=table.index != "toy:b002"))
    files = {"vocabulary": paths["vocabulary"], "identity": paths["identity"], "gene_tokens": paths["tokens"]}
    return {"folder": tmp_path, "files": files, "vocabulary": read_vocabulary(paths["vocabulary"], paths["identity"])}


def encode(study, function="counts_and_medians"):
    output = str(study["folder"] / "part.h5ad")
    encode_shards(
        [str(study["folder"] / f"{slug}.h5ad") for slug in SIZES], study["files"],
        str(study["folder"] / "cells.parquet"), genes=GENES, space="whole", metric="cosine",
        function=f"{study['folder'] / 'mine.py'}:{function}", seed=3, output=output,
    )  # fmt: skip
    return output


def test_each_cell_has_the_counts_of_every_gene_of_the_vocabulary(study):
    found, vocabulary = read_space(encode(study)), study["vocabulary"]
    assert dimensions_of(study["folder"] / "part.h5ad") == list(vocabulary.ensembl_ids)
    place = {gene: k for k, gene in enumerate(vocabulary.ensembl_ids)}
    assert found.cells["cell_id"].tolist() == [
        f"toy:{s}{i:03d}" for s, n in SIZES.items() for i in range(n) if (s, i) != ("b", 2)
    ]
    for row, cell in found.cells.iterrows():
        shard = read_counts(study["folder"] / f"{cell['slug']}.h5ad")
        own = dict(zip(NAMES, shard[cell["cell_id"]].X.toarray()[0], strict=True))
        wanted = np.zeros(len(place))
        for gene in NAMES[:20]:
            wanted[place[gene]] = own[gene]
        wanted[place[gene_id(40)]] += own["SYM40"]
        np.testing.assert_allclose(found.vectors[row].toarray()[0], wanted / vocabulary.medians, rtol=1e-6)


def test_genes_are_found_by_name_in_a_shard_that_has_them_in_another_order(study):
    straight = read_space(encode(study)).vectors.toarray()
    shard = read_counts(study["folder"] / "a.h5ad")
    write_anndata(shard[:, np.random.default_rng(0).permutation(len(NAMES))].copy(), study["folder"] / "a.h5ad")
    np.testing.assert_array_equal(read_space(encode(study)).vectors.toarray(), straight)


def test_an_encoding_over_a_vocabulary_may_have_dimensions_of_its_own(study):
    assert dimensions_of(encode(study, "first_three")) == ["whole-1", "whole-2", "whole-3"]


def test_a_shard_with_a_gene_that_was_not_mapped_is_refused(study):
    path = study["folder"] / "a.h5ad"
    write_shard_file(path, toy_counts(4, 2), "a", genes=["new", NAMES[0]])
    with pytest.raises(StudyError, match="a.h5ad: genes: 1 of 2 ids are missing, such as new"):
        encode(study)
