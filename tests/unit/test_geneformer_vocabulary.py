"""Vocabularies: dictionaries of one version, checked and kept as tables; any mixture is refused."""

import hashlib
import json
import zipfile

import numpy as np
import pytest

from rankstudy.core.errors import StudyError
from rankstudy.core.files import sha256
from rankstudy.spaces.models.registry import GENEFORMER_TOKENS
from rankstudy.spaces.tokens.geneformer.versions import VERSIONS
from rankstudy.spaces.tokens.tables import GENE_NAMES, VOCABULARY
from rankstudy.spaces.tokens.vocabulary import read_release, read_vocabulary
from tests.unit.helpers import write_zip
from tests.unit.tiny_geneformer import CURRENT, REPLACED, convert, dictionaries, gene_id, pickled, vocabulary

BOTH = pytest.mark.parametrize("version", ["V1", "V2"])


@BOTH
def test_every_gene_has_its_token_and_median_in_the_order_of_the_tokens(tmp_path, version):
    of = dictionaries(version)
    found, paths = vocabulary(tmp_path, version)
    genes = [gene for gene in of["tokens"] if not gene.startswith("<")]
    assert found.ensembl_ids == tuple(genes) and found.tokens.tolist() == [of["tokens"][g] for g in genes]
    assert found.medians.tolist() == [of["medians"][g] for g in genes]
    assert (found.tokens.dtype, found.medians.dtype) == (np.int32, np.float64)
    assert found.identity["version"] == version and VOCABULARY.read(paths["vocabulary"])["ensembl_id"].tolist() == genes


@BOTH
def test_the_identity_says_size_and_hashes(tmp_path, version):
    files = pickled(dictionaries(version))
    identity = json.loads(open(convert(tmp_path, version, files)["identity"]).read())
    assert identity["version"] == version and identity["size"] == len(dictionaries(version)["tokens"])
    for role, content in files.items():
        assert identity[f"{role}_sha256"] == hashlib.sha256(content).hexdigest()


def test_names_are_kept_with_how_they_are_looked_up(tmp_path):
    names = GENE_NAMES.read(convert(tmp_path, "V2")["names"])
    assert names.loc[(names["name"] == REPLACED) & names["upper"], "ensembl_id"].tolist() == [CURRENT]
    assert names.loc[(names["name"] == "C150orf1") & ~names["upper"], "ensembl_id"].tolist() == [gene_id(179)]
    assert {"C150ORF1", "HER2"} <= set(names.loc[names["upper"], "name"])


def test_a_version_without_names_has_an_empty_table(tmp_path):
    files = pickled(dictionaries())
    paths = convert(tmp_path, files={role: files[role] for role in ("tokens", "medians")})
    assert GENE_NAMES.read(paths["names"]).empty


def test_the_longest_input_and_the_specials_are_those_of_the_version():
    assert (VERSIONS["V1"].max_length, VERSIONS["V2"].max_length) == (2048, 4096)
    assert not VERSIONS["V1"].frames and VERSIONS["V2"].frames


def test_medians_of_v1_with_tokens_of_v2_are_refused_by_content(tmp_path):
    with pytest.raises(
        StudyError, match="30 of 150 genes of the token dictionary have no median, such as ENSG0.*not of one version"
    ):
        convert(tmp_path, "V2", medians=dictionaries("V1")["medians"])


def test_medians_of_v2_with_tokens_of_v1_are_refused_by_content(tmp_path):
    with pytest.raises(StudyError, match="30 of 150 genes .* have no median"):
        convert(tmp_path, "V1", medians=dictionaries("V2")["medians"])


@pytest.mark.parametrize(("asked", "published"), [("V1", "V2"), ("V2", "V1")])
@pytest.mark.parametrize("role", ["tokens", "medians"])
def test_a_published_dictionary_of_the_other_version_is_known_by_its_hash(
    tmp_path, monkeypatch, asked, published, role
):
    files = pickled(dictionaries(asked))
    known = {hashlib.sha256(files[role]).hexdigest(): published}
    monkeypatch.setattr("rankstudy.spaces.tokens.geneformer.dictionaries._PUBLISHED", known)
    with pytest.raises(
        StudyError, match=f"dictionary of {role}: this is the one of Geneformer {published}, and {asked} is asked"
    ):
        convert(tmp_path, asked, files)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("asked", "given"), [("V1", "V2"), ("V2", "V1")])
def test_the_special_tokens_tell_an_unknown_dictionary_of_the_other_version(tmp_path, asked, given):
    with pytest.raises(StudyError, match=f"its special tokens are .* those of Geneformer {asked} are"):
        convert(tmp_path, asked, of=dictionaries(given))


def changed_tokens(**changes):
    tokens = {**dictionaries()["tokens"], **changes}
    return {gene: token for gene, token in tokens.items() if token is not None}


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (changed_tokens(**{"<mask>": 0}), "its special tokens are"),
        (changed_tokens(**{"<unk>": 152}), "its special tokens are"),
        (changed_tokens(**{"<pad>": None}), "its special tokens are"),
        (changed_tokens(**{gene_id(7): None}), "its tokens are not the numbers from 0 to 150, each once"),
        (changed_tokens(**{gene_id(7): 8}), "its tokens are not the numbers"),
        (changed_tokens(**{gene_id(7): "9"}), "its tokens are not the numbers"),
        (changed_tokens(**{gene_id(7): 9.0}), "its tokens are not the numbers"),
        ({token: gene for gene, token in dictionaries()["tokens"].items()}, "from tokens to genes"),
    ],
    ids=["wrong special", "other special", "no padding", "a hole", "a token twice", "text", "fraction", "inverted"],
)
def test_wrong_token_dictionaries_are_refused(tmp_path, tokens, message):
    with pytest.raises(StudyError, match=f"token dictionary: .*{message}"):
        convert(tmp_path, tokens=tokens)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("median", [0, -1.5, float("nan"), float("inf"), "2.5"])
def test_medians_that_are_not_above_zero_are_refused(tmp_path, median):
    with pytest.raises(StudyError, match="median dictionary: holds medians that are not numbers above zero"):
        convert(tmp_path, medians={**dictionaries()["medians"], gene_id(3): median})


@pytest.mark.parametrize("role", ["names", "mapping"])
def test_names_that_stand_for_numbers_are_refused(tmp_path, role):
    with pytest.raises(StudyError, match=f"dictionary of {role}: holds values that are not text"):
        convert(tmp_path, **{role: {"SYM1": 7}})


def members_of(files):
    return {role: {"path": f"in/{role}.pkl", "sha256": hashlib.sha256(c).hexdigest()} for role, c in files.items()}


def read(paths, files, folder):
    read_release(paths, members_of(files), tokenizer=GENEFORMER_TOKENS, version="V1", **outputs(folder))


def outputs(folder):
    return {f"{name}_out": str(folder / name) for name in ("vocabulary", "names", "identity")}


def write_wheel(path, files):
    write_zip(path, {"other.py": "raise SystemExit"})
    with zipfile.ZipFile(path, "a") as archive:
        for role, content in files.items():
            archive.writestr(f"in/{role}.pkl", content)
    return str(path)


def test_dictionaries_in_a_wheel_give_the_same_as_those_in_files(tmp_path):
    files = pickled(dictionaries())
    wheel = write_wheel(tmp_path / "toy.whl", files)
    paths = {role: tmp_path / f"{role}.pkl" for role in files}
    for role, content in files.items():
        paths[role].write_bytes(content)
    for name in ("wheel", "files"):
        (tmp_path / name).mkdir()
    read({"wheel": wheel}, files, tmp_path / "wheel")
    read(paths, files, tmp_path / "files")
    for name in ("vocabulary", "names", "identity"):
        assert sha256(tmp_path / "wheel" / name) == sha256(tmp_path / "files" / name)
    assert len(read_vocabulary(tmp_path / "wheel" / "vocabulary", tmp_path / "wheel" / "identity").tokens) == 150


def test_a_dictionary_with_another_hash_is_not_opened(tmp_path):
    files = pickled(dictionaries())
    wheel = write_wheel(tmp_path / "toy.whl", {**files, "medians": b"cos\nsystem\n(S'true'\ntR."})
    with pytest.raises(StudyError, match="dictionary of medians: its sha256 is .* it was not opened"):
        read({"wheel": wheel}, files, tmp_path)


def test_a_wheel_without_the_file_is_refused(tmp_path):
    files = pickled(dictionaries())
    wheel = write_wheel(tmp_path / "toy.whl", {"tokens": files["tokens"]})
    with pytest.raises(
        StudyError, match="toy.whl: holds no file 'in/medians.pkl'; correct `files.medians.path` of the release"
    ):
        read({"wheel": wheel}, files, tmp_path)
