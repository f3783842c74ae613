"""A second opinion: the study's own numbers of whatever embedding, from an AnnData object or from its file."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from rankstudy.core.errors import StudyError
from rankstudy.measures.causes.tables import FOUND
from rankstudy.measures.judge.files import judge_file
from rankstudy.measures.judge.judge import judge
from rankstudy.measures.judge.options import Options
from rankstudy.measures.judge.tables import TABLES
from rankstudy.report.judged.build import build_pages
from tests.unit.embeddings_toy import toy_cells, toy_vectors
from tests.unit.helpers import auroc_of, toy_counts

CELLS = toy_cells(160)
TWICE = ("X_good", "X_deep", "X_one", "X_two")
TWINS = {"X_good": ("X_one", "X_two")}
FEW = {"resamples": 1000, "genes": 60, "components": 10, "neighbours": (5,), "min_cells": 5}


def cells_with_embeddings():
    """Return cells with counts and two embeddings; one cell has no label, another no batch."""
    obs = CELLS.set_index("cell_id")[["cell_type", "batch"]]
    obs.iloc[0, 0], obs.iloc[1, 1] = None, None
    counts = toy_counts(len(CELLS), 80) + np.round(np.exp(np.clip(toy_vectors(CELLS, 80), None, 3)))
    data = ad.AnnData(sp.csr_matrix(counts), obs=obs.assign(score=np.arange(len(CELLS)) % 7))
    data.obs["half"] = np.where(np.arange(len(CELLS)) % 2, "odd", "even")
    deep = toy_vectors(CELLS.assign(n_counts=counts.sum(axis=1)), depth=3.0, seed=4)
    data.obsm["X_good"], data.obsm["X_deep"] = toy_vectors(CELLS), deep
    noise = np.random.default_rng(6).normal(0, 0.3, (2, *deep.shape)).astype(np.float32)
    data.obsm["X_one"], data.obsm["X_two"] = data.obsm["X_good"] + noise
    return data


@pytest.fixture(scope="module")
def adata():
    return cells_with_embeddings()


@pytest.fixture(scope="module")
def opinion(adata):
    return judged(adata, TWICE, twins=TWINS)


def judged(adata, obsm=("X_good", "X_deep"), **changes):
    return judge(adata, cell_type="cell_type", batch="batch", obsm=list(obsm), **{**FEW, **changes})


def test_every_table_is_there_and_holds_each_space(opinion):
    assert set(opinion.tables) == {table.name for table in TABLES}
    spaces = opinion.tables["spaces"]
    assert {"x-good", "x-deep", "expression", "rank", "expression-pca", "library-size", "random"} <= set(
        spaces["space"]
    )
    assert spaces.set_index("space").loc["x-good", ["title", "model"]].tolist() == ["X_good", "brought"]
    assert any("2 of 160 cells have no label, no batch or no counts" in note for note in opinion.notes)


def test_the_auroc_is_that_of_all_pairs(adata, opinion):
    kept = adata[adata.obs["cell_type"].notna() & adata.obs["batch"].notna()]
    vectors = kept.obsm["X_good"].astype(float)
    alike = -np.sqrt(((vectors[:, None] - vectors[None]) ** 2).sum(axis=-1))
    found = opinion.tables["effect_sizes"].query("space == 'x-good' and cell_type.isna()")["auroc"]
    assert found.item() == pytest.approx(auroc_of(alike, kept.obs["cell_type"].to_numpy()), abs=1e-5)


def test_a_file_gives_the_same_tables_as_the_object(adata, opinion, tmp_path):
    adata.write_h5ad(tmp_path / "cells.h5ad")
    given = {"cell_type": "cell_type", "batch": "batch", "obsm": list(TWICE), "counts": "auto"}
    options = {**FEW, "name": "cells", "neighbours": [5], "thresholds": {}, "twins": TWINS}
    judge_file(str(tmp_path / "cells.h5ad"), {}, given=given, options=options, output=str(tmp_path / "tables"))
    for table in TABLES:
        pd.testing.assert_frame_equal(
            table.read(tmp_path / "tables" / f"{table.name}.parquet"), opinion.tables[table.name]
        )
    about = {
        "name": "cells",
        "given": given,
        "options": {**options, "seed": 0, "measures": {}},
        "command": "make judge",
    }
    build_pages(str(tmp_path / "tables"), about, output=str(tmp_path / "pages"))
    assert {path.name for path in (tmp_path / "pages").iterdir()} == {
        "index.html",
        *(f"x-{name}.html" for name in ("good", "deep", "one", "two")),
    }
    page = (tmp_path / "pages" / "x-good.html").read_text()
    assert "data:image/svg+xml" in page and 'src="http' not in page
    auroc = opinion.tables["intervals"].query("space == 'x-good' and statistic == 'AUROC' and cell_type.isna()")
    assert f'value="{auroc["estimate"].item()!r}"' in page


def test_an_embedding_that_came_twice_finds_its_twins_as_far_as_it_agrees_with_itself(adata, opinion):
    found = opinion.tables["twins"].query("cell_type.isna()").set_index("statistic")
    kept = adata[adata.obs["cell_type"].notna() & adata.obs["batch"].notna()]
    one, two = (kept.obsm[name].astype(float) for name in TWINS["X_good"])
    apart = ((one[:, None] - two[None]) ** 2).sum(axis=-1)
    own = [(apart.argmin(axis=axis) == np.arange(len(apart))).mean() for axis in (0, 1)]
    value = found.loc[FOUND, "value"]
    assert value == pytest.approx(np.mean(own), abs=1e-9) and value > 0.5 > found.loc[FOUND, "chance"]
    assert set(opinion.tables["twins"]["space"]) == {"x-good"}


def test_embeddings_are_compared_with_expression_by_their_own_measure(adata):
    found = judged(adata, ["X_good"], measures={"X_good": "cosine"}).tables["differences"]
    mine = found[(found["space"] == "x-good") & (found["statistic"] == "AUROC")]
    assert mine["against"].tolist() == ["expression@cosine"] and mine["metric"].tolist() == ["cosine"]


def test_what_knows_depth_is_told(opinion):
    known = opinion.tables["leakage"].query("scope == 'within types'").set_index("space")["r2"]
    assert known["x-deep"] > 0.5 > known["x-good"] + 0.3 and known["library-size"] > 0.99


def test_without_counts_what_needs_them_is_left_out_and_said_so(adata):
    bare = ad.AnnData(obs=adata.obs, obsm=dict(adata.obsm))
    found = judged(bare)
    assert "leakage" not in found.tables and any("needs counts is left out" in note for note in found.notes)
    assert set(found.tables["spaces"]["space"]) == {"x-good", "x-deep", "random", "one-hot"}
    assert set(found.tables["differences"]["reference"]) == {"x-good"}


def test_normalised_values_are_no_counts(adata):
    normalised = adata.copy()
    normalised.X = normalised.X * 0.37
    assert any("None of X, layers/counts, raw/X holds counts" in note for note in judged(normalised).notes)
    normalised.layers["counts"] = adata.X.copy()
    pd.testing.assert_frame_equal(judged(normalised).tables["effect_sizes"], judged(adata).tables["effect_sizes"])


def test_values_that_are_whole_in_the_first_cells_alone_are_no_counts(adata):
    late = adata.copy()
    late.X = late.X.copy()
    late.X.data[-1] += 0.5
    assert any("None of X, layers/counts, raw/X holds counts" in note for note in judged(late, ["X_good"]).notes)


def test_halves_of_which_one_failed_its_audit_are_no_twins(adata):
    spoilt = adata.copy()
    spoilt.obsm["X_two"] = np.full_like(spoilt.obsm["X_two"], np.nan)
    found = judged(spoilt, TWICE, twins=TWINS, counts="none")
    assert "twins" not in found.tables and any("X_two failed the audit" in note for note in found.notes)


def test_an_embedding_that_fails_its_audit_is_not_scored(adata, tmp_path):
    shuffled = adata.copy()
    order = np.argsort(adata.obs_names)
    shuffled.obsm["X_sorted"] = adata.obsm["X_good"][order]
    found = judged(shuffled, ["X_good", "X_sorted"])
    audits = found.tables["embedding_audit"].query("outcome == 'failed'")
    assert audits["space"].tolist() == ["x-sorted"] and audits["subject"].tolist() == ["sorted names"]
    assert "x-sorted" not in set(found.tables["spaces"]["space"])
    assert any("X_sorted failed the audit" in note for note in found.notes)
    alone = judged(shuffled, ["X_sorted"])
    assert set(alone.tables) == {"embedding_audit"}


def test_pages_of_what_failed_hold_the_audit(adata, tmp_path):
    spoilt = adata.copy()
    spoilt.obsm["X_bad"] = np.full((len(CELLS), 3), np.nan, np.float32)
    spoilt.write_h5ad(tmp_path / "cells.h5ad")
    given = {"cell_type": "cell_type", "batch": None, "obsm": ["X_bad"], "counts": "none"}
    options = {**FEW, "name": "cells", "neighbours": [5], "thresholds": {}, "seed": 0}
    judge_file(str(tmp_path / "cells.h5ad"), {}, given=given, options=options, output=str(tmp_path / "tables"))
    about = {"name": "cells", "given": given, "options": options, "command": "make judge"}
    build_pages(str(tmp_path / "tables"), about, output=str(tmp_path / "pages"))
    page = (tmp_path / "pages" / "x-bad.html").read_text()
    assert "failed its audit" in page and "hold NaN" in page


def test_embeddings_of_files_are_judged_beside_those_of_obsm(adata, tmp_path):
    frame = pd.DataFrame(adata.obsm["X_good"], index=adata.obs_names).sample(frac=1, random_state=0)
    frame.to_parquet(tmp_path / "mine.parquet")
    found = judged(adata, ["X_good"], files={"mine": str(tmp_path / "mine.parquet")}).tables["effect_sizes"]
    both = found[found["cell_type"].isna()].set_index("space")["auroc"]
    assert both["mine"] == pytest.approx(both["x-good"], abs=1e-9)


def test_cells_are_drawn_by_seed_and_id_whatever_their_order(adata):
    order = np.random.default_rng(0).permutation(adata.n_obs)
    one = judged(adata, ["X_good"], cells_per_type=20)
    other = judged(adata[order].copy(), ["X_good"], cells_per_type=20)
    for name in ("effect_sizes", "intervals"):
        pd.testing.assert_frame_equal(one.tables[name], other.tables[name])
    assert one.tables["spaces"].shape == other.tables["spaces"].shape
    assert not one.tables["effect_sizes"].equals(
        judged(adata, ["X_good"], cells_per_type=20, seed=1).tables["effect_sizes"]
    )


def test_blocks_change_no_result(adata, opinion):
    small = judged(adata, TWICE, twins=TWINS, cells_per_block=40)
    for name in ("effect_sizes", "neighbourhoods", "label_transfer"):
        pd.testing.assert_frame_equal(small.tables[name], opinion.tables[name])


def test_defaults_are_those_of_the_documentation():
    default = Options()
    assert (default.cells_per_type, default.seed, default.level) == (2000, 0, 0.95)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"obsm": ["X_god"]}, "no column 'X_god'.*X_good"),
        ({"obsm": []}, "no embedding to judge"),
        ({"cell_type": "kind"}, "no column 'kind'"),
        ({"counts": "layers/raw"}, "no column 'layers/raw'"),
        ({"min_cells": 1000}, "0 cell types have at least 1000 cells"),
        ({"measures": {"X_bad": "cosine"}}, "no embedding X_bad"),
        ({"twins": {"X_good": ("X_one", "X_two")}}, "no embedding X_one, X_two"),
    ],
)
def test_what_is_wrong_is_said(adata, changes, said):
    asked = {"cell_type": "cell_type", "batch": "batch", "obsm": ["X_good"], **FEW, **changes}
    with pytest.raises(StudyError, match=said):
        judge(adata, **asked)


def test_an_option_that_there_is_not_is_no_option(adata):
    with pytest.raises(TypeError, match="no option neigbours"):
        judged(adata, neigbours=3)
