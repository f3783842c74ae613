"""The whole study on generated data: what it leaves, what it says, and that it knows it is done."""

import html
import re
import shlex
import zipfile

import anndata as ad
import pandas as pd
import pytest

from rankstudy.measures.causes.tables import TABLES as TABLES_OF_CAUSES
from rankstudy.measures.changes.tables import TABLES as TABLES_OF_CHANGES
from rankstudy.measures.gates.gates import GATES_OF_CONTROLS
from rankstudy.spaces.catalogue import BUILT_IN
from tests.workflow import generate
from tests.workflow.harness import (
    DRIVER,
    ENVIRONMENTS,
    ROOT,
    contents,
    execute,
    files_below,
    job_logs,
    leftovers,
    snakemake,
)
from tests.workflow.smk import DOWNLOADS, METRIC_RULES, MODEL_RULES, RULES, TARGETS, TEXT_RULES
from tests.workflow.smk import FIGURES as DECLARED

DATASETS = ["marrow", "blood"]
OF_STUDY = ["answer", "settings_overview"]
FIGURES = [name for name in DECLARED if name != "metrics"]  # as tests/workflow/generate.py asks
SEEDS = [3, 5]
SPACES = generate.WITHOUT_MODELS
TABLES = [
    "pair_summaries",
    "effect_sizes",
    "outlier_types",
    "outlier_cells",
    "joint_distribution",
    "type_relations",
    "relations",
    "operating_points",
    "neighbourhoods",
    "batch_driven",
    "neighbour_cells",
    "neighbour_overlap",
    "label_transfer",
    "batch_pairs",
    "batches",
    "source_parts",
    "type_batches",
    "selection_report",
    "analysed_cells",
    "sparsity",
    "sparsity_by_type",
    "example_cell",
    "spaces",
    "gates",
    "specifications",
    "curves",
    "deciders",
    "curve_cells",
    "curve_omissions",
    "lattice",
    "lattice_steps",
    "ledger",
    "order_origin",
    *(table.name for table in (*TABLES_OF_CAUSES, *TABLES_OF_CHANGES)),
]
LARGE = {"marrow": ["../../B cell", "T cell", 'T cell <b>&"x"', "T-cell"], "blood": ["NA", "alpha", "beta"]}
SMALL = {"marrow": "Rare/Cell", "blood": "scarce"}

every_dataset = pytest.mark.parametrize("dataset", DATASETS)
every_seed = pytest.mark.parametrize("seed", SEEDS)


def table(full, dataset, name):
    return pd.read_parquet(full.results / dataset / "tables" / f"{name}.parquet")


@every_dataset
def test_every_file_is_there(full, dataset):
    expected = [f"{dataset}/tables/{name}.parquet" for name in TABLES]
    expected += [f"figures/{dataset}/{name}.{kind}" for name in FIGURES for kind in ("svg", "png")]
    expected += [f"figures/study/{name}.{kind}" for name in OF_STUDY for kind in ("svg", "png")]
    expected += [f"{dataset}/{seed}/spaces/{space}.h5ad" for seed in SEEDS for space in SPACES]
    expected += [
        f"{dataset}/cells.parquet",
        f"{dataset}/cell_types.tsv",
        "article/index.html",
        f"article/{dataset}.html",
    ]
    missing = [name for name in expected if not (full.results / name).is_file()]
    assert not missing
    empty = [name for name in files_below(full.results) if (full.results / name).stat().st_size == 0]
    assert not empty


# of embeddings: tests/workflow/test_brought.py
NOT_ASKED = {
    *("audit_embedding", "bring_embedding", "collect_audits", "collect_states", "describe_donors", "export_cells"),
    "tell_states",
}


def test_every_rule_ran_but_downloads_and_those_of_models(full):
    ran = {log.rule for log in job_logs(full.folder)}
    assert ran == set(RULES) - MODEL_RULES - METRIC_RULES - TEXT_RULES - DOWNLOADS - NOT_ASKED


def test_every_module_that_a_job_loads_is_in_its_digest(full):
    assert full.loaded.rules == {log.rule for log in job_logs(full.folder)}
    assert full.loaded.not_in_digests() == {}


def test_every_log_says_which_interpreter_ran_and_it_is_the_one_of_the_rules_environment(full):
    logs = job_logs(full.folder)
    assert len(logs) > 70
    for log in logs:
        assert log.environment == (ROOT / "envs" / RULES[log.rule].environment).read_text(), log.name


def test_every_job_has_a_benchmark_with_numbers(full):
    names = {name.removesuffix(".log") for name in files_below(full.folder / "logs")}
    benchmarks = full.results / "benchmarks"
    assert {name.removesuffix(".tsv") for name in files_below(benchmarks)} == names
    for name in files_below(benchmarks):
        measured = pd.read_csv(benchmarks / name, sep="\t")
        assert len(measured) == 1 and measured["s"].item() > 0, name


@every_dataset
@every_seed
def test_selection_says_what_was_left_out_and_why(full, dataset, seed):
    report = table(full, dataset, "selection_report").query("seed == @seed")
    outcome = {(r.cell_type, r.reason): r.n_cells for r in report.itertuples()}
    sizes = generate.MARROW_TYPES if dataset == "marrow" else generate.BLOOD_TYPES
    wanted = {(SMALL[dataset], f"type has fewer than min_cells = {generate.MIN_CELLS}"): sizes[SMALL[dataset]]}
    for name in LARGE[dataset]:
        usable = sizes[name] - (name == "T cell")  # one has no counts
        wanted[name, "selected"] = min(usable, generate.CELLS_PER_TYPE)
        if usable > generate.CELLS_PER_TYPE:
            reason = f"not drawn: more than cells_per_type = {generate.CELLS_PER_TYPE}"
            wanted[name, reason] = usable - generate.CELLS_PER_TYPE
    if dataset == "marrow":
        wanted["T cell", "no counts"] = 1
        wanted[None, "no cell type"] = generate.MARROW_UNLABELLED
    assert outcome == wanted
    assert report["n_cells"].sum() == sum(sizes.values()) + (generate.MARROW_UNLABELLED if dataset == "marrow" else 0)
    assert (report["selected"] == (report["reason"] == "selected")).all()


@every_seed
def test_a_cell_that_is_constant_on_the_selected_genes_is_dropped_and_listed(full, seed):
    cells = table(full, "marrow", "analysed_cells").query("seed == @seed")
    dropped = cells[~cells["used"]]
    assert dropped["cell_id"].tolist() == [f"marrow:{generate.CONSTANT}"]
    assert dropped["reason"].tolist() == ["all selected genes have the same value"]
    assert f"marrow:{generate.CONSTANT}" in (full.folder / f"logs/marrow/{seed}/keep_cells.log").read_text()
    for space in SPACES:
        held = set(ad.read_h5ad(full.results / f"marrow/{seed}/spaces/{space}.h5ad").obs_names)
        assert held == set(cells.loc[cells["used"], "cell_id"]), space


@every_dataset
@every_seed
def test_shards_hold_exactly_the_selected_cells_and_their_counts(full, data, dataset, seed):
    selection = pd.read_parquet(full.results / f"{dataset}/{seed}/selection.parquet")
    folder = full.results / f"{dataset}/{seed}/shards"
    assert {path.stem for path in folder.iterdir()} == set(selection["slug"])
    if dataset == "marrow":
        source = ad.read_h5ad(data / "marrow.h5ad").to_df("counts")
        kinds = ad.read_h5ad(data / "marrow.h5ad").obs["kind"]
    else:
        source = pd.read_csv(data / "blood.csv.gz", index_col=0).T
        kinds = pd.read_csv(data / "blood_labels.tsv", sep="\t", index_col=0, keep_default_na=False)["type"]
    for slug, chosen in selection.groupby("slug"):
        shard = ad.read_h5ad(folder / f"{slug}.h5ad")
        assert sorted(shard.obs_names) == sorted(chosen["cell_id"])
        names = [cell.split(":", 1)[1] for cell in shard.obs_names]
        assert shard.var_names.tolist() == generate.gene_names()
        assert (shard.to_df().to_numpy() == source.loc[names].to_numpy()).all()
        assert set(kinds.loc[names]) == set(chosen["cell_type"]) and len(set(chosen["cell_type"])) == 1


@every_dataset
def test_every_cell_in_a_table_is_a_cell_of_the_data(full, dataset):
    known = set(pd.read_parquet(full.results / dataset / "cells.parquet")["cell_id"])
    size = sum((generate.MARROW_TYPES if dataset == "marrow" else generate.BLOOD_TYPES).values())
    assert len(known) == size + (generate.MARROW_UNLABELLED if dataset == "marrow" else 0)
    checked = set()
    for name in TABLES:
        frame = table(full, dataset, name)
        # none of its encodings divides counts by medians
        assert set(frame["dataset"]) == ({dataset} if name != "order_origin" else set())
        for column in {"cell_id", "cell_a", "cell_b"} & set(frame.columns):
            assert set(frame[column]) <= known, (name, column)
            checked.add(name)
    of_cells = {"outlier_cells", "analysed_cells", "sparsity", "example_cell", "neighbour_cells", "order_origin"}
    assert checked == of_cells | {"unseen_change", "unseen_cell"}


@every_dataset
@every_seed
def test_summaries_cover_every_pair_of_types_and_every_pair_of_cells(full, dataset, seed):
    cells = table(full, dataset, "analysed_cells").query("seed == @seed and used")
    sizes = cells["cell_type"].value_counts()
    summaries = table(full, dataset, "pair_summaries").query("seed == @seed")
    assert set(summaries["space"]) == set(SPACES)
    n = len(sizes)
    for _, frame in summaries.groupby("space"):
        assert len(frame) == n * (n + 1) // 2
        assert frame["n"].sum() == len(cells) * (len(cells) - 1) // 2
        for row in frame.itertuples():
            a, b = sizes[row.type_a], sizes[row.type_b]
            assert row.n == (a * (a - 1) // 2 if row.type_a == row.type_b else a * b)


@every_dataset
def test_types_with_markers_are_told_apart(full, dataset):
    overall = table(full, dataset, "effect_sizes")
    overall = overall[overall["cell_type"].isna()]
    assert len(overall) == len(SPACES) * len(SEEDS)
    blind = [name for name in SPACES if BUILT_IN.spaces[name].role == "control" or name == "library-size"]
    assert (overall.loc[~overall["space"].isin(blind), "auroc"] > 0.7).all()


@every_dataset
@every_seed
def test_pairs_of_types_in_batches_are_all_pairs_too(full, dataset, seed):
    cells = table(full, dataset, "analysed_cells").query("seed == @seed and used")
    found = table(full, dataset, "batch_pairs").query("seed == @seed").groupby("space")["n"].sum()
    assert set(found.index) == set(SPACES) and (found == len(cells) * (len(cells) - 1) // 2).all()
    depth = table(full, dataset, "type_batches")
    assert depth["n_cells"].sum() == pd.read_csv(full.results / dataset / "cell_types.tsv", sep="\t")["n_cells"].sum()


@every_dataset
def test_the_first_seed_has_specification_curves_of_every_encoding_over_genes(full, dataset):
    specified, cells = table(full, dataset, "specifications"), table(full, dataset, "curve_cells")
    assert set(specified["seed"]) == {SEEDS[0]} and cells["seed"].tolist() == SEEDS[:1]
    assert set(zip(specified["space"], specified["reference"], strict=True)) == {
        (name, "expression") for name in ("rank", "detection", "bento-sc-order")
    }
    # their genes are not human ones
    omitted = table(full, dataset, "curve_omissions")
    assert ("panel", "shared") in set(zip(omitted["part"], omitted["what"], strict=True))
    assert set(specified["panel"]) == {"selected"} and set(specified["depth"]) == {"as measured", "one total"}
    assert cells["cells"].item() + cells["below_total"].item() + cells["undefined"].item() == cells["drawn"].item()
    assert set(table(full, dataset, "deciders")["part"]) == {"measure", "centred", "depth"}


def test_another_declared_setting_changes_no_table(full, tmp_path):
    declared = {"centred": True, "depth": "one total", "reason": "another one"}
    settings = {"also": [], "declared": declared}
    study = generate.write_study(tmp_path, ontology={"release": "tiny"}, settings=settings)
    run = snakemake("-n", "tables", "--configfile", study, directory=full.folder)
    assert run.nothing_to_do, run.tail
    run = snakemake("-n", "--configfile", study, directory=full.folder)
    assert run.ok and set(run.counts) - set(TARGETS) <= {"draw_figure", "write_article"}, run.tail
    assert "write_article" in run.counts, run.tail


@every_dataset
@every_seed
def test_every_gate_was_checked_and_holds(full, dataset, seed):
    gates = table(full, dataset, "gates").query("seed == @seed")
    assert set(gates["gate"]) == {gate.name for gate in GATES_OF_CONTROLS} and gates["passed"].all()
    log = (full.folder / f"logs/{dataset}/check_gates.log").read_text()
    # by AUROC, and by two shares of two neighbourhoods
    assert log.count("random vectors are at chance") == len(SEEDS) * (1 + 2 * 2)


@every_dataset
def test_neighbours_are_of_the_own_type_more_often_than_by_chance(full, dataset):
    near = table(full, dataset, "neighbourhoods").query("relation == 'own'")
    own = near[near["cell_type"].isna()].groupby(["seed", "space", "k"])[["share", "expected"]].sum()
    assert len(own) == len(SEEDS) * len(SPACES) * 2
    telling = own[own.index.isin(["rank", "expression", "expression-pca"], level="space")]
    assert len(telling) == len(SEEDS) * 3 * 2 and (telling["share"] > 1.2 * telling["expected"]).all()


def test_types_that_the_file_groups_are_counted_as_similar(full):
    related = table(full, "blood", "type_relations").query("relation == 'similar'")
    assert related[["type_a", "type_b"]].values.tolist() == [["alpha", "beta"]]
    for name in ("relations", "neighbourhoods"):
        of_type = table(full, "blood", name).query("relation == 'similar'").groupby("cell_type")["expected"].max()
        assert of_type["alpha"] > 0 and of_type["beta"] > 0 and of_type["NA"] == 0
        # types without a term are of unknown relation, never other ones
        assert {"own", "similar", "unknown"} <= set(table(full, "marrow", name)["relation"])


def test_the_source_files_are_untouched_and_an_unselected_data_set_is_not_even_read(full):
    assert contents(full.folder / "data") == full.data_before
    assert not [name for name in files_below(full.folder) if "unused" in name and not name.startswith("config/")]


def test_labels_never_decide_where_a_file_goes(full):
    allowed = re.compile(r"[A-Za-z0-9._=@-]+(/[A-Za-z0-9._=@-]+)*")
    assert all(allowed.fullmatch(name) for name in files_below(full.results))
    shards = {path.stem for path in (full.results / "marrow/3/shards").iterdir()}
    assert len(shards) == 4 and {"b-cell", "t-cell-b-x"} <= shards
    assert not [path for path in full.folder.parent.iterdir() if path != full.folder]


def test_no_temporary_file_is_left(full):
    assert leftovers(full.results) == []


def test_labels_are_escaped_in_figures_and_article(full):
    pages = [path.read_text() for path in (full.results / "article").glob("*.html")]
    drawn = (full.results / "figures/marrow/cells_per_type.svg").read_text()
    assert len(pages) == len(DATASETS) + 2
    for text in (*pages, drawn):
        assert "<b>&" not in text
        assert '<script>alert("x")' not in text


def printed(full, key):
    """Return the words of a command that the article prints, with the path of the folder that it calls by its name."""
    said = pd.read_parquet(full.results / "article/run.parquet").set_index("key")["value"]
    assert said["command.elsewhere"] == full.folder.name
    words = shlex.split(said[key])
    assert words.count(full.folder.name) == 1 and f"{full.folder.name}/{full.study.name}" in words
    assert (
        words[0] == "snakemake"
        and f">{html.escape(said[key])}</data>" in (full.results / "article/methods.html").read_text()
    )
    return [re.sub(f"^{full.folder.name}(?=$|/)", str(full.folder), word) for word in words[1:]]


def test_the_printed_command_finds_that_everything_is_done(full, record_property):
    run = execute([DRIVER / "snakemake", *printed(full, "command"), "--conda-prefix", ENVIRONMENTS], cwd=ROOT)
    assert run.nothing_to_do, run.tail
    record_property("seconds", round(run.seconds, 1))
    print(f"a run with nothing to do took {run.seconds:.1f} s")
    assert run.seconds < 15


def test_similar_types_are_those_of_the_ontology_and_labels_without_a_term_are_unknown(full):
    found = table(full, "marrow", "type_relations").set_index(["type_a", "type_b"])
    assert found.loc[("../../B cell", "T cell"), ["relation", "basis"]].tolist() == ["similar", "ontology"]
    assert found.loc[("Rare/Cell", "T cell"), "relation"] == "other"
    assert found.loc[("T cell", "T-cell"), ["relation", "basis"]].tolist() == ["unknown", "unmapped"]
    suggested = table(full, "marrow", "ontology_suggestions")
    assert suggested[["cell_type", "found_by"]].values.tolist() == [["T-cell", "name"], ["T-cell", "synonym"]]
    by_hand = table(full, "blood", "type_relations").set_index(["type_a", "type_b"])["basis"]
    assert by_hand["alpha", "beta"] == "by hand" and by_hand["NA", "alpha"] == "unmapped"


@pytest.mark.parametrize("target", TARGETS)
def test_targets_are_done_too(full, target):
    run = snakemake("-n", target, "--configfile", full.study, directory=full.folder)
    assert run.nothing_to_do, run.tail


def test_the_printed_command_of_the_report_packs_every_figure(full, tmp_path):
    archive = tmp_path / "report.zip"
    words = [str(archive) if word == "report.zip" else word for word in printed(full, "command.report")]
    run = execute([DRIVER / "snakemake", *words], cwd=ROOT)
    assert run.ok, run.tail
    with zipfile.ZipFile(archive) as file:
        names = file.namelist()
        page = file.read(next(name for name in names if name.endswith("report.html"))).decode()
        (index,) = [name for name in names if name.endswith("/index.html")]
        linked = set(re.findall(r'href="(\w+\.html)', file.read(index).decode()))
    for dataset in DATASETS:
        for figure in FIGURES:
            assert f"figures/{dataset}/{figure}.svg" in page
    svgs = [name for name in names if name.endswith(".svg")]
    # and those of all data sets: the answer, and the settings
    assert len(svgs) == len(DATASETS) * len(FIGURES) + len(OF_STUDY)
    # pages that link each other lie in one folder there too
    assert linked == {f"{page}.html" for page in ("methods", *DATASETS)}
    assert {index.replace("index.html", name) for name in linked} <= set(names)
