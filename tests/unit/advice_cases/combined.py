"""Remedies of what is refused of data sets that combine others."""

from tests.unit.advice_cases.configuration import MODELS, TWO_PARTS, remove_what_is_said
from tests.unit.advice_toy import RANKS, Toy, named, use

OTHER = {"title": "other", "source": {"local_file": "other.h5ad"}, "cell_type": "kind"}


def two(other=None, study=None, **toy):
    """Return how the data sets `toy` and `other` are loaded as one: `whole`."""

    def make():
        found = (
            Toy(**toy)
            .set("other", **{**OTHER, **(other or {})})
            .studying(datasets=["whole"], **(study or {}))
            .loading()
        )
        return found.set("whole", title="both", combine={"toy": {}, "other": {}})

    return make


def whole(**members):
    return use("whole", combine=members)


def both_with_models():
    """Return a combined data set and a member of it, whose cells a model is trained on and compares."""
    toy = two(study={"spaces": MODELS})()
    return toy.studying(datasets=["whole", "toy"])


def the_same_cells():
    return two({"source": {"local_file": "toy.h5ad"}})()


def parts_of_one_name():
    toy = two({"source": {"local_file": "x.h5ad"}})()
    toy.set("toy", source=None, parts=TWO_PARTS)
    toy.datasets["toy_p1"] = toy.datasets.pop("other")
    return toy.set("whole", combine={"toy": {}, "toy_p1": {}})


def rename_a_part(toy, said):
    toy.set("toy", parts={"p3": TWO_PARTS["p1"], "p2": TWO_PARTS["p2"]})


def combined_twice():
    toy = two()()
    return toy.set("more", title="more", combine={"whole": {}}).studying(datasets=["more"])


def named_members(toy, said):
    toy.set("more", combine={name: {} for name in named(said)})


MEETS = [
    (
        two({"values": "normalised"}),
        {
            "config.checks: leave out …, which says so": whole(toy={}),
            "config.checks: set … in this file": lambda toy, said: toy.lay(said, "whole"),
        },
    ),
    (
        lambda: two()().set("whole", combine={"whole": {}, "toy": {}}),
        {"config.combined: name others": whole(toy={}, other={})},
    ),
    (combined_twice, {"config.combined: name those that it combines: …": named_members}),
    (
        lambda: two()().set("whole", combine={"toy": {"batch": "own"}, "other": {"batch": "own"}}),
        {
            "config.combined: add it there": use("other", batch="lane"),
            "config.combined: set `batch: dataset` here": whole(toy={"batch": "own"}, other={"batch": "dataset"}),
        },
    ),
    (
        two(values="by_batch"),
        {"config.combined: set `batch: own`, so that they are told apart": whole(toy={"batch": "own"}, other={})},
    ),
    (
        lambda: two({"values": "cpm"}, values="by_batch", study=RANKS)().set(
            "whole", combine={"toy": {"batch": "own"}, "other": {}}
        ),
        {
            "config.combined: leave out …": lambda toy, said: whole(
                **{n: {"batch": "own"} if n == "toy" else {} for n in {"toy", "other"} - {said.split()[-1]}}
            )(toy, said)
        },
    ),
    (parts_of_one_name, {"config.combined: rename one of the parts": rename_a_part}),
    (the_same_cells, {"config.combined: leave one of them out": whole(toy={})}),
    (
        both_with_models,
        {"config.combined: leave the spaces of models out of one of them (`spaces`)": use(spaces=["rank"])},
    ),
    (
        lambda: two()().set("whole", values="counts", h5ad={}),
        {"config.dataset_model: remove … here": remove_what_is_said},
    ),
    (
        lambda: two()().set("whole", ontology={"column": "term"}),
        {
            "config.dataset_model: give `ontology.terms` in its place, for the labels of this file": use(
                "whole", ontology={"terms": {"A": "CL:0000001"}}
            )
        },
    ),
]
