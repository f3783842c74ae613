"""No article of another run looks current: whatever is set otherwise, it is made anew."""

import pytest
import yaml

from rankstudy.run.digest import modules_used
from tests.workflow import generate
from tests.workflow.harness import dry_runs
from tests.workflow.smk import RULES

TERMS = {"ontology": {"terms": {"T cell": "CL:0000084"}}}


def study(**changes):
    """Change the file of settings: the command stays the same."""
    return "study.yaml", lambda text: yaml.safe_dump({**yaml.safe_load(text), **changes}, sort_keys=False)


def dataset(name, **changes):
    return (
        f"config/datasets/{name}.yaml",
        lambda text: yaml.safe_dump(
            {k: v for k, v in {**yaml.safe_load(text), **changes}.items() if v is not None}, sort_keys=False
        ),
    )


CHANGES = {
    "a data set less": study(datasets=["marrow"]),
    "another seed": study(seeds=[3, 5, 9]),
    "a space less": study(spaces=["rank", "expression"]),
    "what a batch is": dataset("blood", batch={"column": "cell_name", "pattern": "^(first|sec)"}),
    "words about the data": dataset("marrow", organism="Mus musculus"),
}
MORE_CHANGES = {
    "data sets in another order": study(datasets=["blood", "marrow"]),
    "a seed less": study(seeds=[3]),
    "seeds in another order": study(seeds=[5, 3]),
    "a control": study(controls=["random"], spaces=["rank", "expression"]),
    "cells": study(selection={"min_cells": 20, "cells_per_type": 30}),
    "genes": study(genes={"method": "all"}),
    "components": study(pca={"components": 7}),
    "neighbours": study(pairs={**generate.PAIRS, "neighbours": [9]}),
    "joint distributions": study(pairs={"joint": [["rank", "expression"]]}),
    "level of intervals": study(uncertainty={"level": 0.9}),
    "no batches": dataset("marrow", batch=None),
    "donors": dataset("blood", donor={"column": "cell_name", "pattern": "_(.)"}),
    "cells that are kept": dataset("marrow", keep={"column": "lane", "values": ["first"]}),
    "another layer": dataset("marrow", h5ad={"counts": "X"}, values="normalised", spaces=["rank"]),
    "what is expected": dataset("blood", expect={"cells": 112}),
    "similar types": dataset("blood", similar=[["alpha", "NA"]]),
    "terms": dataset("marrow", **TERMS),
    "licence": dataset("blood", licence="CC0"),
    "flagged genes": dataset("marrow", genes=None),
}


def planned(full, changes):
    """Return what a dry run of the finished study would do, unchanged and after each change."""
    files = [{}]
    for name, change in changes:
        path = full.folder / name
        files.append({str(path): change(path.read_text())})
    line = ("--configfile", full.study, "--directory", full.folder)
    unchanged, *runs = dry_runs([line] * len(files), cwd=full.folder, files=files)
    assert unchanged.nothing_to_do, unchanged.tail
    return runs


def test_what_is_set_otherwise_makes_the_article_anew(full):
    runs = dict(zip(CHANGES, planned(full, CHANGES.values()), strict=True))
    for name, run in runs.items():
        assert run.counts.get("write_article") == 1, f"{name}: {run.tail}"
    # words alone compute nothing
    assert set(runs["words about the data"].counts) == {"write_article", "all"}
    # what was made for a data set that is no longer in the study stays, and is not in the article
    (article,) = [job for job in runs["a data set less"].jobs if job.rule == "write_article"]
    assert any("marrow" in path for path in article.input) and not any("blood" in path for path in article.input)


@pytest.mark.long
def test_whatever_is_set_otherwise_makes_the_article_anew(full):
    for name, run in zip(MORE_CHANGES, planned(full, MORE_CHANGES.values()), strict=True):
        assert run.counts.get("write_article") == 1, f"{name}: {run.tail}"


@pytest.mark.long
def test_another_data_set_makes_the_article_anew(full):
    third = full.folder / "config/datasets/third.yaml"
    generate.write_dataset(full.folder, "third", **generate.blood_keys())
    try:
        (run,) = planned(full, [study(datasets=["marrow", "blood", "third"])])
    finally:
        third.unlink()
    assert run.counts.get("write_article") == 1 and run.counts["index_cells"] == 1, run.tail


def test_what_the_article_reads_from_the_code_is_among_what_its_rule_depends_on():
    used = modules_used("rankstudy.report.article.build")
    assert used <= RULES["write_article"].modules
    assert {
        "rankstudy.measures.gates.gates",
        "rankstudy.pairs.engine.grids",
        "rankstudy.spaces.models.geneformer.losses",
    } <= used
