"""A treatment that a data set's file names: what is refused of it, and cells, shards and tables after it."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy.stats import binom, chisquare

from rankstudy.cells.shards import read_counts
from rankstudy.cells.treatments.thin import thin
from rankstudy.cells.treatments.treated import treated
from rankstudy.core.errors import StudyError
from rankstudy.report.article.about import describe
from rankstudy.spaces.tables import ANALYSED_CELLS, NO_COUNTS_LEFT
from tests.unit.advice_toy import Toy

TREATMENTS = {
    "thin": {"thin": 0.5},
    "one_total": {"one_total": 20},
    "first": {"twin": "first"},
    "second": {"twin": "second"},
    "times": {"change": {"gene": "g1", "factor": 2.0}},
    "plus": {"change": {"gene": "g1", "add": 3}},
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def toy(treatment=None, **keys):
    made = Toy(treatment=treatment, genes={"method": "all"}, **keys)
    made.counts *= 3
    return made


def compared(made):
    """Return the treated cells by id, the totals that shards state, and the table of the cells that are compared."""
    made.compare()
    shards = ad.concat([read_counts(f"{slug}.h5ad") for slug in ("a", "b")])
    found = pd.DataFrame(shards.X.toarray(), shards.obs_names)
    return found, shards.obs["n_counts"], ANALYSED_CELLS.read("analysed.parquet").set_index("cell_id")


def counts_of(name):
    return compared(toy(TREATMENTS[name]))[0]


def test_the_shards_hold_treated_cells_and_their_totals(tmp_path):
    whole, totals, _ = compared(toy())
    for name in sorted(TREATMENTS):
        found, left, cells = compared(toy(TREATMENTS[name]))
        assert left.tolist() == found.sum(axis=1).tolist() and cells["used"].all(), name
        assert (left != totals).any(), name
    assert (counts_of("one_total").sum(axis=1) == 20).all()
    assert (counts_of("first") + counts_of("second")).equals(whole)
    assert counts_of("thin").equals(counts_of("first"))
    doubled, given = whole.copy(), whole.copy()
    doubled[1] *= 2
    given.loc[given[1] == 0, 1] = 3
    assert counts_of("times").equals(doubled) and counts_of("plus").equals(given)


def test_keeping_all_changes_nothing():
    (whole, totals, _), (found, left, _) = compared(toy()), compared(toy({"thin": 1}))
    assert found.equals(whole) and left.equals(totals)


def test_cells_with_too_few_molecules_leave_with_a_reason():
    made = toy({"one_total": 1000})
    made.counts[:6] *= 100
    found, _, cells = compared(made)
    assert sorted(found.index) == sorted(cells.index[cells["used"]]) and len(cells) == 24
    assert cells["used"].sum() == 6 and set(cells.loc[~cells["used"], "reason"]) == {NO_COUNTS_LEFT}


def test_what_later_steps_draw_of_treated_cells_is_drawn_by_chance():
    n = 20_000
    names, genes = [str(i) for i in range(n)], ["g"]
    half = treated(sp.csr_matrix(np.full((n, 1), 10.0)), names, genes, {"thin": 0.5}, part="0", seed=0)
    # the ids of a later step would be the same ones at worst
    found = thin(half, [f"0/{name}" for name in names], genes, keep=0.5, seed=0).toarray().ravel()
    seen, expected = np.bincount(found.astype(int), minlength=11), n * binom(10, 0.25).pmf(np.arange(11))
    pooled = [np.append(part[:7], part[7:].sum()) for part in (seen, expected)]
    assert chisquare(*pooled).pvalue > 0.001


def test_copies_of_a_data_set_under_other_names_draw_the_same_molecules():
    one, other = (
        treated(sp.csr_matrix([[40.0]]), ["c"], ["g"], {"thin": keep}, part="0", seed=3) for keep in (0.5, 0.2)
    )
    assert (other.toarray() <= one.toarray()).all()


@pytest.mark.parametrize("values", ["expected_counts", "cpm", "normalised"])
def test_values_that_are_declared_to_be_no_counts_are_refused_with_the_reason(values):
    ranks = {"spaces": ["rank"], "genes": {"method": "all"}}
    with pytest.raises(
        StudyError, match=rf"toy\.yaml: treatment: only molecules can be .*`values: {values}`.*; remove"
    ):
        Toy(values=values, treatment={"thin": 0.5}, **ranks).load()
    Toy(values=values, **ranks).load()


def test_values_that_are_found_to_be_no_counts_are_refused_with_the_reason():
    with pytest.raises(StudyError, match=r"^thinning: 1 values are not whole numbers \(the first, in 0/c: 0\.5\)"):
        treated(sp.csr_matrix([[0.5]]), ["c"], ["g"], {"thin": 0.5}, part="0", seed=0)


@pytest.mark.parametrize(
    ("treatment", "message"),
    [
        ({"thin": 0}, r"treatment\.thin: found 0: input should be greater than 0"),
        ({"thin": 1.5}, r"treatment\.thin: found 1\.5: input should be less than or equal to 1"),
        ({"twin": "third"}, r"treatment\.twin: found 'third'"),
        ({}, r"treatment: names no treatment; give one of"),
        ({"thin": 0.5, "one_total": 9}, r"treatment: names 2 treatments \(thin, one_total\); give one of"),
        ({"change": {"gene": "g1"}}, r"treatment\.change: says not how, or in two ways; give `factor` alone"),
    ],
)
def test_a_treatment_is_one_and_within_its_range(treatment, message):
    with pytest.raises(StudyError, match=message):
        Toy(treatment=treatment).load()


def test_a_combined_data_set_has_the_treatments_of_its_members():
    made = Toy(treatment={"thin": 0.5}).set("whole", title="whole", combine={"toy": {}})
    plan = made.studying(datasets=["whole"]).load().datasets["whole"]
    assert [part.treatment for part in plan.parts.values()] == [{"thin": 0.5}]
    with pytest.raises(StudyError, match=r"whole\.yaml.*remove `treatment` here"):
        made.set("whole", treatment={"thin": 0.5}).load()


def test_the_article_has_the_treatment_among_the_settings():
    rows = {row["key"]: row["value"] for row in describe(Toy(treatment={"thin": 0.25}).load())["settings"]}
    assert rows["toy.treatment.thin"] == "0.25" and "toy.treatment.twin" not in rows
    assert not any(row["key"].startswith("toy.treatment") for row in describe(Toy().load())["settings"])
