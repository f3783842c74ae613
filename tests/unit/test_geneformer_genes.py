"""Gene identity: by which name a gene reaches its token, and what is said of those that do not."""

import json

import numpy as np
import pandas as pd
import pytest

from rankstudy.cells.tables import GENES
from rankstudy.core.errors import StudyError
from rankstudy.spaces.tokens.genes import (
    ALIAS,
    ENSEMBL,
    NO_TOKEN,
    STRIPPED,
    SYMBOL,
    TOKEN,
    UNKNOWN,
    find_tokens,
    map_genes,
)
from rankstudy.spaces.tokens.tables import GENE_NAMES, GENE_TOKENS, VOCABULARIES, VOCABULARY
from tests.unit.tiny_geneformer import CURRENT, REPLACED, convert, dictionaries, gene_id

HUMAN = [gene_id(number) for number in range(40, 60)]


def mapped(folder, genes, *, version="V1", counts=None, least=0.0, may_lack=False, **changes):
    """Map genes and return the tables `gene_tokens` (by gene) and `vocabularies`."""
    paths = convert(folder, version, **changes)
    source = pd.DataFrame({"dataset": "toy", "gene": genes, "n_cells": 1, "flagged": False})
    source["n_counts"] = np.ones(len(genes)) if counts is None else np.asarray(counts, float)
    GENES.write(source, folder / "source.parquet")
    out = {name: str(folder / name) for name in ("tokens_out", "report_out", "found_out")}
    map_genes(
        str(folder / "source.parquet"), paths["vocabulary"], paths["names"], paths["identity"], dataset="toy",
        tokens="tiny", least_share=least, read_by=["scbert-levels"], may_lack=may_lack, **out,
    )  # fmt: skip
    return GENE_TOKENS.read(out["tokens_out"]).set_index("gene"), VOCABULARIES.read(out["report_out"])


def one(folder, gene, version="V1"):
    paths = convert(folder, version)
    return find_tokens([gene], VOCABULARY.read(paths["vocabulary"]), GENE_NAMES.read(paths["names"])).iloc[0]


@pytest.mark.parametrize(
    ("version", "name", "gene", "how"),
    [
        ("V1", gene_id(40), gene_id(40), ENSEMBL),
        ("V1", gene_id(40).lower(), gene_id(40), ENSEMBL),
        ("V1", f"{gene_id(40)}.13", gene_id(40), STRIPPED),
        ("V1", f"{gene_id(40)}.13_PAR_Y", gene_id(40), STRIPPED),
        ("V1", "SYM40", gene_id(40), SYMBOL),
        ("V1", "sym40", gene_id(40), ALIAS),
        ("V1", "C150orf1", gene_id(149), SYMBOL),
        ("V1", "C150ORF1", gene_id(149), ALIAS),
        ("V2", "C150ORF1", gene_id(179), ALIAS),
        ("V2", "HER2", CURRENT, ALIAS),
        ("V2", "her2", CURRENT, ALIAS),
        ("V2", REPLACED, CURRENT, ENSEMBL),
        ("V2", f"{REPLACED}.2", CURRENT, STRIPPED),
    ],
)
def test_a_gene_is_found(tmp_path, version, name, gene, how):
    found, of = one(tmp_path, name, version), dictionaries(version)
    assert (found["ensembl_id"], found["found_by"], found["outcome"]) == (gene, how, TOKEN)
    assert found["token"] == of["tokens"][gene] and found["median"] == of["medians"][gene]


@pytest.mark.parametrize(
    ("version", "name", "gene", "outcome"),
    [
        ("V1", REPLACED, REPLACED, NO_TOKEN),
        ("V2", gene_id(5000), gene_id(5000), NO_TOKEN),
        ("V1", "NOTOKEN", gene_id(5000), NO_TOKEN),
        ("V1", "HER2", None, UNKNOWN),
        ("V1", "ERCC-00002", None, UNKNOWN),
        ("V1", "SYM40.1", None, UNKNOWN),
        ("V1", f"{gene_id(40)}X", None, UNKNOWN),
        ("V1", "", None, UNKNOWN),
    ],
)
def test_a_gene_without_a_token_says_why(tmp_path, version, name, gene, outcome):
    found = one(tmp_path, name, version)
    assert found["ensembl_id"] == gene and found["outcome"] == outcome and pd.isna(found["token"])


def test_ids_of_the_pseudoautosomal_genes_of_y_are_ensembl_ids(tmp_path):
    of, plain = dictionaries(), "ENSGR0000002586"
    tokens, medians = {**of["tokens"], plain: len(of["tokens"])}, {**of["medians"], plain: 1.5}
    table, _ = mapped(tmp_path, [plain, f"{plain}.20"], tokens=tokens, medians=medians)
    assert table["ensembl_id"].tolist() == [plain] * 2 and table["found_by"].tolist() == [ENSEMBL, STRIPPED]


def test_a_symbol_that_stands_for_two_genes_in_upper_case_is_not_guessed(tmp_path):
    names = {"Abc1": gene_id(40), "aBC1": gene_id(41), "Xyz": gene_id(42), "XYz": gene_id(42)}
    table, _ = mapped(tmp_path, ["ABC1", "Abc1", "XYZ", "c", "d", "e", "f"], names=names)
    assert table["ensembl_id"].tolist()[:3] == [None, gene_id(40), gene_id(42)]


def test_genes_of_one_id_share_its_token(tmp_path, caplog):
    genes = [gene_id(40), f"{gene_id(40)}.3", "SYM40", gene_id(41)]
    with caplog.at_level("INFO"):
        table, _ = mapped(tmp_path, genes)
    assert table["token"].tolist() == [42, 42, 42, 43] and table.index.tolist() == genes
    assert "3 genes share a token with another one; their counts are summed" in caplog.text


def test_the_report_counts_genes_and_counts_by_outcome_and_name(tmp_path, caplog):
    genes = [*HUMAN[:4], f"{gene_id(70)}.1", "SYM80", "sym81", "NOTOKEN", "unknown"]
    with caplog.at_level("INFO"):
        _, report = mapped(tmp_path, genes, counts=[10, 10, 10, 10, 20, 5, 5, 20, 10])
    assert report["share_genes"].sum() == pytest.approx(1) and report["share_counts"].sum() == pytest.approx(1)
    assert report["n_genes"].sum() == len(genes) and set(report["vocabulary"]) == {"V1"}
    found = {(row.outcome, row.found_by): (row.n_genes, row.share_counts) for row in report.itertuples()}
    assert found == {
        (TOKEN, ENSEMBL): (4, 0.4), (TOKEN, STRIPPED): (1, 0.2), (TOKEN, SYMBOL): (1, 0.05), (TOKEN, ALIAS): (1, 0.05),
        (NO_TOKEN, SYMBOL): (1, 0.2), (UNKNOWN, None): (1, 0.1),
    }  # fmt: skip
    assert "token, by Ensembl id, version suffix removed: 1 genes (11.1 %), 20.0 % of the counts" in caplog.text


def test_too_small_a_share_of_the_counts_is_refused_with_the_genes_that_are_lost(tmp_path):
    genes, counts = [*HUMAN[:3], "RNA18S", "ERCC-1", "NOTOKEN"], [10, 10, 10, 70, 5, 5]
    message = (
        "data set toy: vocabulary tiny, which scbert-levels read: 27.3% of its counts reach a token, 3 of 6 genes, "
        "and at least 50% are asked for.*: RNA18S, .*least_share_of_counts"
    )
    with pytest.raises(StudyError, match=message):
        mapped(tmp_path, genes, counts=counts, least=0.5)
    assert not (tmp_path / "tokens_out").exists()
    mapped(tmp_path, genes, counts=counts, least=0.25)
    assert json.loads((tmp_path / "found_out").read_text()) == {"enough": True}


@pytest.mark.parametrize("genes", [["gene1", "gene2"], [f"ENSMUSG{number:011d}" for number in range(30)]])
def test_where_genes_may_lack_it_is_written_down_that_they_do(tmp_path, genes, caplog):
    found, report = mapped(tmp_path, genes, least=0.5, may_lack=True)
    assert json.loads((tmp_path / "found_out").read_text()) == {"enough": False}
    assert found["token"].isna().all() and report["n_genes"].sum() == len(genes)
    assert "scbert-levels are left out: data set toy" in caplog.text


def test_names_of_which_none_is_known_are_refused(tmp_path):
    with pytest.raises(StudyError, match="0.0% of its counts reach a token, 0 of 3 genes.*gene1, gene2, gene3"):
        mapped(tmp_path, ["gene1", "gene2", "gene3"], least=0.5)


def test_a_data_set_without_counts_is_refused(tmp_path):
    with pytest.raises(StudyError, match="0.0% of its counts"):
        mapped(tmp_path, HUMAN, counts=np.zeros(20), least=0.5)


@pytest.mark.parametrize("version", ["V1", "V2"])
@pytest.mark.parametrize("suffix", ["", ".7"])
def test_mouse_ids_are_named_as_such(tmp_path, version, suffix):
    mouse = [f"ENSMUSG{number:011d}{suffix}" for number in range(30)]
    with pytest.raises(
        StudyError, match="data set toy: 30 of 50 genes are Ensembl ids of another species, such as ENSMUSG.*human"
    ):
        mapped(tmp_path, [*mouse, *HUMAN], version=version)


def test_symbols_written_as_for_mouse_are_named_as_such(tmp_path):
    mouse = ["Gapdh", "Actb", "Cd3e", "Hbb-bs", "Gm1234", "mt-Co1"]
    with pytest.raises(StudyError, match="5 of 6 genes are symbols written as for mouse, such as Gapdh, Actb, Cd3e"):
        mapped(tmp_path, mouse)


@pytest.mark.parametrize(
    "genes", [["GAPDH", "C1orf112", "HLA-A", "CD3E"], [*HUMAN, *(f"ENSMUSG{n:011d}" for n in range(5))]]
)
def test_human_names_and_a_few_genes_of_mouse_are_not_taken_for_mouse(tmp_path, genes):
    assert len(mapped(tmp_path, genes)[0]) == len(genes)
