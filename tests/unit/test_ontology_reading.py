"""The Cell Ontology as OWL and OBO: the same tables, and what is refused."""

import hashlib
import io
import logging
import math
import zipfile

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rankstudy.cells.ontology.convert import convert_ontology
from rankstudy.cells.ontology.obo import read_obo
from rankstudy.cells.ontology.owl import read_owl, term_id
from rankstudy.cells.ontology.terms import TABLES, TERM_ID, Ontology, Term, tabulate
from rankstudy.core.errors import StudyError
from tests.unit import ontology_files as small
from tests.unit.helpers import NOT_VERIFIED
from tests.unit.ontology_files import ALPHA, APART, BETA, CELL, MERGED, REPLACED, TERMS, WITHDRAWN, obo, owl

READ = {"owl": read_owl, "obo": read_obo}
TEXT = {"owl": owl, "obo": obo}
both = pytest.mark.parametrize("kind", ["owl", "obo"])


def terms_of(kind, content):
    return READ[kind](io.BytesIO(content), "the file")


def converted(folder, name, content, *, member=None, **changes):
    (folder / name).write_bytes(content)
    outputs = {key: folder / "out" / f"{key}.parquet" for key in TABLES}
    settings = {"member": member, "verified": NOT_VERIFIED, "root": CELL, **changes}
    convert_ontology(str(folder / name), **settings, outputs=outputs)
    return {key: table.read(outputs[key]) for key, table in TABLES.items()}


def wheel(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def described(content, path="in/cl.owl"):
    return {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


@both
def test_every_part_of_a_term_is_found_and_nothing_else(kind):
    found = {term.id: term for term in terms_of(kind, TEXT[kind]())}
    assert found == {term.id: term for term in TERMS}


def test_owl_and_obo_of_one_ontology_give_the_same_tables(tmp_path):
    of_owl, of_obo = (converted(tmp_path, f"cl.{kind}", TEXT[kind]()) for kind in READ)
    for name in TABLES:
        pd.testing.assert_frame_equal(of_owl[name], of_obo[name])
    terms = of_owl["terms"].set_index("term_id")
    assert len(terms) == len(TERMS) and terms["deprecated"].sum() == 3
    assert terms.loc[[REPLACED, MERGED, WITHDRAWN], "replaced_by"].tolist()[:2] == [BETA, ALPHA]
    assert terms["n_terms"].to_dict() == {
        CELL: 10, small.EPITHELIAL: 5, small.PANCREATIC: 3, ALPHA: 1, BETA: 1, small.ENDOTHELIAL: 1, small.LEUKOCYTE: 3,
        small.T_CELL: 1, small.MAST: 1, small.SECRETORY: 3, REPLACED: 0, WITHDRAWN: 0, MERGED: 0, APART: 1,
    }  # fmt: skip
    assert terms.loc[CELL, "information"] == 0 and terms.loc[ALPHA, "information"] == 1
    assert terms.loc[small.PANCREATIC, "information"] == pytest.approx(1 - math.log(3) / math.log(10))
    assert terms.loc[[APART, REPLACED], "information"].isna().all()
    assert "thing" not in set(of_owl["synonyms"]["synonym"])
    assert len(of_owl["parents"]) == 11 and not of_owl["parents"]["parent_id"].isin([small.MISSING]).any()


def test_parents_that_are_left_out_are_counted(caplog):
    caplog.set_level(logging.INFO)
    tabulate(TERMS, CELL, "cl.owl")
    assert "11 terms in use, 3 withdrawn; 2 parents in other ontologies left out" in caplog.text
    assert f"1 parents are unknown or withdrawn: {small.MISSING}" in caplog.text
    assert f"1 terms are not below {CELL}: {APART}" in caplog.text


def test_a_member_of_a_package_is_read_by_its_hash(tmp_path):
    content = owl()
    found = converted(tmp_path, "p.whl", wheel({"in/cl.owl": content}), member=described(content))
    assert len(found["terms"]) == len(TERMS)
    for changes, message in (
        ({"sha256": "0" * 64}, r"p\.whl, in/cl\.owl: its sha256 is [0-9a-f]{64}, expected 0000"),
        ({"bytes": len(content) - 1}, "has more than .* bytes, expected"),
        ({"bytes": len(content) + 1}, r"has [\d,]+ bytes, expected"),
        ({"path": "in/other.owl"}, r"holds no file 'in/other\.owl'; correct `member\.path`"),
    ):
        with pytest.raises(StudyError, match=message):
            converted(tmp_path, "p.whl", wheel({"in/cl.owl": content}), member=described(content) | changes)
    with pytest.raises(StudyError, match="cannot be read from the archive"):
        converted(tmp_path, "p.whl", b"no zip", member=described(content))
    with pytest.raises(StudyError, match=r"the file's sha256 is"):
        converted(tmp_path, "cl.owl", content, verified={**NOT_VERIFIED, "sha256": "0" * 64})


ENTITIES = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
REFUSED = {
    "owl": [
        (owl()[: len(owl()) // 2], r"the file: is not readable XML \(.*\); fetch the file again"),
        (b"", "is not readable XML"),
        (b"<html><body>404</body></html>", "is no RDF/XML; its outermost element is 'html'"),
        (owl(before=ENTITIES), "declares the entity 'a'; files with entities are refused"),
        (owl(before=OUTSIDE), "declares the entity 'a'; files with entities are refused"),
        (owl().replace(b"<?xml", b"\xff<?xml"), "is not readable XML"),
        (owl().replace(b"cell</rdfs:label>", b"cell\x00</rdfs:label>"), "is not readable XML"),
    ],
    "obo": [
        (b"<html>404</html>\n", "is not OBO: it begins with '<html>404</html>', expected `format-version: ...`"),
        (b"\x89HDF\r\n", "line 1 is not UTF-8 text"),
        (obo().replace(b"name: cell\n", b"name cell\n"), r"line \d+: 'name cell' is not `tag: value`"),
        (obo() + obo(), r"CL:0000000 is defined twice|is not `tag: value`"),
    ],
}


@pytest.mark.parametrize(("kind", "content", "message"), [(k, *case) for k, cases in REFUSED.items() for case in cases])
def test_files_that_are_none_are_refused(kind, content, message):
    with pytest.raises(StudyError, match=message):
        terms_of(kind, content)


@both
@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ([], "holds no term CL:...; is it the Cell Ontology"),
        (TERMS[1:], "has 10 terms in use, but not the root CL:0000000"),
        ([*TERMS[1:], Term(CELL, "cell", (ALPHA,))], r"terms are kinds of themselves: CL:.* -> CL:"),
        ([*TERMS, Term("CL:0000099", "loop", ("CL:0000099",))], r"terms are kinds of themselves: CL:0000099"),
        ([*TERMS, TERMS[3]], "CL:0000003 is defined twice"),
    ],
)
def test_what_is_no_hierarchy_is_refused_and_leaves_nothing(tmp_path, kind, terms, message):
    with pytest.raises(StudyError, match=message):
        converted(tmp_path, f"cl.{kind}", TEXT[kind](terms))
    assert not (tmp_path / "out").exists()


@both
@given(data=st.data())
def test_damaged_files_are_read_or_refused(kind, data):
    content = bytearray(TEXT[kind]())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        tables = tabulate(terms_of(kind, bytes(content)), CELL, "the file")
    except StudyError:
        return
    assert tables["terms"]["term_id"].map(TERM_ID.fullmatch).all()


def test_a_depth_that_would_exhaust_a_stack_is_passed_over():
    deep = b"<rdf:x>" * 200_000 + b"</rdf:x>" * 200_000
    assert len(terms_of("owl", owl().replace(b"</rdf:RDF>", deep + b"</rdf:RDF>"))) == len(TERMS)


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("http://purl.obolibrary.org/obo/CL_0000169", "CL:0000169"),
        ("http://purl.obolibrary.org/obo/cl#x", "http://purl.obolibrary.org/obo/cl#x"),
        ("http://example.org/CL_0000169", "http://example.org/CL_0000169"),
        ("", ""),
    ],
)
def test_ids_are_those_of_the_obo_addresses(text, id):
    assert term_id(text) == id


@pytest.mark.parametrize(
    ("term", "message"),
    [
        (REPLACED, r"here: CL:0000010 is withdrawn in this release .*; write CL:0000004 \(type B pancreatic cell\)"),
        (WITHDRAWN, "here: CL:0000011 is withdrawn .* names no other; choose another"),
        (small.MISSING, "here: there is no term CL:0009999 in this release"),
    ],
)
def test_ids_that_cannot_be_used_say_what_to_use(term, message):
    ontology = Ontology(tabulate(TERMS, CELL, "the file"))
    ontology.require(ALPHA, "here")
    with pytest.raises(StudyError, match=message):
        ontology.require(term, "here")
