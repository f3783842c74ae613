"""A small ontology, as OWL and as OBO, for tests of what is read from it.

Terms at or below each in brackets; what is below two terms is drawn twice, withdrawn ones are not drawn:

    CL:0000000 cell (10)
    |- CL:0000001 epithelial cell (5)
    |  |- CL:0000002 pancreatic cell (3)
    |  |  |- CL:0000003 pancreatic A cell
    |  |  `- CL:0000004 type B pancreatic cell
    |  `- CL:0000005 endothelial cell
    |- CL:0000006 leukocyte (3)
    |  |- CL:0000007 T cell
    |  `- CL:0000008 mast cell
    `- CL:0000009 secretory cell (3)
       |- CL:0000003 pancreatic A cell
       `- CL:0000008 mast cell
    CL:0000013 round nucleus, apart

Information, 1 - ln(terms) / ln(10): 0 of `cell`, 0.301 of 5 terms, 0.523 of 3, 1 of one.
"""

from rankstudy.cells.ontology.terms import Term

CELL, EPITHELIAL, PANCREATIC, ALPHA, BETA, ENDOTHELIAL, LEUKOCYTE, T_CELL, MAST, SECRETORY = (
    f"CL:000000{number}" for number in range(10)
)
REPLACED, WITHDRAWN, MERGED, APART, MISSING = "CL:0000010", "CL:0000011", "CL:0000012", "CL:0000013", "CL:0009999"

TERMS = (
    Term(CELL, "cell"),
    Term(EPITHELIAL, "epithelial cell", (CELL, "GO:0005623"), ("epitheliocyte",)),
    Term(PANCREATIC, "pancreatic cell", (EPITHELIAL,)),
    Term(ALPHA, "pancreatic A cell", (PANCREATIC, SECRETORY), ('alpha cell of "islet"', "pancreatic alpha cell")),
    Term(BETA, "type B pancreatic cell", (PANCREATIC, MISSING), ("beta cell", "insulin-secreting cell")),
    Term(ENDOTHELIAL, "endothelial cell", (EPITHELIAL,), ("endotheliocyte",)),
    Term(LEUKOCYTE, "leukocyte", (CELL,), ("white blood cell",)),
    Term(T_CELL, "T cell", (LEUKOCYTE,), ("T lymphocyte", "T-cell")),
    Term(MAST, "mast cell", (LEUKOCYTE, SECRETORY), ("T cell",)),
    Term(SECRETORY, "secretory cell & more", (CELL,)),
    Term(REPLACED, "obsolete islet cell", (), (), True, BETA),
    Term(WITHDRAWN, "obsolete thing", (PANCREATIC,), ("thing",), True),
    Term(MERGED, None, (), (), True, ALPHA),
    Term(APART, "round nucleus", ("PATO:0000001",)),
)


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def address(id):
    return "http://purl.obolibrary.org/obo/" + id.replace(":", "_")


def owl(terms=TERMS, before=""):
    """Return an ontology as RDF/XML, with the parts around a term that the real file has."""
    lines = [
        '<?xml version="1.0"?>',
        before,
        '<rdf:RDF xmlns="http://purl.obolibrary.org/obo/cl.owl#" xmlns:owl="http://www.w3.org/2002/07/owl#"',
        '  xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#"',
        '  xmlns:oboInOwl="http://www.geneontology.org/formats/oboInOwl#" xmlns:obo="http://purl.obolibrary.org/obo/">',
        '<owl:Ontology rdf:about="http://purl.obolibrary.org/obo/cl.owl"/>',
        f'<owl:Class rdf:about="{address("GO:0005623")}"><rdfs:label>not of this ontology</rdfs:label></owl:Class>',
        f'<owl:Axiom><owl:annotatedSource rdf:resource="{address(ALPHA)}"/>'
        "<rdfs:label>no term</rdfs:label></owl:Axiom>",
        *map(_owl_class, terms),
        "</rdf:RDF>",
    ]
    return "\n".join(lines).encode()


def _owl_class(term):
    parts = [
        # a definition and a restriction: neither is a parent, and the label within them is none of the term
        f'<owl:equivalentClass><owl:Class rdf:about="{address(MAST)}">'
        "<rdfs:label>no</rdfs:label></owl:Class></owl:equivalentClass>",
        "<rdfs:subClassOf><owl:Restriction><owl:onProperty "
        f'rdf:resource="{address("BFO:0000050")}"/><owl:someValuesFrom rdf:resource="{address(MAST)}"/>'
        "</owl:Restriction></rdfs:subClassOf>",
        "<oboInOwl:hasRelatedSynonym>related</oboInOwl:hasRelatedSynonym>",
    ]
    for number, parent in enumerate(term.parents):
        named = f'<rdfs:subClassOf><owl:Class rdf:about="{address(parent)}"/></rdfs:subClassOf>'
        parts.append(named if number else f'<rdfs:subClassOf rdf:resource="{address(parent)}"/>')
    if term.name:
        parts.append(f"<rdfs:label>{escaped(term.name)}</rdfs:label>")
    parts += [f"<oboInOwl:hasExactSynonym>{escaped(text)}</oboInOwl:hasExactSynonym>" for text in term.synonyms]
    parts += ["<owl:deprecated>true</owl:deprecated>"] if term.deprecated else []
    parts += [f'<obo:IAO_0100001 rdf:resource="{address(term.replaced_by)}"/>'] if term.replaced_by else []
    return f'<owl:Class rdf:about="{address(term.id)}">{"".join(parts)}</owl:Class>'


def obo(terms=TERMS, header="format-version: 1.2\nontology: cl\n"):
    """Return an ontology as OBO, with comments, qualifiers, escapes, other stanzas; merged ids as `alt_id`."""
    merged = {term.id: term.replaced_by for term in terms if term.name is None}
    stanzas = [_obo_stanza(term, merged) for term in terms if term.name is not None]
    other = "[Typedef]\nid: part_of\nname: part of\nno colon in here\n\n"
    other += "[Term]\nid: GO:0005623\nname: not of this ontology\n"
    return "\n".join([header, *stanzas, other]).encode()


def _obo_stanza(term, merged):
    lines = ["[Term]", f"id: {term.id} ! a comment", f"name: {term.name}", 'def: "With: a colon." [PMID:1]']
    lines += [f"alt_id: {id}" for id, into in merged.items() if into == term.id]
    lines += ['synonym: "{}" EXACT [GOC:x] {{a="b"}}'.format(text.replace('"', '\\"')) for text in term.synonyms]
    lines += ['synonym: "related" RELATED []', f"relationship: part_of {MAST} ! no parent"]
    lines += [f'is_a: {parent} {{source="x"}} ! its name' for parent in term.parents]
    lines += ["is_obsolete: true"] if term.deprecated else []
    lines += [f"replaced_by: {term.replaced_by}"] if term.replaced_by else []
    return "\n".join(lines) + "\n"
