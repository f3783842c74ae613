"""Which genes an encoding reads, and its vectors over the selected ones: the same, however it comes by its genes."""

import numpy as np
import pandas as pd
import pytest

from rankstudy.cells.shards import read_counts
from rankstudy.cells.tables import GENES
from rankstudy.core.errors import StudyError
from rankstudy.core.files import write_anndata
from rankstudy.core.modules import resolve
from rankstudy.pairs.space_files import dimensions_of, read_space
from rankstudy.spaces.encodings.genes import FileGenes, SelectedGenes, SymbolGenes, VocabularyGenes
from rankstudy.spaces.genes import unreadable_cells
from rankstudy.spaces.make import encode_shards
from rankstudy.spaces.tables import CONSTANT, ENCODED, ENCODED_CELLS, NO_GENES
from rankstudy.spaces.tokens.genes import SUMMED, SYMBOL, map_symbols
from rankstudy.spaces.tokens.tables import VOCABULARIES
from rankstudy.spaces.tokens.vocabulary import read_vocabulary
from tests.unit.helpers import toy_counts, write_genes, write_shard_file
from tests.unit.test_geneformer_tokenising import NAMES, prepare
from tests.unit.tiny_geneformer import gene_id

OF_FILE = """
def doubled(cells):
    assert cells.counts.shape == (len(cells.totals), len(cells.genes)) == (len(cells.ids), len(cells.medians))
    return (2 * cells.counts).astype("float32")


def over_medians(cells):
    return cells.counts.multiply(1 / cells.medians).tocsr().astype("float32")


def first_three(cells):
    return cells.counts[:, :3].toarray()


def dense(cells):
    return cells.counts.toarray().astype("float32")


def nothing(cells):
    return 0 * cells.counts.astype("float32")


def without_medians(cells):
    return (cells.medians != cells.medians)[None, :2].repeat(len(cells.ids), 0)


def ranked(counts, totals):
    # depends on which genes are given
    return counts.multiply(1 / (1 + counts.sum(axis=1))).tocsr().astype("float32")


def seen(cells):
    return (cells.counts > 0).astype("float32")
"""
SIZES = {"b": 5, "a": 4}
# two genes that the vocabulary takes for one, one that it does not know, and others
CHOSEN = ["SYM40", gene_id(45), gene_id(40), "unknown", gene_id(59)]


@pytest.fixture
def study(tmp_path):
    paths = prepare(tmp_path)
    (tmp_path / "mine.py").write_text(OF_FILE)
    for seed, (slug, n) in enumerate(SIZES.items()):
        write_shard_file(tmp_path / f"{slug}.h5ad", toy_counts(n, len(NAMES), seed), slug, genes=NAMES)
    table = write_genes(tmp_path / "genes.parquet", CHOSEN, True)
    symbols = str(tmp_path / "symbols.parquet")
    report = str(tmp_path / "report.parquet")
    map_symbols(str(tmp_path / "source.parquet"), paths["names"], dataset="toy", tokens_out=symbols, report_out=report)
    vocabulary = {"vocabulary": paths["vocabulary"], "identity": paths["identity"], "gene_tokens": paths["tokens"]}
    return {
        "folder": tmp_path,
        "VocabularyGenes": {"genes": table, **vocabulary},
        "SymbolGenes": {"genes": table, "gene_tokens": symbols},
        "FileGenes": {"genes": table},
        "vocabulary": read_vocabulary(paths["vocabulary"], paths["identity"]),
    }


def encode(study, function="doubled", genes="VocabularyGenes", metrics=("correlation", "cosine")):
    """Return the encoded space, its file, and the report by cell."""
    output, report = str(study["folder"] / "part.h5ad"), str(study["folder"] / "report.parquet")
    encode_shards(
        [str(study["folder"] / f"{slug}.h5ad") for slug in SIZES], study[genes],
        genes=f"rankstudy.spaces.encodings.genes:{genes}", dataset="toy", space="whole", metric="cosine",
        metrics=metrics, function=f"{study['folder'] / 'mine.py'}:{function}", seed=3,
        output=output, report_out=report,
    )  # fmt: skip
    return read_space(output), output, ENCODED_CELLS.read(report).set_index("cell_id")


def counts_of(study):
    """Return the counts of all cells, by cell and gene of the file."""
    shards = [read_counts(study["folder"] / f"{slug}.h5ad") for slug in SIZES]
    return pd.concat([pd.DataFrame(shard.X.toarray(), shard.obs_names, shard.var_names) for shard in shards])


def test_the_vectors_are_over_the_selected_genes_whatever_it_reads(study):
    counts = counts_of(study)
    one = counts[gene_id(40)] + counts["SYM40"]
    found, path, _ = encode(study)
    assert dimensions_of(path) == CHOSEN and found.cells["cell_id"].tolist() == counts.index.tolist()
    # the first of those that are one gene to it has its value, and what it does not know is zero
    wanted = np.stack([one, counts[gene_id(45)], 0 * one, 0 * one, counts[gene_id(59)]], axis=1)
    np.testing.assert_array_equal(found.vectors.toarray(), 2 * wanted)
    np.testing.assert_array_equal(2 * encode(study, "dense")[0].vectors, 2 * wanted)
    found, path, _ = encode(study, genes="FileGenes")
    np.testing.assert_array_equal(found.vectors.toarray(), 2 * counts[CHOSEN].to_numpy())
    # by symbols, the id and the symbol that stands for it are one gene
    found, path, _ = encode(study, genes="SymbolGenes")
    wanted[:, 3] = counts["unknown"]
    np.testing.assert_array_equal(found.vectors.toarray(), 2 * wanted)


@pytest.mark.parametrize("given", [FileGenes, SelectedGenes, SymbolGenes, VocabularyGenes])
def test_vectors_over_other_panels_are_those_that_a_study_of_these_genes_has(study, given):
    files = study.get(given.__name__, study["FileGenes"])
    function = resolve(f"{study['folder'] / 'mine.py'}:{'ranked' if given is SelectedGenes else 'doubled'}")
    shard = read_counts(study["folder"] / "b.h5ad")
    panels = [CHOSEN, NAMES[3:9], CHOSEN[::-1]]
    found = given(files, 3).over(panels, function, shard, "b")
    for panel, vectors in zip(panels, found, strict=True):
        table = write_genes(study["folder"] / "other.parquet", panel, True)
        wanted = given({**files, "genes": table}, 3).encode(function, shard, "b").vectors
        np.testing.assert_array_equal(vectors.toarray(), wanted.toarray())


def test_it_has_the_medians_of_the_vocabulary(study):
    vocabulary = study["vocabulary"]
    median = dict(zip(vocabulary.ensembl_ids, vocabulary.medians, strict=True))
    found = encode(study, "over_medians")[0].vectors.toarray()
    np.testing.assert_allclose(found[:, 1], counts_of(study)[gene_id(45)] / median[gene_id(45)], rtol=1e-6)
    assert encode(study, "without_medians", genes="FileGenes")[0].vectors.all()


def test_genes_are_found_by_name_in_a_shard_that_has_them_in_another_order(study):
    for genes in ("FileGenes", "SymbolGenes", "VocabularyGenes"):
        straight = encode(study, genes=genes)[0].vectors.toarray()
        shard = read_counts(study["folder"] / "a.h5ad")
        write_anndata(shard[:, np.random.default_rng(0).permutation(len(NAMES))].copy(), study["folder"] / "a.h5ad")
        np.testing.assert_array_equal(encode(study, genes=genes)[0].vectors.toarray(), straight)


def test_an_encoding_may_have_dimensions_of_its_own(study):
    assert dimensions_of(encode(study, "first_three")[1]) == ["whole-1", "whole-2", "whole-3"]


def test_a_shard_with_a_gene_that_was_not_mapped_is_refused(study):
    path = study["folder"] / "a.h5ad"
    write_shard_file(path, toy_counts(4, 2), "a", genes=["new", NAMES[0]])
    for genes in ("SymbolGenes", "VocabularyGenes"):
        with pytest.raises(StudyError, match="a.h5ad: genes: 1 of 2 ids are missing, such as new"):
            encode(study, genes=genes)


def test_what_an_encoding_makes_of_each_cell_is_reported(study):
    counts = counts_of(study)
    report = encode(study)[2].loc[counts.index]
    merged = counts.drop(columns=["SYM40", "unknown"])
    merged[gene_id(40)] += counts["SYM40"]
    assert report["n_genes"].tolist() == report["n_listed"].tolist() == (merged > 0).sum(axis=1).tolist()
    kept = [gene_id(40), gene_id(45), gene_id(59)]
    assert report["n_compared"].tolist() == (merged[kept] > 0).sum(axis=1).tolist()
    np.testing.assert_allclose(report["share_counts"], merged.sum(axis=1) / counts.sum(axis=1), rtol=1e-6)
    # one of its genes, at a time, is no order of them all
    assert (encode(study, "first_three")[2]["n_listed"] <= 3).all()


def test_a_cell_without_likeness_to_others_is_named_with_the_reason(study):
    shard = np.zeros((4, len(NAMES)))
    shard[0, NAMES.index("unknown")] = 3  # nothing that is read
    shard[1, NAMES.index(gene_id(50))] = 1  # nothing that is selected
    shard[2, [NAMES.index(name) for name in CHOSEN]] = 1
    shard[3, NAMES.index(gene_id(45))] = 2
    write_shard_file(study["folder"] / "a.h5ad", shard, "a", genes=NAMES)
    ids = [f"toy:a{i:03d}" for i in range(4)]
    report = encode(study, "seen", "FileGenes")[2].loc[ids, "reason"].tolist()
    assert report == [ENCODED, CONSTANT, CONSTANT, ENCODED]
    report = encode(study, "seen", "FileGenes", metrics=["cosine"])[2].loc[ids, "reason"].tolist()
    assert report == [ENCODED, CONSTANT, ENCODED, ENCODED]
    report = encode(study, "seen", "FileGenes", metrics=["euclidean"])[2].loc[ids, "reason"].tolist()
    assert report == [ENCODED] * 4
    report = encode(study)[2].loc[ids, "reason"].tolist()
    assert report == [NO_GENES, CONSTANT, ENCODED, ENCODED]
    lost = unreadable_cells([], [str(study["folder"] / "report.parquet")] * 2)
    assert {cell: lost[cell] for cell in ids if cell in lost} == {ids[0]: NO_GENES, ids[1]: CONSTANT}
    assert (encode(study, "nothing")[2]["reason"] != ENCODED).all()


def test_symbols_that_become_one_in_upper_case_are_summed_and_counted(tmp_path):
    paths = prepare(tmp_path)
    genes = ["Actb", "ACTB", f"{gene_id(41)}.3", "SYM41", "ENSG00000099999", "Cd3e"]
    source = {"dataset": "toy", "gene": genes, "n_cells": 1, "n_counts": [1.0, 2, 3, 4, 5, 6], "flagged": False}
    GENES.write(pd.DataFrame(source), tmp_path / "source.parquet")
    symbols, report = str(tmp_path / "symbols.parquet"), str(tmp_path / "report.parquet")
    map_symbols(str(tmp_path / "source.parquet"), paths["names"], dataset="toy", tokens_out=symbols, report_out=report)
    found = VOCABULARIES.read(report).set_index("found_by")
    assert found["n_genes"].to_dict() == {SUMMED: 4, SYMBOL: 2}
    assert found["share_counts"].to_dict() == {SUMMED: pytest.approx(10 / 21), SYMBOL: pytest.approx(11 / 21)}
    counts = np.array([[1, 0, 2, 0, 0, 5], [0, 4, 1, 3, 2, 0]])
    for slug in SIZES:
        write_shard_file(tmp_path / f"{slug}.h5ad", counts, slug, genes=genes)
    (tmp_path / "mine.py").write_text(OF_FILE)
    chosen = write_genes(tmp_path / "genes.parquet", genes, True)
    study = {"folder": tmp_path, "SymbolGenes": {"genes": chosen, "gene_tokens": symbols}}
    vectors = encode(study, "dense", "SymbolGenes")[0].vectors
    assert vectors[:2].tolist() == [[1, 0, 2, 0, 0, 5], [4, 0, 4, 0, 2, 0]]
