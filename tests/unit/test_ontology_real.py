"""The real Cell Ontology: which cells it calls similar by the study's rule, and the figure of a real data set."""

import pandas as pd
import pytest
import yaml
from matplotlib import image

from rankstudy.cells.ontology import terms
from rankstudy.cells.ontology.convert import convert_ontology
from rankstudy.cells.ontology.relate import related
from rankstudy.cells.ontology.rule import Rule
from rankstudy.cells.ontology.suggest import suggestions
from rankstudy.cells.tables import TYPE_RELATIONS
from rankstudy.config.study_model import NO_KINSHIP, OntologySettings
from tests.unit.drawing import draw
from tests.unit.helpers import ROOT

pytestmark = pytest.mark.slow
BARON = yaml.safe_load((ROOT / "config/datasets/baron_pancreas.yaml").read_text())["ontology"]["terms"]
MAPPED = [p for p in sorted((ROOT / "config/datasets").glob("*.yaml")) if "\n  terms:\n" in p.read_text()]
ENDOCRINE = ("alpha", "beta", "delta", "gamma", "epsilon")


@pytest.fixture(scope="module")
def ontology(ontology_release, ontology_wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ontology")
    outputs = {name: str(folder / f"{name}.parquet") for name in terms.TABLES}
    model = ontology_release.model
    convert_ontology(
        ontology_wheel,
        member=ontology_release.member,
        verified=model.source.checks,
        root=model.root,
        outputs=outputs,
    )
    return terms.Ontology.read(outputs)


@pytest.fixture(scope="module")
def rule(ontology):
    settings = OntologySettings()
    return Rule(ontology, settings.least_similarity, frozenset(settings.ignored_ancestors))


@pytest.fixture(scope="module")
def pancreas(rule):
    return related(BARON, BARON, [], rule).assign(dataset="baron_pancreas")[TYPE_RELATIONS.names]


def test_the_release_is_whole(ontology):
    assert len(ontology.names) == 2644 and len(ontology.deprecated) == 227
    assert ontology.information["CL:0000000"] == 0 and ontology.names["CL:0000000"] == "cell"


def test_names_that_the_configuration_states_are_those_of_the_ontology(ontology):
    assert {term: ontology.names[term] for term, _ in NO_KINSHIP} == dict(NO_KINSHIP)
    assert len(MAPPED) == 6
    for path in MAPPED:
        text = path.read_text()
        for label, term in yaml.safe_load(text)["ontology"]["terms"].items():
            assert f"    {label}: {term} # {ontology.names[term]}\n" in text


@pytest.mark.parametrize(
    ("name", "similar", "other"),
    [
        ("luecken_immune_human", ("CD4+ T cells", "NK cells"), ("CD4+ T cells", "Erythrocytes")),
        ("luecken_immune_human", ("CD14+ Monocytes", "CD16+ Monocytes"), ("CD14+ Monocytes", "CD20+ B cells")),
        ("luecken_lung", ("Basal 1", "Basal 2"), ("Basal 1", "Macrophage")),
        ("luecken_lung", ("Endothelium", "Lymphatic"), ("Endothelium", "Fibroblast")),
    ],
)
def test_related_labels_of_the_atlases_are_similar_and_unrelated_ones_are_not(rule, name, similar, other):
    labels = yaml.safe_load((ROOT / f"config/datasets/{name}.yaml").read_text())["ontology"]["terms"]
    found = related(labels, labels, [], rule).set_index(["type_a", "type_b"])["relation"]
    assert found[tuple(sorted(similar))] in ("similar", "unknown") and found[tuple(sorted(other))] == "other"


def test_cells_of_the_islets_are_similar_and_endothelial_ones_are_not(pancreas):
    relation = pancreas.set_index(["type_a", "type_b"])["relation"]
    pairs = [tuple(sorted((a, b))) for a in ENDOCRINE for b in ENDOCRINE if a < b]
    assert set(relation[pairs]) == {"similar"}
    assert relation["acinar", "ductal"] == relation["activated_stellate", "quiescent_stellate"] == "similar"
    assert set(relation[[tuple(sorted((label, "endothelial"))) for label in BARON if label != "endothelial"]]) == {
        "other"
    }
    assert relation["macrophage", "mast"] == "similar" and relation["macrophage", "t_cell"] == "other"
    assert pancreas["relation"].value_counts().to_dict() == {"other": 70, "similar": 21, "own": 14}


# what biologists call one family, and what they would not, in the words of the release
SIMILAR = [
    ("CD4-positive, alpha-beta T cell", "CD8-positive, alpha-beta T cell"),
    ("T cell", "natural killer cell"),
    ("T cell", "B cell"),
    ("B cell", "plasma cell"),
    ("classical monocyte", "macrophage"),
    ("microglial cell", "macrophage"),
    ("astrocyte", "oligodendrocyte"),
    ("type I pneumocyte", "type II pneumocyte"),
    ("capillary endothelial cell", "vein endothelial cell"),
    ("fibroblast", "pancreatic stellate cell"),
    ("smooth muscle cell", "cardiac muscle cell"),
]
OTHER = [
    ("T cell", "macrophage"),
    ("neuron", "astrocyte"),
    ("neuron", "smooth muscle cell"),
    ("hepatocyte", "Kupffer cell"),
    ("hematopoietic stem cell", "basal cell"),
    ("hematopoietic stem cell", "oligodendrocyte precursor cell"),
    ("keratinocyte", "macrophage"),
    ("lung ciliated cell", "enterocyte"),
    ("memory B cell", "macrophage"),
    ("pancreatic acinar cell", "mast cell"),
]


@pytest.mark.parametrize(("a", "b", "relation"), [*((*p, "similar") for p in SIMILAR), *((*p, "other") for p in OTHER)])
def test_the_rule_makes_families_that_have_a_name(ontology, rule, a, b, relation):
    term_of = {name: term for term, name in ontology.names.items()}
    found, shared = rule.relation(term_of[a], term_of[b])
    assert found == relation, f"{ontology.names[shared.ancestor]}, {shared.similarity:.2f}"


@pytest.mark.parametrize(
    ("broad", "narrow"),
    [
        ("leukocyte", "T cell"),
        ("neuron", "GABAergic neuron"),
        ("stem cell", "hematopoietic stem cell"),
        ("ciliated cell", "enterocyte"),
    ],
)
def test_a_label_that_is_too_broad_is_unknown_against_what_it_may_mean(ontology, rule, broad, narrow):
    term_of = {name: term for term, name in ontology.names.items()}
    assert rule.relation(term_of[broad], term_of[narrow])[0] == "unknown"


def test_usual_labels_are_suggested_their_terms(ontology):
    labels = {
        "T cells": "CL:0000084",
        "Macrophages": "CL:0000235",
        "mast": "CL:0000097",
        "schwann": "CL:0002573",
        "B_cell": "CL:0000236",
    }
    found = suggestions(labels, ontology, "toy")
    assert found.groupby("cell_type")["term_id"].agg(list).to_dict() == {
        label: [term] for label, term in labels.items()
    }


def test_the_figure_of_the_pancreas_is_drawn_alike_each_time(pancreas, tmp_path):
    TYPE_RELATIONS.write(pancreas, tmp_path / "relations.parquet")
    drawn = []
    for run in "ab":
        outputs = [tmp_path / f"{run}.{kind}" for kind in ("svg", "png")]
        draw("type_relations", tmp_path / "relations.parquet", outputs=outputs)
        drawn.append([(tmp_path / f"{run}.{kind}").read_bytes() for kind in ("svg", "png")])
    assert drawn[0] == drawn[1]
    assert image.imread(tmp_path / "a.png").std() > 0.1
    assert pd.read_parquet(tmp_path / "relations.parquet").shape == (105, 8)
