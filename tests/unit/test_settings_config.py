"""Specification curves in the configuration: which encodings and pairs have one, and what is read for them."""

import pytest
import yaml

from rankstudy.config import load_study
from rankstudy.run.plan.__main__ import configuration
from rankstudy.spaces.catalogue import BUILT_IN
from tests.unit.config_files import elsewhere, load, refused
from tests.unit.helpers import ROOT

pytestmark = pytest.mark.usefixtures(elsewhere.__name__)

ALSO = ["genept-order", "scfoundation-values"]
SPACES = ["rank", "expression", "expression@cosine", "library-size"]
STUDY = {"spaces": SPACES, "pairs": {"joint": []}, "genes": {"method": "all"}, "causes": {"replicates": 0}}


def planned(folder, *, values="counts", spaces=SPACES, **settings):
    """Return the plan of a study with these settings of curves, and that of its data set."""
    plan = load(folder, values=values, config={**STUDY, "spaces": spaces, "settings": settings})
    return plan, plan.datasets["toy"]


def test_every_encoding_over_genes_is_compared_with_the_first_reference_that_is_one_and_no_order(tmp_path):
    _, toy = planned(tmp_path, also=ALSO, pairs=[["genept-order", "rank"], ["rank", "expression"]])
    assert toy.curves == [
        *((name, "expression") for name in ("rank", "genept-order", "scfoundation-values")),
        ("genept-order", "rank"),
    ]
    assert toy.curve_encodings == ["rank", "expression", *ALSO] and toy.computed == [*SPACES, *ALSO]


def test_pairs_that_need_what_a_data_set_lacks_are_not_made(tmp_path):
    of_counts = [["genept-order", "rank"], ["genecompass-values", "rank"]]
    plan, toy = planned(tmp_path, values="normalised", spaces=["rank"], also=["bento-sc-order"], pairs=of_counts)
    assert toy.curves == [] == toy.curve_encodings and plan.with_curves == [] and plan.vocabularies == {}
    _, toy = planned(
        tmp_path, values="cpm", spaces=SPACES[:2], also=["genept-order", "genecompass-values"], pairs=of_counts
    )
    assert toy.curves == [("rank", "expression"), ("genept-order", "expression"), ("genept-order", "rank")]
    # an order beside the order of counts needs no expression
    _, toy = planned(tmp_path, values="normalised", spaces=["rank"], also=["bento-sc-order"],
                     pairs=[["bento-sc-order", "rank"]])  # fmt: skip
    assert toy.curves == [("bento-sc-order", "rank")] and toy.needs == "order"


def test_without_replicates_nothing_is_read_for_curves(tmp_path):
    plan, toy = planned(tmp_path, also=ALSO, replicates=0)
    assert toy.curves == [] and plan.with_curves == [] and toy.computed == SPACES
    assert plan.packages == [] and plan.vocabularies == {} and toy.shared_genes == ""


def test_what_curves_alone_read_is_downloaded_and_looked_up(tmp_path):
    plan, toy = planned(tmp_path, also=ALSO)
    assert "scfoundry==0.2.1" in plan.packages and plan.vocabularies_of("toy") == ["scfoundation", "symbols"]
    assert plan.readers_of("toy", "scfoundation") == ["scfoundation-values"]
    assert plan.curve_seeds == [0] and toy.shared_genes.endswith("config/genes/shared_by_models.tsv")
    # values that an encoding beside the spaces needs are those that batches must have
    assert planned(tmp_path, also=["genecompass-values"])[1].needs == "counts"


def test_what_too_few_genes_are_known_of_is_left_out_of_the_curves_too(tmp_path):
    config = {**STUDY, "on_missing": "skip", "settings": {"also": ALSO, "pairs": [["scfoundation-values", "rank"]]}}
    plan = load(tmp_path, config=config)
    assert plan.may_lack("toy") == ["scfoundation"] and plan.made_of("toy", "scfoundation") == ["scfoundation-values"]
    left = plan.datasets["toy"].without(["scfoundation-values"])
    assert left.curves == [("rank", "expression"), ("genept-order", "expression")]
    assert left.spaces == SPACES and left.without(["expression"]).curves == []


@pytest.mark.parametrize(
    ("values", "spaces", "whole"),
    [
        ("counts", ["rank"], True),
        ("by_batch", ["rank", "expression"], True),
        ("by_batch", ["rank"], False),  # cells of batches without counts take part where nothing needs more than order
        ("expected_counts", ["rank", "expression"], False),
        ("cpm", ["rank", "expression"], False),
    ],
)
def test_molecules_are_drawn_of_whole_counts_alone(tmp_path, values, spaces, whole):
    config = {**STUDY, "spaces": spaces}
    assert load(tmp_path, values=values, config=config).datasets["toy"].has_whole_counts == whole


@pytest.mark.parametrize("name", ["library-size", "one-hot", "expression@cosine", "expression-pca", "nothing"])
def test_what_has_no_settings_is_refused(tmp_path, name):
    said = rf"settings\.also: found \['{name}'\]: '{name}' is no encoding over genes.*name one that there is: rank, "
    refused(said, tmp_path, config={**STUDY, "settings": {"also": [name]}})


def test_another_setting_is_not_declared_for_the_reason_of_the_default_one(tmp_path):
    default = planned(tmp_path)[0].study.settings.declared
    # as a file that is laid over the default study leaves it
    for reason in ({}, {"reason": default.reason}):
        declared = {"depth": "one total", **reason}
        refused("for the reason of the default one", tmp_path, config={**STUDY, "settings": {"declared": declared}})
    plan, _ = planned(tmp_path, declared={"depth": "one total", "reason": "depth differs"})
    assert plan.study.settings.declared.reason == "depth differs"


@pytest.mark.parametrize("file", ["config", "encodings", "light", "models", "study"])
def test_the_curves_of_every_configuration_of_the_repository(file):
    files = [str(ROOT / "config" / f"{name}.yaml") for name in dict.fromkeys(("config", file))]
    settings = load_study(configuration(files, []), files, ROOT, demand_terms=False, demand_files=False).study.settings
    assert settings.replicates == 1 and settings.declared.reason
    published = [["geneformer-v1-order", "rank"], ["cell2sentence-100", "rank"]]
    assert [list(pair) for pair in settings.pairs] == {
        "light": [],
        "encodings": [published[0], ["geneformer-v2-order", "rank"], published[1]],
    }.get(file, published)


def test_the_default_study_has_a_curve_of_every_published_encoding_but_those_that_repeat_another():
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    plan = load_study(config, [], ROOT)
    published = {name for name, space in BUILT_IN.spaces.items() if space.has_curve and space.role == "encoding"}
    for dataset in plan.datasets.values():
        missing = published - set(dataset.curve_encodings)
        # of a longer list, by another rule of ties, at one depth, with what is not published or downloaded by hand
        assert missing == {
            "cell2sentence-200", "genecompass-order", "genecompass-values-cp10k", "geneformer-v2-order",
            "scgpt-bins-fixed",
        }  # fmt: skip


def test_causes_are_looked_for_where_molecules_can_be_drawn():
    plan = load_study(yaml.safe_load((ROOT / "config/config.yaml").read_text()), [], ROOT)
    assert plan.with_causes == ["baron_pancreas"] and plan.cause_seeds == [0], "Li's values are expected counts"
    baron = plan.datasets["baron_pancreas"]
    assert set(baron.cause_encodings) == set(baron.encodings_over_genes) > {"rank", "expression", "tgpt-order"}
    assert {reference for _, reference in baron.cause_pairs} == {"expression"}
    none = {"causes": {"replicates": 0}}
    without = load_study(yaml.safe_load((ROOT / "config/config.yaml").read_text()) | none, [], ROOT)
    assert without.with_causes == [] and without.datasets["baron_pancreas"].cause_pairs == []


@pytest.mark.parametrize(
    ("depths", "said"), [([0.5, 1.0], "between 0 and 1"), ([0.25], "0.5 is not among"), ([0.5, 0.5], "more than once")]
)
def test_depths_that_say_nothing_are_refused(depths, said, tmp_path):
    refused(said, tmp_path, config={**STUDY, "causes": {"depths": depths}})
