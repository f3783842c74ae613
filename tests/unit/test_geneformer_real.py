"""The authors' dictionaries and real cells: tokens as the published rule has them."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.core.errors import StudyError
from rankstudy.core.pickles import read_dictionary
from rankstudy.spaces.tokens.genes import TOKEN, find_tokens
from rankstudy.spaces.tokens.tables import GENE_NAMES, VOCABULARY
from rankstudy.spaces.tokens.vocabulary import read_vocabulary
from tests.unit.conftest import SHARED
from tests.unit.test_geneformer_tokens import CELL, GOLDEN
from tests.unit.tiny_geneformer import read_files, tokenised_counts

NAMES = {
    "tokens": "token_dictionary",
    "medians": "gene_median_dictionary",
    "names": "gene_name_id_dict",
    "mapping": "ensembl_mapping_dict",
}
SUFFIX = {"V1": "gc30M", "V2": "gc95M"}
COUNTS = {"pbmc_facs/pbmc_facs.h5ad": 16_791, "sc_mixology/sc_mixology_5batches.h5ad": 11_533}


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """Return a function that returns a version's vocabulary, tables and dictionaries, or skips with the reason."""
    made = {}

    def of(version):
        if version not in made:
            made[version] = convert_real(tmp_path_factory.mktemp(version), contents(version), version)
        return made[version]

    return of


def contents(version):
    """Return the paths of the authors' dictionaries by what they are."""
    paths = {role: SHARED / "geneformer" / f"{name}_{SUFFIX[version]}.pkl" for role, name in NAMES.items()}
    if missing := [path.name for path in paths.values() if not path.exists()]:
        pytest.skip(f"no ../shared/data/geneformer/{missing[0]} beside the repository")
    return paths


def convert_real(folder, files, version):
    out = {f"{name}_out": str(folder / name) for name in ("vocabulary", "names", "identity")}
    read_files(files, version, **out)
    return {
        "vocabulary": read_vocabulary(out["vocabulary_out"], out["identity_out"]),
        "table": VOCABULARY.read(out["vocabulary_out"]),
        "names": GENE_NAMES.read(out["names_out"]),
        "tokens": read_dictionary(files["tokens"].read_bytes(), "tokens"),
        "medians": read_dictionary(files["medians"].read_bytes(), "medians"),
        "mapping": read_dictionary(files["mapping"].read_bytes(), "mapping"),
    }


def tokens_of(made, genes):
    found = find_tokens(genes, made["table"], made["names"])
    return found, found["token"].fillna(-1).to_numpy(np.int64)


@pytest.mark.parametrize(("version", "genes", "size"), [("V1", 25_424, 25_426), ("V2", 20_271, 20_275)])
def test_the_authors_dictionaries_are_converted_whole(real, version, genes, size):
    made = real(version)
    assert len(made["table"]) == genes and made["vocabulary"].identity["size"] == size
    assert dict(zip(made["table"]["ensembl_id"], made["table"]["token"], strict=True)) == {
        gene: token for gene, token in made["tokens"].items() if not gene.startswith("<")
    }
    assert all(made["medians"][row.ensembl_id] == row.median for row in made["table"].itertuples())


@pytest.mark.parametrize("version", ["V1", "V2"])
def test_the_published_cell_by_symbol_has_the_published_tokens(real, version):
    made = real(version)
    found, tokens = tokens_of(made, list(CELL))
    counts = sp.csr_matrix(np.array([list(CELL.values())], np.float32))
    assert tokenised_counts(counts, tokens, made["vocabulary"])[0].tolist() == GOLDEN[version]
    without = found.set_index("gene").loc[found.set_index("gene")["outcome"] != TOKEN].index.tolist()
    assert without == (["MALAT1"] if version == "V1" else ["MIR155", "MALAT1"])


@pytest.mark.parametrize(("version", "other"), [("V1", "V2"), ("V2", "V1")])
def test_dictionaries_of_the_two_versions_are_not_mixed(version, other, tmp_path, monkeypatch):
    files = {**contents(version), "medians": contents(other)["medians"]}
    with pytest.raises(
        StudyError, match=f"dictionary of medians: this is the one of Geneformer {other}, and {version}"
    ):
        convert_real(tmp_path, files, version)
    monkeypatch.setattr(
        "rankstudy.spaces.tokens.geneformer.dictionaries._PUBLISHED", {}
    )  # by content, were the hash not known
    with pytest.raises(StudyError, match="genes of the token dictionary have no median"):
        convert_real(tmp_path, files, version)


def test_every_gene_of_v1_is_found_by_its_own_id(real):
    made = real("V1")
    assert tokens_of(made, made["table"]["ensembl_id"].tolist())[1].tolist() == made["table"]["token"].tolist()


def test_every_gene_of_v2_is_found_by_its_own_id_or_by_the_one_that_replaced_it(real):
    made = real("V2")
    found, _ = tokens_of(made, made["table"]["ensembl_id"].tolist())
    assert (found["outcome"] == TOKEN).all()
    assert found["ensembl_id"].tolist() == [made["mapping"][gene] for gene in made["table"]["ensembl_id"]]


def test_replaced_ids_lead_to_the_token_of_the_gene_in_v2_alone(real):
    replaced = {"ENSG00000291836": "ENSG00000094914", "ENSG00000188971": "ENSG00000115977"}
    for version in ("V1", "V2"):
        made = real(version)
        found, tokens = tokens_of(made, list(replaced))
        if version == "V2":
            assert tokens.tolist() == [made["tokens"][gene] for gene in replaced.values()]
        assert (found["ensembl_id"].tolist() == list(replaced.values())) == (version == "V2")


def published_rule(counts, ids, made, version):
    """Return tokens and values of a cell by the authors' rule in float64, written for this test alone.

    Ids are looked up in the mapping dictionary, counts of one id summed, genes without a token left out; the value is
    count / total * 10,000 / median; zeros are dropped and the rest sorted, descending.
    """
    summed = {}
    for gene, count in zip(ids, counts, strict=True):
        target = made["mapping"].get(gene.upper())
        if target in made["tokens"] and count:
            summed[target] = summed.get(target, 0.0) + float(count)
    total = float(counts.sum())
    values = {made["tokens"][gene]: count / total * 1e4 / made["medians"][gene] for gene, count in summed.items()}
    return sorted(values, key=lambda token: -values[token])[: 2048 if version == "V1" else 4094], values


@pytest.mark.parametrize("file", COUNTS)
@pytest.mark.parametrize("version", ["V1", "V2"])
def test_the_order_of_real_cells_is_that_of_the_published_rule_up_to_ties(real, shared_file, version, file):
    made, data = real(version), ad.read_h5ad(shared_file(file))
    assert data.n_vars == COUNTS[file]
    rows = np.sort(np.random.default_rng(0).choice(data.n_obs, 60, replace=False))
    counts = sp.csr_matrix(data.X[rows])
    found, tokens = tokens_of(made, data.var_names.tolist())
    flat, offsets, expressed = tokenised_counts(counts, tokens, made["vocabulary"])
    ties = 0
    for k in range(len(rows)):
        own = flat[offsets[k] : offsets[k + 1]].tolist()
        own = own[1:-1] if version == "V2" else own
        wanted, values = published_rule(counts[k].toarray().ravel(), data.var_names, made, version)
        assert expressed[k] == len(values) and len(own) == len(wanted)
        of_own, of_wanted = (np.array([values[token] for token in order]) for order in (own, wanted))
        np.testing.assert_allclose(of_own, of_wanted, rtol=1e-12)  # position by position the same value
        different = [p for p, (a, b) in enumerate(zip(own, wanted, strict=True)) if a != b]
        ties += len(different)
        truncated = expressed[k] > len(wanted)
        assert truncated or set(own) == set(wanted)
        for p in different:
            assert (np.isclose(of_wanted, of_wanted[p], rtol=1e-12)).sum() > 1 or truncated
    assert ties < 0.01 * len(flat)
    assert (found["outcome"] == TOKEN).mean() > 0.8


@pytest.mark.parametrize("version", ["V1", "V2"])
def test_symbols_and_ids_of_real_genes_lead_to_the_same_tokens(real, shared_file, version):
    made, data = real(version), ad.read_h5ad(shared_file("pbmc_facs/pbmc_facs.h5ad"))
    columns = [c for c in data.var if data.var[c].astype(str).isin(["CD3E", "LYZ"]).any()]
    assert columns, f"no column of symbols among {list(data.var)}"
    by_id, by_symbol = (
        pd.Series(tokens_of(made, names)[1])
        for names in (data.var_names.tolist(), data.var[columns[0]].astype(str).tolist())
    )
    both = (by_id >= 0) & (by_symbol >= 0)
    assert both.mean() > 0.7 and (by_id[both] == by_symbol[both]).mean() > 0.98
