"""Form of the rules: what each must declare, how long files may be, and the checks of Snakemake's own tools."""

import ast
import sys
from pathlib import Path

import pytest

from tests.workflow.harness import DRIVER, ROOT, execute
from tests.workflow.smk import RULE_FILES, RULES, SNAKEFILE, TARGETS

SCRIPTS = sorted((ROOT / "workflow" / "scripts").glob("*.py"))
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


def test_there_are_rules_and_targets():
    assert {"index_cells", "select_cells", "compare_block", "evaluate", "draw_figure"} <= set(RULES)
    assert set(TARGETS) == {"all", "shards", "tables", "figures"}


@every_rule
def test_rule_declares_everything(rule):
    needed = {"output", "log", "benchmark", "conda", "threads", "resources", "params", "script"}
    assert needed <= set(rule.directives), f"{rule.name} lacks {needed - set(rule.directives)}"
    assert rule.docstring.endswith((".", "!")) and len(rule.docstring) > 20
    for directive in ("input", "output", "params", "resources"):
        items = [
            item for item in rule.items(directive) if not item.startswith("unpack(")
        ]  # of a function that names them
        unnamed = [item for item in items if "=" not in item.split("(")[0]]
        assert not unnamed, f"{rule.name}: {directive} without a name: {unnamed}"
    assert {"mem_mb", "runtime"} <= {item.split("=")[0] for item in rule.items("resources")}
    assert "code" in {item.split("=")[0] for item in rule.items("params")}


@every_rule
def test_rule_has_its_own_script_log_and_benchmark(rule):
    assert rule.directives["script"].strip() == f'"../scripts/{rule.name}.py"'
    log = rule.directives["log"].strip().strip('",').removeprefix("logs/").removesuffix(".log")
    benchmark = rule.directives["benchmark"].strip().strip('"').removeprefix("results/benchmarks/")
    assert benchmark == f"{log}.tsv"
    assert rule.name in log.split("/")


@every_rule
def test_rule_names_an_environment_and_modules_that_exist(rule):
    assert (ROOT / "envs" / rule.environment).is_file()
    assert "rankstudy.run.job" in rule.modules
    script = (ROOT / "workflow" / "scripts" / f"{rule.name}.py").read_text()
    used = {name for name in _imported(script) if name.startswith("rankstudy.")}
    assert used <= rule.modules, "the script imports a module that the rule's `code` does not name"


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_target_is_described_and_does_nothing_itself(target):
    assert target.docstring
    assert set(target.directives) <= {"input", "default_target"}
    assert all("=" in item for item in target.items("input"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_script_is_a_few_lines_that_call_the_package(script):
    text = script.read_text()
    assert len(text.splitlines()) <= 40
    packages = {name.split(".")[0] for name in _imported(text)} - set(sys.stdlib_module_names)
    assert packages == {"rankstudy"}
    assert script.stem in RULES, "no rule uses this script"


@pytest.mark.parametrize(
    ("path", "lines"), [(SNAKEFILE, 64), *((path, 300) for path in RULE_FILES)], ids=lambda v: getattr(v, "name", None)
)
def test_files_of_rules_are_short(path, lines):
    assert len(path.read_text().splitlines()) <= lines


def test_every_file_of_rules_opens_with_a_comment():
    assert all(path.read_text().startswith("# ") for path in RULE_FILES)


def test_snakemake_lint_is_clean():
    run = execute([DRIVER / "snakemake", "--lint"], cwd=ROOT)
    assert run.ok, run.tail


def test_snakefmt_would_change_nothing():
    run = execute([Path(sys.executable).parent / "snakefmt", "--check", "Snakefile", "workflow"], cwd=ROOT)
    assert run.ok, run.tail


def _imported(text):
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
    return names


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_params_that_need_the_cell_types_have_their_table_as_input(rule):
    # where a job runs by itself, as on a cluster, Snakemake finds the checkpoint by it
    if "types_of_" in rule.directives["params"]:
        assert "cell_types.tsv" in rule.directives["input"], rule.name
